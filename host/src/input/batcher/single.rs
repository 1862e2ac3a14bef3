//! A text that is in the buffer as a whole in, the one batch out that a stream of it would be.

use std::io::Read;
use std::sync::Arc;

use tocsin_wire::RecordKeys;

use super::{Batcher, Filled, HEAD, Next, Sizes, State, TAIL, boundary};
use crate::input::{BatchBuffer, BufferError};

/// The place of a text that goes into the buffer as a whole.
///
/// # Errors
/// [`BufferError`] if the buffer can't be so large.
pub(in crate::input) fn space(
    buffer: &mut impl BatchBuffer,
    length: usize,
    sizes: Sizes,
) -> Result<&mut [u8], BufferError> {
    // As much as a stream takes: the texts that follow mustn't each make the buffer grow.
    let ample = if length <= sizes.batch { sizes.batch } else { sizes.whole.max(length) };
    let buffer = buffer.reserve(HEAD + ample + TAIL)?;
    Ok(buffer.get_mut(HEAD..HEAD + length).unwrap_or_default())
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

impl<R: Read> Batcher<R> {
    /// Cuts a text of so many bytes that lies in the buffer, at its [`space`], and [`is_one_batch`].
    /// Nothing is read.
    pub(crate) fn from_buffer(
        length: usize,
        nothing: R,
        sizes: Sizes,
        record_keys: &Arc<RecordKeys>,
    ) -> Batcher<R> {
        Batcher {
            state: State::Buffered(length),
            ended: Some(Ok(())),
            ..Batcher::new(nothing, 0, false, sizes, record_keys)
        }
    }

    /// All of a text, which fills the buffer.
    pub(super) fn all(
        &mut self,
        buffer: &mut impl BatchBuffer,
        length: usize,
    ) -> Result<Next, BufferError> {
        let filled =
            Filled { have: length, capacity: length, searched: 0, unseen: false, most: length };
        if filled.data(buffer)?.trim_ascii_start().is_empty() {
            self.pass(buffer, length)?;
            return Ok(Next::End);
        }
        self.batch(buffer, &filled, length)
    }
}
