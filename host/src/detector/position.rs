//! A range of a document's bytes in, the finding about it that a person can follow out.

use std::ops::Range;

use super::{Diagnostic, Severity};

impl Diagnostic {
    /// An error in a range of bytes of a document's text.
    pub fn error(
        document: &str,
        text: &str,
        range: Range<usize>,
        code: &str,
        message: &str,
    ) -> Diagnostic {
        let (line, column) = position(text, range.start);
        let (end_line, end_column) = position(text, range.end.max(range.start));
        Diagnostic {
            document: document.to_owned(),
            line,
            column,
            end_line,
            end_column,
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.to_owned(),
            hint: None,
            source: text.lines().nth(line - 1).map(str::to_owned),
        }
    }

    /// The finding with what to do about it.
    #[must_use]
    pub fn with_hint(self, hint: &str) -> Diagnostic {
        Diagnostic { hint: Some(hint.to_owned()), ..self }
    }
}

/// Line and column of a byte, both counted from 1, columns in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        for (offset, expected) in [(0, (1, 1)), (3, (1, 3)), (4, (2, 1)), (7, (2, 2)), (99, (2, 4))]
        {
            assert_eq!(position("aé\n규x!", offset), expected, "byte {offset}");
        }
    }

    #[test]
    fn an_error_shows_the_line_it_is_in() {
        let found = Diagnostic::error("x.toml", "a = 1\nb = 2\n", 10..11, "test-table", "no");
        assert_eq!((found.line, found.column, found.end_column), (2, 5, 6));
        assert_eq!(found.source.as_deref(), Some("b = 2"));
    }
}
