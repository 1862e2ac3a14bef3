//! What is wrong with a document, said so that its author finds the place.

use std::ops::Range;

use serde::Serialize;

use super::Document;
use super::position::{line_at, position};
use crate::query::notice::{Notice, Severity};

/// A remark about a place in a document; serialised as `docs/abi.md` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnostic {
    pub(crate) document: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
    pub(crate) severity: &'static str,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) source: Option<String>,
}

impl Diagnostic {
    /// A notice about a range of a document's text.
    pub(crate) fn new(document: Document<'_>, range: Range<usize>, notice: Notice) -> Diagnostic {
        let from = position(document.text, range.start);
        let to = position(document.text, range.end.max(range.start));
        Diagnostic {
            document: document.name.to_owned(),
            line: from.line,
            column: from.column,
            end_line: to.line,
            end_column: to.column,
            severity: match notice.severity {
                Severity::Error => "error",
                Severity::Refused => "refused",
                Severity::Warning => "warning",
            },
            code: notice.code,
            message: notice.message,
            hint: notice.hint,
            source: Some(excerpt(line_at(document.text, range.start), from.column)),
        }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == "error"
    }
}

/// A line as a person can read it; a very long one is cut behind the place.
fn excerpt(line: &str, column: u32) -> String {
    const LONGEST: usize = 400;
    let keep = (column as usize).saturating_add(80).max(LONGEST);
    match line.char_indices().nth(keep) {
        Some((end, _)) if keep <= 10 * LONGEST => line.get(..end).unwrap_or_default().to_owned(),
        Some(_) => String::new(),
        None => line.to_owned(),
    }
}
