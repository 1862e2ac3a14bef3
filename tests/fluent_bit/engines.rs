//! The engines that a filter may run the module in, with the stack that Fluent Bit gives its own.

use std::sync::Mutex;

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

/// A running module.
pub trait Instance {
    /// Calls an export with integers; 0 if it gives nothing back.
    ///
    /// # Errors
    /// A trap, or a name that isn't exported.
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String>;

    /// Shows the memory as it is now.
    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8]));
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

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) {
        see(self.memory.data_mut(&mut self.store));
    }
}

/// The interpreter wasmi with 8 KiB for locals and operands.
struct Wasmi;

impl Engine for Wasmi {
    fn name(&self) -> &'static str {
        "wasmi-8KiB"
    }

    fn start(&self, module: &[u8]) -> Result<Box<dyn Instance>, String> {
        let mut config = wasmi::Config::default();
        config.set_min_stack_height(1024);
        config.set_max_stack_height(DEFAULT_BYTES);
        let engine = wasmi::Engine::new(&config);
        let module = wasmi::Module::new(&engine, module).map_err(|error| error.to_string())?;
        let mut store = wasmi::Store::new(&engine, ());
        let instance = wasmi::Linker::new(&engine)
            .instantiate_and_start(&mut store, &module)
            .map_err(|error| error.to_string())?;
        let memory = instance.get_memory(&store, "memory").ok_or("no memory is exported")?;
        Ok(Box::new(InWasmi { store, instance, memory }))
    }
}

struct InWasmi {
    store: wasmi::Store<()>,
    instance: wasmi::Instance,
    memory: wasmi::Memory,
}

impl Instance for InWasmi {
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String> {
        use wasmi::Val;
        let function = self
            .instance
            .get_func(&self.store, name)
            .ok_or_else(|| format!("`{name}` isn't exported"))?;
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
        let mut results = vec![Val::I32(0); function.ty(&self.store).results().len()];
        function
            .call(&mut self.store, &arguments, &mut results)
            .map_err(|error| format!("`{name}`: {error}"))?;
        Ok(results.first().and_then(Val::i32).unwrap_or(0))
    }

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) {
        see(self.memory.data_mut(&mut self.store));
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
        let say = |error: wamrx::Error| error.to_string();
        let engine = wamrx::Engine::new().map_err(say)?;
        let module = wamrx::Module::new(&engine, module).map_err(say)?;
        let mut config = wamrx::InstanceConfig::new();
        let bytes = DEFAULT_BYTES as u32;
        config.exec_stack_size(bytes).aux_stack_size(bytes).heap_size(bytes);
        let instance =
            wamrx::Linker::new(&engine).instantiate_with(module, &config).map_err(say)?;
        Ok(Box::new(InWamr(instance)))
    }
}

#[cfg(feature = "wamr")]
struct InWamr(wamrx::Instance);

#[cfg(feature = "wamr")]
impl Instance for InWamr {
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String> {
        use wamrx::Val;
        let say = |error: wamrx::Error| format!("`{name}`: {error}");
        let function = self.0.get_func(name).map_err(say)?;
        let arguments: Vec<Val> = arguments.iter().map(|argument| Val::I32(*argument)).collect();
        let mut results = vec![Val::I32(0); function.ty().results().len()];
        function.call(&arguments, &mut results).map_err(say)?;
        match results.first() {
            Some(Val::I32(result)) => Ok(*result),
            _ => Ok(0),
        }
    }

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) {
        if let Ok(mut memory) = self.0.get_memory("memory") {
            see(memory.data_mut());
        }
    }
}
