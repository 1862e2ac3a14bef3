//! The engines that a filter may run the module in, with the stack that Fluent Bit gives its own.

use std::sync::Mutex;

use crate::instance::{self, Instance};

/// WAMR's operand stack in the filter, and its heap, unless they are set; in bytes.
const DEFAULT_BYTES: usize = 8 << 10;

/// An engine.
pub trait Engine: Send + Sync {
    /// What reports call it.
    fn name(&self) -> &'static str;

    /// A fresh instance of a module.
    ///
    /// # Errors
    /// If it doesn't load.
    fn start(&self, module: &[u8]) -> Result<Box<dyn Instance>, String>;
}

/// Every engine that is built in. The feature `wamr` adds Fluent Bit's own.
#[must_use]
pub fn all() -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Wasmtime::new(None)),
        Box::new(Wasmi),
        #[cfg(feature = "wamr")]
        Box::new(Wamr),
    ]
}

/// wasmtime, optionally with a limit to the module's memory.
pub struct Wasmtime {
    engine: wasmtime::Engine,
    /// The module compiled last, with its bytes.
    compiled: Mutex<Option<(Vec<u8>, wasmtime::Module)>>,
    memory_bytes: Option<usize>,
}

impl Wasmtime {
    /// An engine whose instances may grow to `memory_bytes`.
    #[must_use]
    pub fn new(memory_bytes: Option<usize>) -> Wasmtime {
        Wasmtime { engine: wasmtime::Engine::default(), compiled: Mutex::default(), memory_bytes }
    }

    /// The same engine with another limit.
    #[must_use]
    pub fn limited(self, memory_bytes: usize) -> Wasmtime {
        Wasmtime { memory_bytes: Some(memory_bytes), ..self }
    }

    fn module(&self, bytes: &[u8]) -> Result<wasmtime::Module, String> {
        let mut compiled = self.compiled.lock().map_err(|error| error.to_string())?;
        if let Some((_, module)) = compiled.as_ref().filter(|(known, _)| known == bytes) {
            return Ok(module.clone());
        }
        let module = wasmtime::Module::new(&self.engine, bytes).map_err(|e| e.to_string())?;
        *compiled = Some((bytes.to_vec(), module.clone()));
        Ok(module)
    }
}

impl Engine for Wasmtime {
    fn name(&self) -> &'static str {
        "wasmtime"
    }

    fn start(&self, module: &[u8]) -> Result<Box<dyn Instance>, String> {
        let limits = wasmtime::StoreLimitsBuilder::new();
        let limits = match self.memory_bytes {
            Some(bytes) => limits.memory_size(bytes).build(),
            None => limits.build(),
        };
        let mut store = wasmtime::Store::new(&self.engine, limits);
        store.limiter(|limits| limits);
        let instance = wasmtime::Instance::new(&mut store, &self.module(module)?, &[])
            .map_err(|error| error.to_string())?;
        let memory = instance.get_memory(&mut store, "memory").ok_or("no memory is exported")?;
        Ok(Box::new(InWasmtime { store, instance, memory }))
    }
}

struct InWasmtime {
    store: wasmtime::Store<wasmtime::StoreLimits>,
    instance: wasmtime::Instance,
    memory: wasmtime::Memory,
}

impl Instance for InWasmtime {
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String> {
        use wasmtime::Val;
        let function = self
            .instance
            .get_func(&mut self.store, name)
            .ok_or_else(|| format!("`{name}` isn't exported"))?;
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
        let mut results = [Val::I32(0)];
        let count = function.ty(&self.store).results().len();
        let results = results.get_mut(..count).ok_or("more than one result")?;
        function
            .call(&mut self.store, &arguments, results)
            .map_err(|error| format!("`{name}`: {error:#}"))?;
        Ok(results.first().and_then(Val::i32).unwrap_or(0))
    }

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) -> Result<(), String> {
        see(self.memory.data_mut(&mut self.store));
        Ok(())
    }
}

/// The interpreter wasmi with 8 KiB for locals and operands.
struct Wasmi;

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        "wasmi-8KiB"
    }

    fn start(&self, module: &[u8]) -> Result<Box<dyn Instance>, String> {
        let engine = instance::wasmi::engine(DEFAULT_BYTES);
        let module = wasmi::Module::new(&engine, module).map_err(|error| error.to_string())?;
        instance::wasmi::start(&engine, &module)
    }
}

/// WAMR's fast interpreter, the one inside Fluent Bit, with the filter's default stack and heap.
#[cfg(feature = "wamr")]
struct Wamr;

#[cfg(feature = "wamr")]
impl Engine for Wamr {
    fn name(&self) -> &'static str {
        "wamr-8KiB"
    }

    fn start(&self, module: &[u8]) -> Result<Box<dyn Instance>, String> {
        let engine = wamrx::Engine::new().map_err(|error| error.to_string())?;
        instance::wamr::start(&engine, module, DEFAULT_BYTES as u32)
    }
}
