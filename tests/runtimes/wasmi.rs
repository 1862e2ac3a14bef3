//! The module in an interpreter that gives it as little stack as a log shipper does.

use wasmi::{Config, Engine, Linker, Memory, Module, Store, Val};

use super::abi::{Abi, Instance};
use super::{Guest, Runtime};

/// The stack for parameters, locals and operands of all functions on the way: 8 KiB. In wasmi each
/// of them takes 8 bytes, whatever its type.
pub const STACK_BYTES: usize = 8 << 10;

/// The interpreter wasmi.
pub struct Wasmi {
    engine: Engine,
    module: Module,
}

impl Wasmi {
    /// The module, under a stack of `stack_bytes`.
    ///
    /// # Errors
    /// If it doesn't load.
    pub fn new(stack_bytes: usize) -> Result<Wasmi, String> {
        let mut config = Config::default();
        config.set_min_stack_height(stack_bytes.min(1024));
        config.set_max_stack_height(stack_bytes);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, tocsin::EMBEDDED_MODULE).map_err(|e| e.to_string())?;
        Ok(Wasmi { engine, module })
    }
}

impl Runtime for Wasmi {
    fn name(&self) -> &'static str {
        "wasmi-8KiB"
    }

    fn start(&self) -> Result<Box<dyn Guest>, String> {
        let mut store = Store::new(&self.engine, ());
        // No import is given: the module has none.
        let instance = Linker::new(&self.engine)
            .instantiate_and_start(&mut store, &self.module)
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

    fn memory(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }
}
