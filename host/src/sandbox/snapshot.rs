//! A module's bytes and a configuration in, the bytes of a module out that starts configured.
//!
//! The module is configured inside the sandbox like any other; what its memory then holds becomes the
//! new module's initial memory. Nothing is compiled for wasm, and the same input gives the same bytes.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use super::instance::Instance;
use super::zero_free::zero_free;
use super::{CallError, Engine, Limits, LoadError, Module, Sandbox, Status};

/// Why a module can't be made.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The module to begin with can't be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The module refuses the configuration; its answer says why.
    #[error("the module refuses the configuration")]
    Refused(Vec<u8>),
    /// The module can't be taken apart or put together.
    #[error("the module can't be snapshotted: {0}")]
    Snapshot(String),
}

/// A module that starts as `bytes` does after `configuration`. Also gives the module's answer to it.
///
/// # Errors
/// [`SnapshotError`] says what failed.
pub fn snapshot(
    engine: &Engine,
    bytes: &[u8],
    configuration: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), SnapshotError> {
    // The checks of the interface hold for the module as it is, and with them for its snapshot.
    Module::new(engine, bytes)?;
    let problem = |error: wasmtime::Error| SnapshotError::Snapshot(format!("{error:#}"));
    let wizer = Wizer::new();
    let (context, instrumented) = wizer.instrument(bytes).map_err(problem)?;
    let instrumented = Module::unchecked(engine, &instrumented)?;
    let mut sandbox = Sandbox::new(&instrumented, Limits::default())?;
    let answer = sandbox.configure(configuration)?;
    let text = answer.text.to_vec();
    if answer.status != Status::Ok {
        return Err(SnapshotError::Refused(text));
    }
    zero_free(&mut sandbox.instance)?;
    let mut state = State { instance: &mut sandbox.instance };
    let module = ready(wizer.snapshot(&context, &mut state)).map_err(problem)?;
    Ok((module, text))
}

/// An instance whose memory and globals are read out.
struct State<'i> {
    instance: &'i mut Instance,
}

impl InstanceState for State<'_> {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        match self.instance.global(name) {
            Some(wasmtime::Val::I64(value)) => SnapshotVal::I64(value),
            Some(wasmtime::Val::F32(bits)) => SnapshotVal::F32(bits),
            Some(wasmtime::Val::F64(bits)) => SnapshotVal::F64(bits),
            Some(wasmtime::Val::I32(value)) => SnapshotVal::I32(value),
            // The snapshot asks only for the globals that its own instrumentation exports, and Rust
            // makes none of other types.
            _ => SnapshotVal::I32(0),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        contents(self.instance.memory_named(name));
    }
}

/// The result of a future that never waits: reading an instance out is done at once.
fn ready<T>(
    future: impl Future<Output = Result<T, wasmtime::Error>>,
) -> Result<T, wasmtime::Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(wasmtime::Error::msg("it waits for something")),
    }
}
