//! In: a stream, and what was read of it too far. Out: a buffer with the next bytes of it.

use std::io::{self, Read};

use super::{Batcher, HEAD, TAIL};
use crate::input::{BatchBuffer, BufferError};

/// Bytes in the buffer, behind [`HEAD`].
pub(super) struct Filled {
    pub(super) have: usize,
    /// How many fit.
    pub(super) capacity: usize,
    /// How many have been searched for a place between documents.
    pub(super) searched: usize,
    /// There are bytes that came earlier; look at them before waiting for more.
    pub(super) unseen: bool,
    /// How many there will ever be.
    pub(super) most: usize,
}

impl Filled {
    pub(super) fn data<'a>(
        &self,
        buffer: &'a mut impl BatchBuffer,
    ) -> Result<&'a [u8], BufferError> {
        Ok(buffer.reserve(HEAD + self.have)?.get(HEAD..HEAD + self.have).unwrap_or_default())
    }

    /// Makes buffer for `want` bytes, and for more at once the more there are.
    pub(super) fn reserve(
        &mut self,
        buffer: &mut impl BatchBuffer,
        want: usize,
    ) -> Result<(), BufferError> {
        if want > self.capacity {
            let ample = want.max(self.capacity.saturating_mul(2).min(self.most));
            match buffer.reserve(HEAD + ample + TAIL) {
                Ok(_) => self.capacity = ample,
                Err(BufferError::Full(_)) if ample > want => {
                    buffer.reserve(HEAD + want + TAIL)?;
                    self.capacity = want;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl<R: Read> Batcher<R> {
    /// Keeps what lies behind `from` for the next call.
    pub(super) fn keep(&mut self, data: &[u8], from: usize) {
        self.carry.clear();
        self.carry.extend_from_slice(data.get(from..).unwrap_or_default());
    }

    /// Puts what was kept into the buffer.
    pub(super) fn restore(&mut self, buffer: &mut impl BatchBuffer) -> Result<Filled, BufferError> {
        let have = self.carry.len();
        let mut filled = Filled {
            have: 0,
            capacity: 0,
            searched: 0,
            unseen: have > 0,
            most: self.sizes.record + 1,
        };
        filled.reserve(buffer, self.sizes.batch.max(have))?;
        if let Some(slot) = buffer.reserve(HEAD + have)?.get_mut(HEAD..HEAD + have) {
            slot.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        // A large record leaves no large carry behind.
        self.carry.shrink_to(2 * self.sizes.batch);
        filled.have = have;
        Ok(filled)
    }

    /// Reads until there are `want` bytes, or the stream ends; live, until there are more at all.
    pub(super) fn fill(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &mut Filled,
        want: usize,
    ) -> Result<(), BufferError> {
        filled.reserve(buffer, want)?;
        if self.live && std::mem::take(&mut filled.unseen) {
            return Ok(());
        }
        while filled.have < want && self.ended.is_none() {
            let space = buffer
                .reserve(HEAD + want)?
                .get_mut(HEAD + filled.have..HEAD + want)
                .unwrap_or_default();
            match self.reader.read(space) {
                Ok(0) => self.ended = Some(Ok(())),
                Ok(read) => {
                    filled.have += read;
                    if self.live {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.ended = Some(Err(error)),
            }
        }
        Ok(())
    }
}
