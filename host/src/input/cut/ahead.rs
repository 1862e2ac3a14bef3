//! A file of lines in, where its next batch lies out, before it is read: so that whoever has the batch
//! reads it, while the next one is sought.
//!
//! A place between two documents is told by one look at a line end (`boundary`). Where the last bytes
//! that a batch may have show one, they show the one that a search through all of them would find.

use std::io;

use super::{Batch, Cut, Cutter, HEAD, Lines, Piece, State, TAIL, boundary};
use crate::input::Room;
use crate::input::open::describe;
use crate::input::raw::{Reader, Whole};

/// Bytes that are looked at. Records that are larger are cut as those of a stream.
const WINDOW: usize = 16 << 10;

/// Where a batch lies in a file.
pub struct Ahead {
    file: Whole,
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

impl Cutter<Reader> {
    /// The place of the next batch, if this is a file and its bytes there show where that ends. The
    /// cutter goes on behind it.
    pub fn ahead(&mut self) -> Option<Ahead> {
        let Reader::Whole(file) = &mut self.reader else { return None };
        if !matches!(self.state, State::Top) || self.ended.is_some() {
            return None;
        }
        let before = self.sizes.batch.checked_sub(WINDOW)?;
        let mut window = [0; WINDOW];
        let read = file.read_at(&mut window, self.offset + before as u64);
        let end = boundary::last(read.is_ok_and(|read| read == WINDOW).then_some(&window)?, 0)?;
        let (offset, length) = (self.offset, before + end);
        // It is read again, from the file.
        self.carry.clear();
        self.offset += length as u64;
        file.go_to(self.offset);
        Some(Ahead { file: file.clone(), gap: std::mem::take(&mut self.gap), offset, length })
    }
}

impl Ahead {
    /// Reads the batch into `room`, and what is lost behind it if the file doesn't give all of it.
    ///
    /// # Errors
    /// [`Lost`] if there is nothing of the batch at all.
    pub fn read(self, room: &mut impl Room) -> Result<(Cut, Option<Lost>), Lost> {
        let Ahead { file, gap, offset, length } = self;
        let lost = |have: usize, reason: String| Lost {
            offset: offset + have as u64,
            bytes: length - have,
            reason,
        };
        // As much as the stream's way takes, so that the room doesn't grow by and by.
        let ample = HEAD + length.next_multiple_of(WINDOW) + TAIL;
        let space = match room.room(ample) {
            Ok(room) => room.get_mut(HEAD..HEAD + length).unwrap_or_default(),
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
        Ok((Cut { gap, piece: Piece::Batch(batch), is_last: false }, lost))
    }
}
