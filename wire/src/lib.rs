//! What crosses the border of a module, in both directions, declared once: `docs/abi.md` in types.
//!
//! The module writes what a host reads, and the other way round. Both use these types, and so do the tests
//! that hold other runtimes to the same bytes:
//!
//! - [`Status`] says how a call ended.
//! - [`Configuration`] goes in: rule documents and [`Options`]; [`Configured`] comes back, with a
//!   [`Diagnostic`] for each thing wrong with them.
//! - [`Description`] says what a module holds.
//! - [`Frame`]s are the answer to a batch, a line each.
//! - [`limits`] bound all of it; [`calendar`] is how both write times.
//!
//! A host may be newer or older than the module: keys that a reader doesn't know are passed over, and an
//! option that has its default isn't written.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod calendar;
mod configuration;
mod description;
mod diagnostic;
pub mod explanation;
mod facts;
pub mod frames;
pub mod limits;
mod log_source;
mod options;
mod printable;
mod record_keys;
mod rule_tests;
mod status;

pub use configuration::{Configuration, Configured, Document};
pub use description::{Description, EngineInfo, ModuleInfo, ModuleLimits, RuleInfo, Schedule};
pub use diagnostic::{Diagnostic, DiagnosticSeverity};
pub use facts::Facts;
pub use frames::{Frame, Summary};
pub use log_source::LogSource;
pub use options::{Format, Options};
pub use printable::printable;
pub use record_keys::{RecordKeys, Text};
pub use rule_tests::{TestDifference, TestResult, TestResults, TestRun};
pub use status::Status;
