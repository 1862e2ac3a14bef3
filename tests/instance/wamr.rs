//! The module in WAMR's fast interpreter, with a stack like the one that Fluent Bit gives it.
//!
//! WAMR is C and knows one thread.

use wamrx::{Engine, InstanceConfig, Linker, Module, Val};

use super::Instance;

/// The heap for hosts' data, which a module with its own `malloc` leaves unused: Fluent Bit's default.
const HEAP_BYTES: u32 = 8 << 10;

/// A fresh instance of a module's bytes, with so much operand stack.
pub(crate) fn start(
    engine: &Engine,
    bytes: &[u8],
    stack_bytes: u32,
) -> Result<Box<dyn Instance>, String> {
    let module = Module::new(engine, bytes).map_err(|error| error.to_string())?;
    let mut config = InstanceConfig::new();
    config.exec_stack_size(stack_bytes).aux_stack_size(stack_bytes).heap_size(HEAP_BYTES);
    let instance =
        Linker::new(engine).instantiate_with(module, &config).map_err(|error| error.to_string())?;
    Ok(Box::new(Running(instance)))
}

struct Running(wamrx::Instance);

impl Instance for Running {
    fn call(&mut self, name: &str, arguments: &[i32]) -> Result<i32, String> {
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

    fn memory(&mut self, see: &mut dyn FnMut(&mut [u8])) -> Result<(), String> {
        see(self.0.get_memory("memory").map_err(|error| error.to_string())?.data_mut());
        Ok(())
    }
}
