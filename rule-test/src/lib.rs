//! Tests of detection rules: read from text, and an answer's frames judged by them.
//!
//! A test stands in the rule's own document if that is TOML, or in a document beside it, `NAME.tests.toml`.
//! `docs/rules.md` describes the form. Nothing here knows a file or a detector: [`read()`] is given the texts and a
//! way to get at records by their names, [`differences`] the frames of an answer to a test's record.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::string_slice, clippy::unreachable))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod judge;
mod read;
mod report;
pub mod toml_text;

pub use judge::{Difference, differences};
pub use read::{ENDING, Records, RuleTest, beside, holds_exceptions, read};
pub use report::Summary;
