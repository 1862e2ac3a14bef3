//! A module's bytes in, another module's bytes out, whose instances start in the state of a running one.
//!
//! Both who compile rules use it: the host, around an instance in wasmtime, and the playground's page, around one
//! in the browser. The same state gives the same bytes, so both make the same file.
//!
//! Nothing here runs or compiles WebAssembly; sections are copied, and four kinds of them are written anew:
//!
//! 1. [`instrument`] exports what is to be read out of an instance: mutable globals, by [`global_name`].
//! 2. Whoever runs the instrumented module configures it, and reads memory and globals.
//! 3. [`snapshot`] makes a module whose memory and globals begin like that.
//!
//! [`without_section`] and [`append_section`] take a custom section out and put one at the end.

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

#[cfg(target_arch = "wasm32")]
mod abi;
mod reader;
mod segments;
mod snapshot;

use reader::{Reader, sections};
pub use snapshot::{global_name, instrument, snapshot};

/// Why a module can't be rewritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It isn't a module, or is cut off.
    #[error("not a WebAssembly module, or a damaged one, at byte {0}")]
    Malformed(usize),
    /// It has what a module of Tocsin's interface never has.
    #[error("the module has {0}, which a snapshot can't keep")]
    Unsupported(&'static str),
    /// The state isn't that of an instance of this module.
    #[error("the state has {found} global values, and the module {expected} mutable globals")]
    Globals {
        /// Values given.
        found: usize,
        /// Mutable globals of the module.
        expected: usize,
    },
}

/// Numbers of the sections that are looked at.
mod id {
    pub(crate) const CUSTOM: u8 = 0;
    pub(crate) const IMPORT: u8 = 2;
    pub(crate) const MEMORY: u8 = 5;
    pub(crate) const GLOBAL: u8 = 6;
    pub(crate) const EXPORT: u8 = 7;
    pub(crate) const START: u8 = 8;
    pub(crate) const DATA: u8 = 11;
    pub(crate) const DATA_COUNT: u8 = 12;
}

/// What every module begins with: its magic number and the version.
const PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";

/// The module without its custom sections of a name.
///
/// # Errors
/// [`Error::Malformed`] if it isn't a module.
pub fn without_section(module: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    let mut out = PREAMBLE.to_vec();
    for section in sections(module)? {
        let named = section.id == id::CUSTOM
            && Reader::new(section.body, section.start).bytes()? == name.as_bytes();
        if !named {
            write_section(&mut out, section.id, section.body);
        }
    }
    Ok(out)
}

/// Puts a custom section at the module's end.
pub fn append_section(module: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut body = Vec::with_capacity(name.len() + data.len() + 5);
    write_bytes(&mut body, name.as_bytes());
    body.extend_from_slice(data);
    write_section(module, id::CUSTOM, &body);
}

fn write_section(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.push(id);
    write_bytes(out, body);
}

/// Bytes behind their length.
fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A number as LEB128, in as few bytes as it takes.
fn write_unsigned(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// The same with a sign.
fn write_signed(out: &mut Vec<u8>, mut number: i64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if (number == 0 && low & 0x40 == 0) || (number == -1 && low & 0x40 != 0) {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests;
