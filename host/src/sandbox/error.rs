//! The ways a module can be refused, and the ways a call can fail.

use std::time::Duration;

/// Why a file isn't accepted as a module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file isn't WebAssembly.
    #[error("not a WebAssembly module: it doesn't begin with the bytes `\\0asm`")]
    NotWasm,
    /// The file is a component, which is another format.
    #[error(
        "a WebAssembly component, not a core module; Tocsin's interface is one of core modules"
    )]
    Component,
    /// The file is damaged or uses what the runtime doesn't offer.
    #[error("not a valid WebAssembly module: {0}")]
    Invalid(String),
    /// The module is more than the compiler should be given.
    #[error("it has {found} {what}, and {limit} are allowed")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much may be.
        limit: u64,
    },
    /// The module wants something of the host.
    #[error("it imports `{module}.{name}`; a Tocsin module imports nothing")]
    Import {
        /// The import's module name.
        module: String,
        /// The import's name.
        name: String,
    },
    /// A part of the interface is missing.
    #[error("it has no export `{name}` ({expected}); is it a Tocsin module?")]
    MissingExport {
        /// The export's name.
        name: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A part of the interface has another type.
    #[error("its export `{name}` is {found}, not {expected}")]
    WrongExport {
        /// The export's name.
        name: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The module speaks another version of the interface.
    #[error("it speaks version {found} of the interface; this host speaks version {expected}")]
    Version {
        /// The module's version.
        found: i32,
        /// The host's version.
        expected: i32,
    },
    /// The module doesn't even start.
    #[error("it doesn't start: {0}")]
    Start(CallError),
    /// The runtime itself can't work here.
    #[error("the WebAssembly runtime can't start: {0}")]
    Runtime(String),
}

/// Why a call of a module has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The module lacks a function that is optional in the interface.
    #[error("the module has no `{0}`: it was made by another version of Tocsin")]
    Missing(&'static str),
    /// The call took longer than allowed and was stopped.
    #[error("the module did not answer within {}", seconds(*limit))]
    Timeout {
        /// The time allowed.
        limit: Duration,
    },
    /// The call took more steps than allowed and was stopped.
    #[error("the module did not answer within {limit} steps")]
    Steps {
        /// The steps allowed.
        limit: u64,
    },
    /// The module needed more memory than allowed.
    #[error("the module needed more than its {} of memory", mebibytes(*limit))]
    Memory {
        /// The bytes allowed.
        limit: usize,
    },
    /// The module broke off.
    #[error("the module trapped: {0}")]
    Trap(String),
    /// The answer isn't what the interface describes.
    #[error("the module breaks the interface: {0}")]
    Protocol(String),
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

fn mebibytes(bytes: usize) -> String {
    match bytes % (1 << 20) {
        0 => format!("{} MiB", bytes >> 20),
        _ => format!("{bytes} bytes"),
    }
}
