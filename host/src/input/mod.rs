//! Arguments in, batches of records out, each filled straight into a module's memory.
//!
//! The walk of one file: [`arguments`] names it, [`open`] recognises its compression by content,
//! [`cut`] fills batches from it that end between records. A small gzip file takes a shorter one:
//! `inflate` fills a single batch with all of its text.

pub mod arguments;
pub mod cut;
mod inflate;
pub mod open;
mod raw;
mod sniff;

use crate::Detector;
use crate::sandbox::{CallError, Sandbox};

/// A place that batches are read into; it grows when asked and keeps what was written.
pub trait Room {
    /// At least `size` bytes.
    ///
    /// # Errors
    /// [`CallError::Memory`] if there is no room for so much; the smaller room then stays as it is.
    fn room(&mut self, size: usize) -> Result<&mut [u8], CallError>;
}

impl Room for Sandbox {
    fn room(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        Sandbox::room(self, size)
    }
}

impl Room for Detector {
    fn room(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        Detector::room(self, size)
    }
}

impl Room for Vec<u8> {
    fn room(&mut self, size: usize) -> Result<&mut [u8], CallError> {
        if self.len() < size {
            self.resize(size, 0);
        }
        Ok(self)
    }
}
