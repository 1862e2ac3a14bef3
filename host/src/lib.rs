//! Bytes of records from files and streams in, alerts out: the native side of Tocsin.
//!
//! The detector itself is a WebAssembly module ([`EMBEDDED_MODULE`], or another of the same
//! interface). This crate runs it under a memory limit and a deadline, and feeds it.
//!
//! - [`Sandbox`] runs a [`Module`]: three calls, raw bytes in and out.
//! - [`Detector`] is a sandbox whose answers are read into types.
//! - [`scan`] walks over files and streams with several detectors at once.
//! - [`Alert`] is an alert's line as types, [`summary`] counts alerts.
//!
//! ```
//! use tocsin_host::{Detector, Engine, Limits, Module};
//!
//! let engine = Engine::new()?;
//! let module = Module::embedded(&engine)?;
//! let mut detector = Detector::new(&module, Limits::default())?;
//! let detection = detector.detect(br#"{"eventName": "StartConfigurationRecorder"}"#)?;
//! assert_eq!(detection.summary.records, 1);
//! assert_eq!(detection.summary.matches, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod adapter;
pub mod alert;
pub mod compile;
pub mod detector;
pub mod input;
pub mod rule_files;
pub mod rule_test;
pub mod sandbox;
pub mod scan;
pub mod schedule;
pub mod summary;
mod walk;

pub use alert::Alert;
pub use detector::Detector;
pub use sandbox::{Engine, Limits, Module, Sandbox};
pub use tocsin_wire::{calendar, printable};

/// A file of the build's.
macro_rules! glue {
    ($name:literal) => {
        GlueFile { name: $name, text: include_str!(concat!(env!("OUT_DIR"), "/", $name)) }
    };
}

/// The module that is built together with this crate, with the default rules inside. For every runtime:
/// its exports are those of the C interface and those that [`JAVASCRIPT_GLUE`] calls.
pub const EMBEDDED_MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tocsin.wasm"));

/// SHA-256 of [`EMBEDDED_MODULE`] in hex digits.
pub const EMBEDDED_MODULE_SHA256: &str = env!("TOCSIN_MODULE_SHA256");

/// What makes a module of a running one, as a module for pages: the code that [`compile`] uses itself.
pub const REWRITE_MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rewrite.wasm"));

/// A file that lets JavaScript call the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlueFile {
    /// The file's name; the others and `tocsin.wasm` belong into the same folder.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The glue of [`EMBEDDED_MODULE`] and of every module compiled from it: for the web, for Node, and for
/// several instances at once, each with its types for TypeScript.
pub const JAVASCRIPT_GLUE: [GlueFile; 6] = [
    glue!("web.js"),
    glue!("web.d.ts"),
    glue!("node.cjs"),
    glue!("node.d.cts"),
    glue!("factory.js"),
    glue!("factory.d.ts"),
];
