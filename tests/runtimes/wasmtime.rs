//! The module in Tocsin's own sandbox.

use tocsin_host::sandbox::{Answer as Given, CallError, Question, Status};
use tocsin_host::{Engine, Limits, Module as Compiled, Sandbox};

use super::{Answer, Cache, Guest, Runtime};
use crate::subject::Module;

/// Tocsin's own sandbox, on wasmtime.
pub struct Wasmtime {
    engine: Engine,
    compiled: Cache<Compiled>,
}

impl Wasmtime {
    /// The sandbox.
    ///
    /// # Errors
    /// If it can't be had here.
    pub fn new() -> Result<Wasmtime, String> {
        let engine = Engine::new().map_err(|error| error.to_string())?;
        Ok(Wasmtime { engine, compiled: Cache::default() })
    }
}

impl Runtime for Wasmtime {
    fn name(&self) -> &'static str {
        "wasmtime"
    }

    fn version(&self) -> String {
        format!("wasmtime {}", super::locked("wasmtime"))
    }

    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String> {
        let compiled = self.compiled.get(module, |bytes| {
            Compiled::new(&self.engine, bytes).map_err(|error| error.to_string())
        })?;
        let sandbox =
            Sandbox::new(&compiled, Limits::default()).map_err(|error| error.to_string())?;
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

    fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer, String> {
        answer(Sandbox::explain(self, rule, batch))
    }

    fn ask(&mut self, export: &str, argument: &[u8]) -> Result<Answer, String> {
        let question = match export {
            "read" => Question::Read,
            "coverage" => Question::Coverage,
            "test" => Question::Test,
            "vocabulary" => return answer(self.vocabulary()),
            _ => return Err(format!("there is no export `tocsin_{export}`")),
        };
        answer(Sandbox::ask(self, question, argument))
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
