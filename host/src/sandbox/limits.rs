//! What one instance may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one instance may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory; 512 MiB unless said otherwise.
    pub memory_bytes: usize,
    /// Time for one call; 10 s unless said otherwise. It is measured in steps of 10 ms.
    pub timeout: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory_bytes: 512 << 20, timeout: Duration::from_secs(10) }
    }
}

/// Elements that a table may have: a module's own functions, and room to spare.
const TABLE_ELEMENTS: usize = 1 << 20;

/// Refuses growth beyond the limit, and remembers that it did: a module that breaks off because of
/// it says no more than that it broke off.
pub(super) struct Meter {
    pub(super) limits: Limits,
    pub(super) refused_memory: bool,
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.limits.memory_bytes;
        self.refused_memory |= !fits;
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}
