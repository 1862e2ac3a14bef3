//! What is wrong with a document, with the place for its author.

use std::ops::Range;

pub(crate) use tocsin_wire::Diagnostic;

use super::Document;
use super::position::{line_at, position};
use crate::query::notice::Notice;

/// The finding that a notice about a range of a document's text is.
pub(crate) fn locate(document: Document<'_>, range: Range<usize>, notice: Notice) -> Diagnostic {
    let from = position(document.text, range.start);
    let to = position(document.text, range.end.max(range.start));
    Diagnostic {
        document: document.name.to_owned(),
        line: from.line as usize,
        column: from.column as usize,
        end_line: to.line as usize,
        end_column: to.column as usize,
        severity: notice.severity,
        code: notice.code.into(),
        message: notice.message,
        hint: notice.hint,
        source: Some(excerpt(line_at(document.text, range.start), from.column)),
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
