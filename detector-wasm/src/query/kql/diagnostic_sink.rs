//! Collects warnings about a query, and not more of them than somebody reads.

use crate::query::notice::{DiagnosticSeverity, Notice};
use crate::sort;

/// How many warnings a query gets before the rest are only counted.
const MOST: usize = 20;

/// The warnings about one query.
#[derive(Debug, Default)]
pub(super) struct DiagnosticSink {
    kept: Vec<Notice>,
    left_out: usize,
    at: usize,
}

impl DiagnosticSink {
    /// Keeps a warning. Errors are kept whatever their number: each of them ends something.
    pub(super) fn add(&mut self, notice: Notice) {
        if self.kept.last() == Some(&notice) {
            // Reported already for another field that the same name stands for.
            return;
        }
        if self.is_full() && notice.severity == DiagnosticSeverity::Warning {
            self.left_out += 1;
            self.at = notice.span.start;
        } else {
            self.kept.push(notice);
        }
    }

    /// Whether further warnings are only counted, so that their details needn't be worked out.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= MOST
    }

    /// Forgets all warnings: a text that can't be read hasn't been read so far either.
    pub(super) fn forget_warnings(&mut self) {
        self.kept.retain(|notice| notice.severity != DiagnosticSeverity::Warning);
        self.left_out = 0;
    }

    /// Whether the query can't be used.
    pub(super) fn has_error(&self) -> bool {
        self.kept.iter().any(|notice| notice.severity == DiagnosticSeverity::Error)
    }

    /// All that was kept, in the order of the text, and how much was left out.
    pub(super) fn finish(mut self) -> Vec<Notice> {
        sort::sort_by_key(&mut self.kept, |notice| notice.span.start);
        if self.left_out > 0 {
            let message = format!("{} more warnings about this query", self.left_out);
            self.kept.push(Notice::warning("kql-more-warnings", self.at..self.at, message));
        }
        self.kept
    }
}
