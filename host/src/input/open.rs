//! An input in, its decompressed text out, as a stream or in the buffer already, or the reason why there is
//! none.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::BatchBuffer;
use super::arguments::Input;
use super::batcher::Sizes;
use super::container;
use super::content_type::{self, CLOSELY, ContentType, ENOUGH, START};
use super::inflate::Inflated;
use super::raw::{Raw, SeekableFile};

pub use super::inflate::Inflater;
pub use super::raw::{Progress, Reader};

/// Compressions inside each other that are followed.
const LAYERS: usize = 4;

/// A text, and what is known of it.
pub struct Opened {
    /// Its bytes, without a byte order mark.
    pub text: Text,
    /// Bytes before the first one of the text.
    pub offset: u64,
    /// Bytes come when somebody writes them.
    pub live: bool,
    /// How it is compressed.
    pub compression: Option<&'static str>,
}

/// Where the bytes of a text are.
pub enum Text {
    /// They come when they are read.
    Stream(Reader),
    /// So many are in the buffer, as one batch, and there are no more.
    Buffered(usize),
}

/// Why an input can't be read.
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
    /// It is to be read as a whole, and has more bytes than that may have.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
}

/// Opens an input. `progress` counts the bytes read from it; a text that `inflater` can have at one go is
/// in `buffer` then.
///
/// # Errors
/// [`OpenError`]; nothing of the input has been judged then.
pub fn open(
    input: &Input,
    progress: Progress,
    inflater: &mut Inflater,
    buffer: &mut impl BatchBuffer,
    sizes: Sizes,
) -> Result<Opened, OpenError> {
    let mut raw = match input {
        Input::Stdin => Raw::stdin(progress)?,
        Input::File(path) => Raw::file(path, progress)?,
    };
    let Some((file, size)) = raw.file.clone() else {
        let live = raw.live;
        return stream(Box::new(raw), live);
    };
    match inflater.inflate(&mut raw, size, buffer, sizes) {
        Inflated::Batch(length) => {
            let text = Text::Buffered(length);
            Ok(Opened { text, offset: 0, live: false, compression: Some("gzip") })
        }
        Inflated::Not(start) => {
            let mut file = SeekableFile::new(file, &raw);
            if let Some(advice) = container::advice(&file, size) {
                return Err(OpenError::Foreign(advice));
            }
            match mark_of_text(&file, size, sizes) {
                Some(mark) => {
                    file.go_to(mark);
                    let text = Text::Stream(Reader::File(file));
                    Ok(Opened { text, offset: mark, live: false, compression: None })
                }
                None => stream(Box::new(Cursor::new(start).chain(raw)), false),
            }
        }
    }
}

/// The whole text of an input that is to be looked at at once.
///
/// # Errors
/// [`OpenError`]; also for a text of more bytes than `most`.
pub fn read_whole(input: &Input, most: u64) -> Result<Vec<u8>, OpenError> {
    let progress = Progress::default();
    let raw = match input {
        Input::Stdin => Raw::stdin(progress)?,
        Input::File(path) => Raw::file(path, progress)?,
    };
    let live = raw.live;
    let Opened { text: Text::Stream(reader), compression, .. } = stream(Box::new(raw), live)?
    else {
        return Ok(Vec::new());
    };
    let mut text = Vec::new();
    let read = reader.take(most.saturating_add(1)).read_to_end(&mut text);
    read.map_err(|error| match compression {
        Some(compression) => OpenError::Damaged { compression, error },
        None => OpenError::Io(error),
    })?;
    match text.len() as u64 > most {
        true => Err(OpenError::TooLarge(most)),
        false => Ok(text),
    }
}

/// Follows the compressions of a stream down to its text.
fn stream(mut reader: Box<dyn Read + Send>, live: bool) -> Result<Opened, OpenError> {
    let mut compression = None;
    for _ in 0..=LAYERS {
        let start = start(&mut reader).map_err(|error| match compression {
            Some(compression) => OpenError::Damaged { compression, error },
            None => OpenError::Io(error),
        })?;
        let kind = content_type::detect(&start);
        let mut start = Cursor::new(start);
        match kind {
            ContentType::Text { mark } => {
                start.set_position(mark as u64);
                let text = Text::Stream(Reader::Stream(Box::new(start.chain(reader))));
                return Ok(Opened { text, offset: mark as u64, live, compression });
            }
            ContentType::Gzip => {
                compression = Some("gzip");
                reader = Box::new(MultiGzDecoder::new(start.chain(reader)));
            }
            ContentType::Zstd => {
                compression = Some("zstd");
                reader = Box::new(zstd::stream::read::Decoder::new(start.chain(reader))?);
            }
        }
    }
    Err(OpenError::TooManyLayers)
}

/// The length of the byte order mark of a file, none or not, if it is text and more than one batch.
fn mark_of_text(file: &SeekableFile, size: u64, sizes: Sizes) -> Option<u64> {
    let mut start = [0; START];
    let is_larger = size > sizes.batch.max(START) as u64;
    let read = is_larger.then(|| file.read_at(&mut start, 0))?.ok()?;
    match content_type::detect(start.get(..read).filter(|start| start.len() == START)?) {
        ContentType::Text { mark } => Some(mark as u64),
        _ => None,
    }
}

/// The first bytes: what comes at once, and at least [`ENOUGH`] if there are so many.
fn start(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = vec![0; START];
    let mut have = 0;
    // What may be compressed is looked at more closely.
    while have < ENOUGH || have < CLOSELY && !is_uncompressed(start.get(..have)) {
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

fn is_uncompressed(start: Option<&[u8]>) -> bool {
    start.is_some_and(|start| matches!(content_type::detect(start), ContentType::Text { .. }))
}

/// The operating system's words without its numbers.
pub(crate) fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}
