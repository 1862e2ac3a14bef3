//! In: a module. Out: what another host loads: the module merged with an adapter, or in a component.
//!
//! The adapters are small and know nothing of detection; their source is the folder `adapters` of the
//! repository. A merged module imports its host's functions and calls the module's own; a component holds the
//! module unchanged, so that the fingerprint of its inner bytes is the module's.

mod memory;
mod merge;

use std::borrow::Cow;

pub use memory::{LARGEST_RECORD, MemoryNeeds, memory_needs};

/// What stands behind the module in a component.
const BEHIND: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/component.adapter"));

/// How a component begins: the same as a module, but for its version and layer.
const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// The kind of a section that holds a module.
const MODULE_SECTION: u8 = 1;

/// The exports of a module that an adapter calls.
const CALLED: [&str; 4] = ["memory", "malloc", "free", "tocsin_alerts"];

/// A host that needs an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// Any host of components; the interface is `docs/wit/detector.wit`.
    Component,
    /// The processor `wasm` of Bento.
    Bento,
    /// The processor `wasm` of Redpanda Connect.
    RedpandaConnect,
    /// A data transform inside Redpanda's broker.
    RedpandaTransform,
}

/// Why there is no module for a host.
#[derive(Debug, thiserror::Error)]
pub enum AdaptError {
    /// The bytes aren't a module.
    #[error("not a module: {0}")]
    Invalid(String),
    /// An older module.
    #[error("the module doesn't export `{0}`: compile it with this version of Tocsin")]
    TooOld(String),
    /// It already has an adapter, or isn't Tocsin's.
    #[error(
        "the module imports functions, which no module of Tocsin's own does: begin with one that has no adapter"
    )]
    Imports,
    /// Something that no module of Tocsin's has.
    #[error("the module can't be merged: {0}")]
    Unmergeable(Cow<'static, str>),
}

impl From<wasmparser::BinaryReaderError> for AdaptError {
    fn from(error: wasmparser::BinaryReaderError) -> AdaptError {
        AdaptError::Invalid(error.to_string())
    }
}

/// Makes a module loadable by a host. The same bytes give the same bytes.
///
/// # Errors
/// [`AdaptError`] says what is wrong with the module.
pub fn adapt(module: &[u8], adapter: Adapter) -> Result<Vec<u8>, AdaptError> {
    let exports = merge::exports(module)?;
    for name in CALLED {
        if !exports.contains_key(name) {
            return Err(AdaptError::TooOld(name.to_owned()));
        }
    }
    match adapter {
        Adapter::Component => component(module),
        Adapter::Bento => {
            merge::merge(module, include_bytes!(concat!(env!("OUT_DIR"), "/bento.adapter")))
        }
        Adapter::RedpandaConnect => merge::merge(
            module,
            include_bytes!(concat!(env!("OUT_DIR"), "/redpanda-connect.adapter")),
        ),
        Adapter::RedpandaTransform => merge::merge(
            module,
            include_bytes!(concat!(env!("OUT_DIR"), "/redpanda-transform.adapter")),
        ),
    }
}

/// The module, unchanged, as the first section of a component.
fn component(module: &[u8]) -> Result<Vec<u8>, AdaptError> {
    let too_large = |_| AdaptError::Invalid("it is larger than a section can be".to_owned());
    let mut length = u32::try_from(module.len()).map_err(too_large)?;
    let mut written = Vec::with_capacity(module.len() + BEHIND.len() + 16);
    written.extend(COMPONENT_HEADER);
    written.push(MODULE_SECTION);
    while length > 0x7f {
        written.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    written.push(length as u8);
    written.extend_from_slice(module);
    written.extend_from_slice(BEHIND);
    Ok(written)
}
