//! A place in, a stream of decompressed text out, or the reason why there is none.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::arguments::Place;
use super::raw::Raw;
use super::sniff::{self, ENOUGH, Kind};

pub use super::raw::Progress;

/// Compressions inside each other that are followed.
const LAYERS: usize = 4;

/// Bytes that are looked at to recognise a stream, if so many come at once.
const START: usize = 8 << 10;

/// A stream of text.
pub struct Stream {
    /// Its bytes, without a byte order mark.
    pub reader: Box<dyn Read + Send>,
    /// Bytes before the first one that the reader gives.
    pub offset: u64,
    /// Bytes come when somebody writes them.
    pub live: bool,
    /// How it is compressed.
    pub compression: Option<&'static str>,
}

/// Why a place can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The operating system says no.
    #[error("{}", describe(.0))]
    Io(#[from] io::Error),
    /// The compressed stream is damaged from its first bytes on.
    #[error("the {compression} stream is damaged or cut off: {error}")]
    Damaged {
        /// How it is compressed.
        compression: &'static str,
        /// What is wrong.
        error: io::Error,
    },
    /// It holds no text.
    #[error("{0}")]
    Foreign(&'static str),
    /// It is compressed again and again.
    #[error("compressed more than {LAYERS} times over")]
    TooManyLayers,
}

/// Opens a place. `progress` counts the bytes read from it.
///
/// # Errors
/// [`OpenError`]; nothing of the place has been judged then.
pub fn open(place: &Place, progress: Progress) -> Result<Stream, OpenError> {
    let raw = match place {
        Place::Stdin => Raw::stdin(progress)?,
        Place::File(path) => Raw::file(path, progress)?,
    };
    let live = raw.live;
    let mut reader: Box<dyn Read + Send> = Box::new(raw);
    let mut compression = None;
    for _ in 0..=LAYERS {
        let start = start(&mut reader).map_err(|error| match compression {
            Some(compression) => OpenError::Damaged { compression, error },
            None => OpenError::Io(error),
        })?;
        let kind = sniff::kind(&start);
        let mut start = Cursor::new(start);
        match kind {
            Kind::Text { mark } => {
                start.set_position(mark as u64);
                let reader = Box::new(start.chain(reader));
                return Ok(Stream { reader, offset: mark as u64, live, compression });
            }
            Kind::Gzip => {
                compression = Some("gzip");
                reader = Box::new(MultiGzDecoder::new(start.chain(reader)));
            }
            Kind::Zstd => {
                compression = Some("zstd");
                reader = Box::new(zstd::stream::read::Decoder::new(start.chain(reader))?);
            }
            Kind::Foreign(advice) => return Err(OpenError::Foreign(advice)),
        }
    }
    Err(OpenError::TooManyLayers)
}

/// The first bytes: what comes at once, and at least [`ENOUGH`] if there are so many.
fn start(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = vec![0; START];
    let mut have = 0;
    while have < ENOUGH {
        match reader.read(start.get_mut(have..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => have += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What came before the damage is worth judging; it shows again at the next read.
            Err(_) if have > 0 => break,
            Err(error) => return Err(error),
        }
    }
    start.truncate(have);
    Ok(start)
}

/// The operating system's words without its numbers.
pub(crate) fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}
