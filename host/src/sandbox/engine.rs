//! What compiles modules, remembers compiled ones between runs, and keeps the time of their calls.

use std::time::Duration;

use wasmtime::{Config, WasmFeatures};

use super::LoadError;
use super::cache::{Folder, ModuleCache};

/// The step in which deadlines are counted.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Compiles modules and keeps the time of their calls. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(super) inner: wasmtime::Engine,
    /// Where compiled modules are cached; without it each start compiles.
    pub(super) cache: Option<ModuleCache>,
}

impl Engine {
    /// An engine with a clock of its own, and the user's folder of compiled modules if there is one.
    ///
    /// # Errors
    /// [`LoadError::Runtime`] if this machine can't run compiled WebAssembly.
    pub fn new() -> Result<Engine, LoadError> {
        Engine::of(Config::new())
    }

    /// An engine whose modules count their steps, for [`Limits::steps`]. Counting takes time of its own.
    ///
    /// # Errors
    /// As [`Engine::new`].
    ///
    /// [`Limits::steps`]: super::Limits::steps
    pub fn metered() -> Result<Engine, LoadError> {
        let mut config = Config::new();
        config.consume_fuel(true);
        Engine::of(config)
    }

    fn of(mut config: Config) -> Result<Engine, LoadError> {
        let runtime = |error: &dyn std::fmt::Display| LoadError::Runtime(error.to_string());
        config.epoch_interruption(true);
        // What a trap says is its kind; tables for backtraces would only be loaded at each start.
        config.generate_address_map(false);
        config.wasm_backtrace_max_frames(None);
        config.native_unwind_info(false);
        // What the module doesn't use is only more that somebody else's could.
        config.wasm_features(
            WasmFeatures::MEMORY64
                | WasmFeatures::MULTI_MEMORY
                | WasmFeatures::THREADS
                | WasmFeatures::GC
                | WasmFeatures::FUNCTION_REFERENCES
                | WasmFeatures::TAIL_CALL
                | WasmFeatures::EXCEPTIONS
                | WasmFeatures::RELAXED_SIMD
                | WasmFeatures::WIDE_ARITHMETIC
                | WasmFeatures::CUSTOM_PAGE_SIZES,
            false,
        );
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
        Ok(Engine {
            cache: Folder::of_user().map(|folder| ModuleCache::new(folder, &inner)),
            inner,
        })
    }
}
