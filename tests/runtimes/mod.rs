//! The runtimes that cases run in, a file each.

mod abi;
mod native;
mod wasmi;
mod wasmtime;

pub use self::wasmi::Wasmi;
pub use native::Native;
pub use wasmtime::Wasmtime;

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

    /// A fresh detector, with nothing called before.
    ///
    /// # Errors
    /// Why there is none.
    fn start(&self) -> Result<Box<dyn Guest>, String>;
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
}

/// Every runtime, the native one first.
///
/// # Errors
/// If one can't load the module.
pub fn all() -> Result<Vec<Box<dyn Runtime>>, String> {
    Ok(vec![
        Box::new(Native),
        Box::new(Wasmtime::new()?),
        Box::new(Wasmi::new(wasmi::STACK_BYTES)?),
    ])
}
