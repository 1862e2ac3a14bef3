//! A small gzip file in, its text in the buffer out, inflated at one go; or the bytes read of it, to be
//! inflated as a stream.
//!
//! Going at it whole is twice as fast as a stream, and the text is written once, where it is judged.
//! It is for files that plainly are one member of plain text that makes one batch. All others are a
//! stream's matter, with the errors that it finds: several members, damage, bytes behind the end,
//! several batches, compressed or foreign content.
//!
//! The decoder here says whether a member is sound (its CRC-32 and length are checked), but not where
//! it ended; what stands behind must not be lost in silence. The member's last four bytes are its
//! length. So where the four bytes of that length stand at the very end of the file and nowhere before,
//! there the member ends.
//!
//! It is more lenient than the stream in one point: symbols that RFC 1951 says never occur (a length of
//! 286, a distance of 30) are damage to the stream. Here they are read as the ones before them, and
//! what follows is judged, if length and CRC-32 agree.

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use libdeflater::Decompressor;
use memchr::memmem;

use super::BatchBuffer;
use super::batcher::{Sizes, is_lines, is_one_batch, space};
use super::content_type::{self, ContentType, START};

/// Files of more bytes than this are streamed: they would lie in memory.
const LARGEST: u64 = 4 << 20;

/// Bytes of a member's header, as far as all have it (RFC 1952, 2.3).
const HEADER: usize = 10;

/// The flag of a header that is followed by a file's name (RFC 1952, 2.3.1).
const NAME: u8 = 1 << 3;

/// No text is longer than so many times its packed form: 258 bytes come of two bits at best.
const RATIO: usize = 4 * 258;

/// Inflates files, one after the other, with what it keeps for that.
pub struct Inflater {
    decompressor: Decompressor,
    /// Begins with the bytes of the file that have been read.
    packed: Vec<u8>,
}

/// What came of a file.
pub(super) enum Inflated {
    /// One batch of so many bytes of plain text, which is in the buffer, at its [`space`].
    Batch(usize),
    /// A stream's matter, which begins with these bytes of the file.
    Not(Vec<u8>),
}

impl Default for Inflater {
    fn default() -> Inflater {
        Inflater { decompressor: Decompressor::new(), packed: Vec::new() }
    }
}

impl Inflater {
    /// Inflates a file of `size` bytes if it is one for this way.
    pub(super) fn inflate(
        &mut self,
        file: &mut impl Read,
        size: u64,
        buffer: &mut impl BatchBuffer,
        sizes: Sizes,
    ) -> Inflated {
        let (have, ended) = self.read(file, size);
        match ended.then(|| self.batch(have, buffer, sizes)).flatten() {
            Some(length) => Inflated::Batch(length),
            None => {
                let mut packed = std::mem::take(&mut self.packed);
                packed.truncate(have);
                Inflated::Not(packed)
            }
        }
    }

    /// Reads the file as far as it may be one for this way; how many bytes, and whether these are all.
    fn read(&mut self, file: &mut impl Read, size: u64) -> (usize, bool) {
        let size = match usize::try_from(size) {
            Ok(bytes) if size <= LARGEST => bytes,
            _ => return (0, false),
        };
        let (have, ended) = self.read_to(file, 0, START);
        if ended || !is_plain_header(self.packed.get(..have).unwrap_or_default()) {
            return (have, ended);
        }
        // One byte more shows whether it has grown.
        self.read_to(file, have, size.saturating_add(1))
    }

    fn read_to(&mut self, file: &mut impl Read, mut have: usize, want: usize) -> (usize, bool) {
        if self.packed.len() < want {
            self.packed.resize(want, 0);
        }
        while let Some(space) = self.packed.get_mut(have..want).filter(|space| !space.is_empty()) {
            match file.read(space) {
                Ok(0) => return (have, true),
                Ok(read) => have += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It shows again at the next read.
                Err(_) => break,
            }
        }
        (have, false)
    }

    /// Inflates the file whose bytes have been read; the length of its text.
    fn batch(&mut self, have: usize, buffer: &mut impl BatchBuffer, sizes: Sizes) -> Option<usize> {
        let packed = self.packed.get(..have).filter(|packed| is_plain_header(packed))?;
        let length = length_at_the_very_end(packed.get(HEADER..)?)?;
        // What only claims to be large takes no memory.
        if length > sizes.whole || length > packed.len().saturating_mul(RATIO) {
            return None;
        }
        if length > sizes.batch && begins_with_lines(&mut self.decompressor, packed) {
            return None;
        }
        let text = space(buffer, length, sizes).ok()?;
        let inflated = self.decompressor.gzip_decompress(packed, text).ok()?;
        let start = text.get(..length.min(START))?;
        let is_plain = matches!(content_type::detect(start), ContentType::Text { mark: 0 });
        (inflated == length && is_plain && is_one_batch(text, sizes)).then_some(length)
    }
}

/// Whether the text's start shows that it is more than one batch. It may be so nonetheless, and take
/// the time of inflating it twice.
fn begins_with_lines(decompressor: &mut Decompressor, packed: &[u8]) -> bool {
    let mut start = [0; START];
    // There is no place for all of it, which is an error; what came before it is there.
    let _ = decompressor.gzip_decompress(packed, &mut start);
    is_lines(&start)
}

/// Whether a member begins so, with no field that is rare or wants to be checked.
fn is_plain_header(start: &[u8]) -> bool {
    match start {
        [0x1f, 0x8b, 8, 0, ..] => true,
        [0x1f, 0x8b, 8, NAME, _, _, _, _, _, _, rest @ ..] => {
            rest.get(..START.min(rest.len())).unwrap_or_default().contains(&0)
        }
        _ => false,
    }
}

/// The number in the last four bytes, if these four don't stand anywhere before, too.
fn length_at_the_very_end(bytes: &[u8]) -> Option<usize> {
    let (before, last) = bytes.split_last_chunk::<4>()?;
    let only = memmem::find(bytes, last) == Some(before.len());
    only.then(|| usize::try_from(u32::from_le_bytes(*last)).ok()).flatten()
}
