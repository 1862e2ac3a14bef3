//! Arguments in, batches of records out, each filled straight into a [`BatchBuffer`].
//!
//! The walk of one file: [`arguments`] names it, [`open`] recognises its compression by content,
//! [`batcher`] fills batches from it that end between records. A small gzip file takes a shorter one:
//! `inflate` fills a single batch with all of its text.

pub mod arguments;
pub mod batcher;
mod container;
mod content_type;
mod inflate;
pub mod open;
mod raw;

/// Why a buffer can't be as large as asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BufferError {
    /// There is no memory for so much; the smaller buffer stays as it is.
    #[error("{0}")]
    Full(String),
    /// The buffer is lost, with all that was in it.
    #[error("{0}")]
    Lost(String),
}

/// What batches are read into; it grows when asked and keeps what was written.
pub trait BatchBuffer {
    /// At least `size` bytes.
    ///
    /// # Errors
    /// [`BufferError`] if there is no memory for so much.
    fn reserve(&mut self, size: usize) -> Result<&mut [u8], BufferError>;
}

impl BatchBuffer for Vec<u8> {
    fn reserve(&mut self, size: usize) -> Result<&mut [u8], BufferError> {
        if self.len() < size {
            self.resize(size, 0);
        }
        Ok(self)
    }
}
