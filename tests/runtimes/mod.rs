//! The runtimes that scripts run in, a file each.

mod abi;
mod cache;
mod native;
mod remote;
mod wasmi;
mod wasmtime;

use std::sync::Arc;

pub use self::wasmi::Wasmi;
use cache::Cache;
pub use native::Native;
#[cfg(feature = "wamr")]
pub use remote::serve_wamr;
pub use wasmtime::Wasmtime;

use crate::script::Script;
use crate::subject::Module;

/// What a call of a detector gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, as `docs/abi.md` numbers them.
    pub status: u32,
    /// Rules, diagnostics or alert frames.
    pub count: u32,
    /// The answer.
    pub text: Vec<u8>,
}

/// A way of running the detector.
pub trait Runtime: Send + Sync {
    /// What the report calls it.
    fn name(&self) -> &'static str;

    /// What runs the module, with its version.
    fn version(&self) -> String;

    /// Whether a script is for it.
    fn takes(&self, script: &Script) -> bool {
        let _ = script;
        true
    }

    /// Whether it takes minutes for all scripts, and runs a [sample](crate::sample) unless asked for all.
    fn interprets(&self) -> bool {
        false
    }

    /// Whether it is asked by optional exports, too.
    fn asks(&self) -> bool {
        true
    }

    /// A fresh instance of a module, with nothing called before.
    ///
    /// # Errors
    /// Why there is none.
    fn start(&self, module: &Module) -> Result<Box<dyn Guest>, String>;
}

/// A detector in a runtime: the calls of `docs/abi.md`.
pub trait Guest {
    /// What it holds.
    ///
    /// # Errors
    /// A trap, or an answer that breaks the interface.
    fn describe(&mut self) -> Result<Answer, String>;

    /// Replaces rules and options.
    ///
    /// # Errors
    /// As [`Guest::describe`].
    fn configure(&mut self, document: &[u8]) -> Result<Answer, String>;

    /// Judges a batch.
    ///
    /// # Errors
    /// As [`Guest::describe`].
    fn detect(&mut self, batch: &[u8]) -> Result<Answer, String>;

    /// Says why the rule of an id does or doesn't select the records of a batch.
    ///
    /// # Errors
    /// As [`Guest::describe`].
    fn explain(&mut self, rule: &str, batch: &[u8]) -> Result<Answer, String>;

    /// Asks by one of the optional exports that take one argument or none, named without its `tocsin_`.
    ///
    /// # Errors
    /// As [`Guest::describe`].
    fn ask(&mut self, export: &str, argument: &[u8]) -> Result<Answer, String>;
}

/// A runtime that isn't installed here.
#[derive(Debug, Clone)]
pub struct Missing {
    /// What the report calls it.
    pub name: &'static str,
    /// What was looked for.
    pub why: String,
}

/// A runtime, if it is installed.
pub type Found = Result<Arc<dyn Runtime>, Missing>;

/// Every runtime, the native one first.
///
/// # Errors
/// If one that is part of this program doesn't start.
pub fn all() -> Result<Vec<Found>, String> {
    let mut all: Vec<Found> = vec![
        Ok(Arc::new(Native)),
        Ok(Arc::new(Wasmtime::new()?)),
        Ok(Arc::new(Wasmi::new(wasmi::STACK_BYTES))),
    ];
    all.extend(remote::all()?);
    Ok(all)
}

/// The version of a package in `Cargo.lock`.
fn locked(package: &str) -> &'static str {
    let (_, rest) = include_str!("../../Cargo.lock")
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .unwrap_or_default();
    rest.split_once('"').map_or("?", |(version, _)| version)
}
