//! What one instance may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one instance may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory, all memories and tables together; 512 MiB by default.
    pub memory_bytes: usize,
    /// Time for one call; 10 s by default. It is measured in steps of 10 ms.
    pub timeout: Duration,
    /// Steps of WebAssembly for one call, if it is an engine that counts them ([`Engine::metered`]): unlike
    /// time, the same on any machine under any load.
    ///
    /// [`Engine::metered`]: super::Engine::metered
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { memory_bytes: 512 << 20, timeout: Duration::from_secs(10), steps: u64::MAX }
    }
}

/// Bytes of the host that an element of a table takes.
const ELEMENT_BYTES: usize = 16;

/// Bytes of tables that don't count: what a module has for its own functions, so that its memory may have
/// each page of the limit.
const FREE_TABLE_BYTES: usize = 64 << 10;

/// Refuses growth beyond the limit, and remembers that it did: a module that breaks off because of
/// it says no more than that it broke off.
pub(super) struct Meter {
    pub(super) limits: Limits,
    pub(super) refused_memory: bool,
    /// Bytes of all memories, and of all tables.
    memories: usize,
    tables: usize,
    /// What the last growth has added, should it fail after all.
    last: usize,
    is_closed: bool,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Meter {
        Meter { limits, refused_memory: false, memories: 0, tables: 0, last: 0, is_closed: false }
    }

    /// Lets nothing grow, until it may again.
    pub(super) fn forbid_growth(&mut self, is_closed: bool) {
        self.is_closed = is_closed;
    }

    fn fits(&mut self, memories: usize, tables: usize) -> bool {
        let counted = memories.saturating_add(tables.saturating_sub(FREE_TABLE_BYTES));
        let fits = !self.is_closed && counted <= self.limits.memory_bytes;
        self.refused_memory |= !fits;
        fits
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let memories = self.memories.saturating_add(more);
        let fits = self.fits(memories, self.tables);
        if fits {
            (self.memories, self.last) = (memories, more);
        }
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.memories = self.memories.saturating_sub(std::mem::take(&mut self.last));
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current).saturating_mul(ELEMENT_BYTES);
        let tables = self.tables.saturating_add(more);
        let fits = self.fits(self.memories, tables);
        if fits {
            self.tables = tables;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}
