//! What is wrong with a rule document, and where.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A finding about a rule document. Lines and columns start at 1; a column counts characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The document's name.
    pub document: String,
    /// Where it begins.
    pub line: usize,
    /// Where it begins.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Where it ends: the column after the last character.
    pub end_column: usize,
    /// How bad it is.
    pub severity: DiagnosticSeverity,
    /// The same from version to version.
    pub code: Cow<'static, str>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The line's text.
    pub source: Option<String>,
}

impl Diagnostic {
    /// An error in a range of bytes of a document's text.
    pub fn error(
        document: &str,
        text: &str,
        range: Range<usize>,
        code: &'static str,
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
            severity: DiagnosticSeverity::Error,
            code: code.into(),
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

    /// Whether the configuration is refused for it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == DiagnosticSeverity::Error
    }
}

/// One line: `FILE:LINE:COLUMN: SEVERITY[CODE]: MESSAGE; HINT`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { document, line, column, severity, code, message, hint, .. } = self;
        write!(f, "{document}:{line}:{column}: {severity}[{code}]: {message}")?;
        hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosticSeverity {
    /// The configuration is refused.
    Error,
    /// The rule is of a kind that doesn't run here; it is left out, and the configuration holds.
    Refused,
    /// The configuration holds.
    #[serde(other)]
    Warning,
}

impl fmt::Display for DiagnosticSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiagnosticSeverity::Error => "error",
            DiagnosticSeverity::Refused => "refused",
            DiagnosticSeverity::Warning => "warning",
        })
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
        assert_eq!(found.to_string(), "x.toml:2:5: error[test-table]: no");
        let line = found.with_hint("try c").to_string();
        assert_eq!(line, "x.toml:2:5: error[test-table]: no; try c");
    }
}
