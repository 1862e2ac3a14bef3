//! A module's bytes and a configuration in, the bytes of a module out that starts configured.
//!
//! The module is configured inside the sandbox like any other; what its memory then holds becomes the
//! new module's initial memory. Nothing is compiled for wasm, and the same input gives the same bytes.

use tocsin_rewrite::global_name;
use wasmparser::{Operator, Parser, Payload};

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
    Rewrite(#[from] tocsin_rewrite::Error),
    /// The module changes what isn't its memory or a global, and a snapshot doesn't keep.
    #[error("the module can't be snapshotted: it changes its {0} while it runs")]
    OtherState(&'static str),
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
    check_state(bytes)?;
    let instrumented = tocsin_rewrite::instrument(bytes, None)?;
    let instrumented = Module::unchecked(engine, &instrumented)?;
    let mut sandbox = Sandbox::new(&instrumented, Limits::default())?;
    let answer = sandbox.configure(configuration)?;
    let text = answer.text.to_vec();
    if answer.status != Status::Ok {
        return Err(SnapshotError::Refused(text));
    }
    zero_free(&mut sandbox.instance)?;
    let globals = globals(&mut sandbox.instance);
    let module = tocsin_rewrite::snapshot(bytes, &globals, sandbox.instance.memory())?;
    Ok((module, text))
}

/// The values of the globals that instrumenting exports, in their order; a float's bits.
fn globals(instance: &mut Instance) -> Vec<u64> {
    let value = |number| {
        Some(match instance.global(&global_name(number))? {
            wasmtime::Val::I32(value) => u64::from(value.cast_unsigned()),
            wasmtime::Val::I64(value) => value.cast_unsigned(),
            wasmtime::Val::F32(bits) => u64::from(bits),
            wasmtime::Val::F64(bits) => bits,
            // The rewriting refuses globals of other types.
            _ => 0,
        })
    };
    (0..).map_while(value).collect()
}

/// Refuses a module whose instances have state beside memory and globals.
fn check_state(bytes: &[u8]) -> Result<(), SnapshotError> {
    let invalid = |error: wasmparser::BinaryReaderError| {
        SnapshotError::Load(LoadError::Invalid(error.to_string()))
    };
    for payload in Parser::new(0).parse_all(bytes) {
        let Payload::CodeSectionEntry(body) = payload.map_err(invalid)? else { continue };
        let mut operators = body.get_operators_reader().map_err(invalid)?;
        while !operators.eof() {
            match operators.read().map_err(invalid)? {
                Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. } => return Err(SnapshotError::OtherState("table")),
                Operator::DataDrop { .. } | Operator::ElemDrop { .. } => {
                    return Err(SnapshotError::OtherState("segments"));
                }
                _ => {}
            }
        }
    }
    Ok(())
}
