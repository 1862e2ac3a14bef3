//! The module in an interpreter that gives it as little stack as a log shipper does.

use wasmi::{Config, Engine, Linker, Memory, Module as Compiled, Store, Val};

use super::abi::{Abi, Instance};
use super::{Cache, Guest, Runtime};
use crate::script::Script;
use crate::subject::Module;

/// The stack for parameters, locals and operands of all functions on the way: 8 KiB. In wasmi each
/// of them takes 8 bytes, whatever its type.
pub const STACK_BYTES: usize = 8 << 10;

/// The interpreter wasmi.
pub struct Wasmi {
    engine: Engine,
    compiled: Cache<Compiled>,
}

impl Wasmi {
    /// The interpreter, with a stack of `stack_bytes`.
    #[must_use]
    pub fn new(stack_bytes: usize) -> Wasmi {
        let mut config = Config::default();
        config.set_min_stack_height(stack_bytes.min(1024));
        config.set_max_stack_height(stack_bytes);
        Wasmi { engine: Engine::new(&config), compiled: Cache::default() }
    }
}

impl Runtime for Wasmi {
    fn name(&self) -> &'static str {
        "wasmi-8KiB"
    }

    fn version(&self) -> String {
        format!("wasmi {}", super::locked("wasmi"))
    }

    fn takes(&self, script: &Script) -> bool {
        !script.large
    }

    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String> {
        let compiled = self.compiled.get(module, |bytes| {
            Compiled::new(&self.engine, bytes).map_err(|error| error.to_string())
        })?;
        let mut store = Store::new(&self.engine, ());
        // No import is given: the module has none.
        let instance = Linker::new(&self.engine)
            .instantiate_and_start(&mut store, &compiled)
            .map_err(|error| error.to_string())?;
        let memory = instance.get_memory(&store, "memory").ok_or("no memory is exported")?;
        Ok(Box::new(Abi::new(Running { store, instance, memory })?))
    }
}

struct Running {
    store: Store<()>,
    instance: wasmi::Instance,
    memory: Memory,
}

impl Instance for Running {
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String> {
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

    fn memory<T>(&mut self, see: impl FnOnce(&mut [u8]) -> T) -> Result<T, String> {
        Ok(see(self.memory.data_mut(&mut self.store)))
    }
}
