//! What a compiler has to say about a query's text.

use std::ops::Range;

pub(crate) use tocsin_wire::DiagnosticSeverity;

/// A remark about a part of a text, by byte offsets into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) severity: DiagnosticSeverity,
    /// Stays the same from version to version.
    pub(crate) code: &'static str,
    pub(crate) span: Range<usize>,
    /// What is wrong, and what was expected.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl Notice {
    pub(crate) fn error(
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Notice {
        Notice {
            severity: DiagnosticSeverity::Error,
            code,
            span,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn refused(
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Notice {
        Notice {
            severity: DiagnosticSeverity::Refused,
            code,
            span,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn warning(
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Notice {
        Notice {
            severity: DiagnosticSeverity::Warning,
            code,
            span,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Notice {
        Notice { hint: Some(hint.into()), ..self }
    }
}
