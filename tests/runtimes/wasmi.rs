//! The module in an interpreter that gives it as little stack as a log shipper does.

use wasmi::{Engine, Module as Compiled};

use super::abi::Abi;
use super::{Cache, Guest, Runtime};
use crate::instance;
use crate::script::Script;
use crate::subject::Module;

/// The stack that a log shipper gives a module: 8 KiB.
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
        Wasmi { engine: instance::wasmi::engine(stack_bytes), compiled: Cache::default() }
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

    fn interprets(&self) -> bool {
        true
    }

    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String> {
        let compiled = self.compiled.get(module, |bytes| {
            Compiled::new(&self.engine, bytes).map_err(|error| error.to_string())
        })?;
        Ok(Box::new(Abi::new(instance::wasmi::start(&self.engine, &compiled)?)?))
    }
}
