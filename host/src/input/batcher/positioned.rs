//! A file of lines in; out where its next batch lies, before it is read: so that the worker that has the batch
//! reads it, while the next one is sought.
//!
//! One look at a line end shows whether it stands between two documents (`boundary`). Where the last bytes
//! that a batch may have show one, they show the one that a search through all of them would find.

use std::io;

use super::{Batch, Batcher, Chunk, HEAD, Lines, Piece, State, TAIL, boundary};
use crate::input::BatchBuffer;
use crate::input::open::describe;
use crate::input::raw::{Reader, SeekableFile};

/// Bytes that are looked at. Records that are larger are cut as those of a stream.
const WINDOW: usize = 16 << 10;

/// Where a batch lies in a file.
pub struct PositionedBatch {
    file: SeekableFile,
    gap: Lines,
    offset: u64,
    length: usize,
}

/// A part of a file that couldn't be read once it was known where it ends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {bytes} bytes are not judged")]
pub struct Lost {
    /// The byte of the file where it begins.
    pub offset: u64,
    /// How large it is.
    pub bytes: usize,
    reason: String,
}

impl Batcher<Reader> {
    /// The place of the next batch, if this is a file and its bytes there show where that ends. The
    /// batcher goes on behind it.
    pub fn next_position(&mut self) -> Option<PositionedBatch> {
        let Reader::File(file) = &mut self.reader else { return None };
        if !matches!(self.state, State::Top) || self.ended.is_some() {
            return None;
        }
        let (offset, most) = (self.offset, self.sizes.batch);
        let length = end_within(file, offset, most)?;
        // It is read again, from the file.
        self.carry.clear();
        self.offset += length as u64;
        file.go_to(self.offset);
        Some(PositionedBatch {
            file: file.clone(),
            gap: std::mem::take(&mut self.gap),
            offset,
            length,
        })
    }
}

/// How long a batch of at most so many bytes is, if the last of them show it.
fn end_within(file: &mut SeekableFile, offset: u64, most: usize) -> Option<usize> {
    let before = most.checked_sub(WINDOW)?;
    let mut last = [0; WINDOW];
    let read = file.read_at(&mut last, offset + before as u64);
    let end = boundary::last(read.is_ok_and(|read| read == WINDOW).then_some(&last)?, 0)?;
    Some(before + end)
}

