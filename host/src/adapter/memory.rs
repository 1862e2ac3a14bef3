//! In: a module. Out: how much memory hosts have to give it.

use crate::sandbox::CallError;
use crate::{Limits, Module, Sandbox};

/// The size of the largest record that CloudTrail writes.
pub const LARGEST_RECORD: usize = 256 << 10;

/// How many bytes a byte of a record may take while the record raises two alerts: the record as the host wrote it,
/// what is decoded of it, the alerts, and what is passed on. `tests/adapters` holds it.
const FOR_A_BYTE: usize = 24;

/// A page of WebAssembly's memory.
const PAGE: usize = 64 << 10;

/// Bytes of memory, whole pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryNeeds {
    /// With the rules loaded, before the first record.
    pub at_start: usize,
    /// Enough for a record of [`LARGEST_RECORD`] bytes that raises two alerts.
    pub for_largest_record: usize,
}

/// Starts the module and sees what it takes.
///
/// # Errors
/// If it doesn't start.
pub fn memory_needs(module: &Module) -> Result<MemoryNeeds, CallError> {
    let mut sandbox = Sandbox::new(module, Limits::default())?;
    // Rules are loaded by the first batch.
    sandbox.detect_bytes(b"")?;
    let at_start = sandbox.memory_bytes().next_multiple_of(PAGE);
    let for_largest_record = (at_start + FOR_A_BYTE * LARGEST_RECORD).next_multiple_of(PAGE);
    Ok(MemoryNeeds { at_start, for_largest_record })
}
