//! What compiles modules, remembers compiled ones between runs, and keeps the time of their calls.

use std::time::Duration;

use wasmtime::{Cache, CacheConfig, Config};

use super::LoadError;

/// The step in which deadlines are counted.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The level of Zstandard for compiled modules in the cache.
const PACKING: i32 = 1;

/// Compiles modules and keeps the time of their calls. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(super) inner: wasmtime::Engine,
}

impl Engine {
    /// An engine with a clock of its own, and the user's cache of compiled modules if there is one.
    ///
    /// # Errors
    /// [`LoadError::Runtime`] if this machine can't run compiled WebAssembly.
    pub fn new() -> Result<Engine, LoadError> {
        let runtime = |error: &dyn std::fmt::Display| LoadError::Runtime(error.to_string());
        let mut config = Config::new();
        config.epoch_interruption(true);
        // What a trap says is its kind; tables for backtraces would only be loaded at each start.
        config.generate_address_map(false);
        config.wasm_backtrace_max_frames(None);
        config.native_unwind_info(false);
        // A folder that can't be written costs a compile at each start, no more.
        config.cache(cache());
        let inner = wasmtime::Engine::new(&config).map_err(|e| runtime(&e))?;

        let clock = inner.weak();
        std::thread::Builder::new()
            .name("tocsin-clock".into())
            .spawn(move || {
                // Ends with the last engine, module and sandbox that need it.
                while let Some(engine) = clock.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            })
            .map_err(|e| runtime(&e))?;
        Ok(Engine { inner })
    }
}

/// The user's cache of compiled modules, packed loosely, because each start unpacks one: what is packed
/// with more effort takes more time and memory to unpack, and wasmtime would do that to what is often used.
fn cache() -> Option<Cache> {
    let mut config = CacheConfig::new();
    config.with_baseline_compression_level(PACKING);
    config.with_optimized_compression_level(PACKING);
    config.with_optimized_compression_usage_counter_threshold(u64::MAX);
    Cache::new(config).ok()
}