impl PositionedBatch {
    /// Reads the batch into `buffer`, and what is lost behind it if the file doesn't give all of it.
    ///
    /// # Errors
    /// [`Lost`] if there is nothing of the batch at all.
    pub fn read(self, buffer: &mut impl BatchBuffer) -> Result<(Chunk, Option<Lost>), Lost> {
        let PositionedBatch { file, gap, offset, length } = self;
        let lost = |have: usize, reason: String| Lost {
            offset: offset + have as u64,
            bytes: length - have,
            reason,
        };
        // As much as the stream's way takes, so that the buffer doesn't grow by and by.
        let ample = HEAD + length.next_multiple_of(WINDOW) + TAIL;
        let space = match buffer.reserve(ample) {
            Ok(buffer) => buffer.get_mut(HEAD..HEAD + length).unwrap_or_default(),
            Err(error) => return Err(lost(0, error.to_string())),
        };
        let mut have = 0;
        let mut lost = loop {
            let rest = space.get_mut(have..).unwrap_or_default();
            if rest.is_empty() {
                break None;
            }
            match file.read_at(rest, offset + have as u64) {
                Ok(0) => break Some(lost(have, "the file has become shorter".to_owned())),
                Ok(read) => have += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(lost(have, describe(&error))),
            }
        };
        if have == 0
            && let Some(lost) = lost.take()
        {
            return Err(lost);
        }
        let original = HEAD..HEAD + have;
        let batch = Batch { range: original.clone(), original, offset };
        Ok((Chunk { gap, piece: Piece::Batch(batch), is_last: false }, lost))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;
    use std::sync::atomic::Ordering;

    use super::super::tests::known_keys;
    use super::super::{Batcher, Piece, Sizes};
    use super::WINDOW;
    use crate::input::arguments::Input;
    use crate::input::open::{Inflater, Progress, Reader, Text, open};

    const SIZES: Sizes = Sizes { batch: 2 * WINDOW, whole: 4 * WINDOW, record: 64 * WINDOW };

    fn batcher(path: &Path, progress: &Progress) -> Batcher<Reader> {
        let (progress, input) = (progress.clone(), Input::File(path.to_owned()));
        let mut buffer = Vec::new();
        let opened = open(&input, progress, &mut Inflater::default(), &mut buffer, SIZES).unwrap();
        match opened.text {
            Text::Stream(reader) => {
                Batcher::new(reader, opened.offset, opened.live, SIZES, &known_keys())
            }
            Text::Buffered(_) => panic!("it isn't compressed"),
        }
    }

    fn bytes(piece: &Piece, buffer: &[u8]) -> Vec<u8> {
        match piece {
            Piece::Batch(batch) => buffer[batch.original.clone()].to_vec(),
            Piece::Refused { .. } => panic!("{piece:?}"),
        }
    }

    #[test]
    fn batches_are_those_of_the_stream_in_whatever_order_they_are_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        // Some records are larger than what is looked at.
        for number in 0..20_000 {
            let filler = if number % 2_000 == 1_999 { 3 * WINDOW } else { number % 37 };
            writeln!(file, "{{\"{number}\":\"{}\"}}", "x".repeat(filler)).unwrap();
        }
        let mut buffer = Vec::new();
        let text = std::fs::read(file.path()).unwrap();
        let mut stream = Batcher::new(text.as_slice(), 0, false, SIZES, &known_keys());
        let mut expected = Vec::new();
        while let Some(chunk) = stream.next(&mut buffer).unwrap() {
            expected.push(bytes(&chunk.piece, &buffer));
        }

        let progress = Progress::default();
        let mut batcher = batcher(file.path(), &progress);
        let mut found = Vec::new();
        let mut later = Vec::new();
        loop {
            if let Some(positioned) = batcher.next_position() {
                later.push((found.len(), positioned));
                found.push(Vec::new());
            } else if let Some(chunk) = batcher.next(&mut buffer).unwrap() {
                found.push(bytes(&chunk.piece, &buffer));
            } else {
                break;
            }
        }
        assert!(later.len() > 2 && later.len() + 2 < found.len(), "both ways are taken");
        for (at, positioned) in later.into_iter().rev() {
            let (chunk, lost) = positioned.read(&mut buffer).unwrap();
            assert_eq!(lost, None);
            found[at] = bytes(&chunk.piece, &buffer);
        }
        assert!(found == expected);
        assert_eq!(progress.load(Ordering::Relaxed), text.len() as u64);
        assert_eq!(batcher.offset(), text.len() as u64);
    }

    #[test]
    fn what_a_file_has_lost_since_is_reported() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all("{\"a\":1}\n".repeat(WINDOW).as_bytes()).unwrap();
        let progress = Progress::default();
        let mut batcher = batcher(file.path(), &progress);
        let batches = [batcher.next_position().unwrap(), batcher.next_position().unwrap()];
        file.as_file().set_len(80).unwrap();
        let mut buffer = Vec::new();
        let [first, second] = batches.map(|positioned| positioned.read(&mut buffer));
        let (chunk, lost) = first.unwrap();
        assert!(matches!(chunk.piece, Piece::Batch(batch) if batch.original.len() == 80));
        let lost = lost.unwrap();
        assert_eq!(
            (lost.offset, 80 + lost.bytes as u64),
            (80, second.as_ref().unwrap_err().offset)
        );
        let expected = format!("the file has become shorter; {} bytes are not judged", lost.bytes);
        assert_eq!(lost.to_string(), expected);
        assert!(second.is_err());
    }
}
