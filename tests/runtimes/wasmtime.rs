//! The module in Tocsin's own sandbox.

use tocsin::sandbox::{Answer as Given, CallError, Status};
use tocsin::{Engine, Limits, Module, Sandbox};

use super::{Answer, Guest, Runtime};

/// Tocsin's own sandbox, on wasmtime.
pub struct Wasmtime(Module);

impl Wasmtime {
    /// The module, compiled.
    ///
    /// # Errors
    /// If it isn't accepted.
    pub fn new() -> Result<Wasmtime, String> {
        let engine = Engine::new().map_err(|error| error.to_string())?;
        Ok(Wasmtime(Module::embedded(&engine).map_err(|error| error.to_string())?))
    }
}

impl Runtime for Wasmtime {
    fn name(&self) -> &'static str {
        "wasmtime"
    }

    fn start(&self) -> Result<Box<dyn Guest>, String> {
        let sandbox =
            Sandbox::new(&self.0, Limits::default()).map_err(|error| error.to_string())?;
        Ok(Box::new(sandbox))
    }
}

impl Guest for Sandbox {
    fn describe(&mut self) -> Result<Answer, String> {
        answer(Sandbox::describe(self))
    }

    fn configure(&mut self, document: &[u8]) -> Result<Answer, String> {
        answer(Sandbox::configure(self, document))
    }

    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String> {
        answer(self.detect_bytes(batch))
    }
}

fn answer(given: Result<Given<'_>, CallError>) -> Result<Answer, String> {
    let given = given.map_err(|error| error.to_string())?;
    let status = match given.status {
        Status::Ok => 0,
        Status::BadArgument => 1,
        Status::BadBatch => 2,
        Status::BadConfiguration => 3,
        Status::LimitExceeded => 4,
        Status::Internal => 255,
    };
    Ok(Answer { status, count: given.count, text: given.text.to_vec() })
}
