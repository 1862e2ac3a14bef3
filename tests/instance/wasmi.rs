//! A module in the interpreter wasmi, whose stack can be made as small as a log shipper's.

use wasmi::{Config, Engine, Linker, Memory, Module, Store, Val};

use super::Instance;

/// An engine that gives parameters, locals and operands of all functions on the way so many bytes
/// together. Each of them takes 8, whatever its type.
pub(crate) fn engine(stack_bytes: usize) -> Engine {
    let mut config = Config::default();
    config.set_min_stack_height(stack_bytes.min(1024));
    config.set_max_stack_height(stack_bytes);
    Engine::new(&config)
}

/// A fresh instance of a module, which gets no imports: it has none.
pub(crate) fn start(engine: &Engine, module: &Module) -> Result<Box<dyn Instance>, String> {
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine)
        .instantiate_and_start(&mut store, module)
        .map_err(|error| error.to_string())?;
    let memory = instance.get_memory(&store, "memory").ok_or("no memory is exported")?;
    Ok(Box::new(Running { store, instance, memory }))
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

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) -> Result<(), String> {
        see(self.memory.data_mut(&mut self.store));
        Ok(())
    }
}
