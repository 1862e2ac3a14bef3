//! A text that is in the room as a whole in, the one batch out that a stream of it would be.

use std::io::Read;

use super::{Cutter, Filled, HEAD, Next, Sizes, State, TAIL, boundary};
use crate::input::Room;
use crate::sandbox::CallError;

/// The place of a text that goes into the room as a whole.
///
/// # Errors
/// [`CallError`] if the room can't be so large.
pub(in crate::input) fn space(
    room: &mut impl Room,
    length: usize,
    sizes: Sizes,
) -> Result<&mut [u8], CallError> {
    // As much as a stream takes: the texts that follow mustn't each make the room grow.
    let ample = if length <= sizes.batch { sizes.batch } else { sizes.whole.max(length) };
    let room = room.room(HEAD + ample + TAIL)?;
    Ok(room.get_mut(HEAD..HEAD + length).unwrap_or_default())
}

/// Whether a stream of this text would be a single batch: it is small, or a document that goes on whole.
pub(in crate::input) fn is_one_batch(text: &[u8], sizes: Sizes) -> bool {
    let Some(start) = text.get(..sizes.batch) else { return true };
    text.len() < sizes.whole && !start.trim_ascii_start().is_empty() && !is_lines(start)
}

/// Whether there are documents on lines of their own.
pub(in crate::input) fn is_lines(text: &[u8]) -> bool {
    boundary::last(text, 0).is_some()
}

impl<R: Read> Cutter<R> {
    /// Cuts a text of so many bytes that lies in the room, at its [`space`], and [`is_one_batch`].
    /// Nothing is read.
    pub(crate) fn in_room(length: usize, nothing: R, sizes: Sizes) -> Cutter<R> {
        Cutter {
            state: State::InRoom(length),
            ended: Some(Ok(())),
            ..Cutter::new(nothing, 0, false, sizes)
        }
    }

    /// All of a text, which fills the room.
    pub(super) fn all(&mut self, room: &mut impl Room, length: usize) -> Result<Next, CallError> {
        let filled =
            Filled { have: length, capacity: length, searched: 0, unseen: false, most: length };
        if filled.data(room)?.trim_ascii_start().is_empty() {
            self.pass(room, length)?;
            return Ok(Next::End);
        }
        self.batch(room, &filled, length)
    }
}
