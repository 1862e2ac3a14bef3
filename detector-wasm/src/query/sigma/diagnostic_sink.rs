//! Collects diagnostics about a document's rules, and no more of them than a person reads.

use crate::query::notice::{DiagnosticSeverity, Notice};
use crate::sort;

/// How many notices a document gets. Finding the line and column of each takes a pass over it.
const MOST: usize = 50;

/// The notices about one document.
#[derive(Debug, Default)]
pub(crate) struct DiagnosticSink {
    kept: Vec<Notice>,
    left_out: usize,
    unusable: usize,
}

impl DiagnosticSink {
    /// Keeps a notice, or counts it if there are enough.
    pub(crate) fn add(&mut self, notice: Notice) {
        if notice.severity != DiagnosticSeverity::Warning {
            self.unusable += 1;
        }
        // The first notice of a kind that makes a rule unusable is kept whatever the warnings before it.
        let first = notice.severity != DiagnosticSeverity::Warning && self.unusable == 1;
        if self.kept.len() < MOST || first {
            self.kept.push(notice);
        } else {
            self.left_out += 1;
        }
    }

    /// How many notices so far keep a rule from being used.
    pub(crate) fn unusable(&self) -> usize {
        self.unusable
    }

    /// How many notices still have a place.
    pub(crate) fn room(&self) -> usize {
        MOST.saturating_sub(self.kept.len()).max(1)
    }

    /// All that was kept, in the order of the text, and how much was left out.
    pub(crate) fn finish(mut self) -> Vec<Notice> {
        sort::sort_by_key(&mut self.kept, |notice| notice.span.start);
        if self.left_out > 0 {
            let message = format!("{} more remarks about this document", self.left_out);
            let at = self.kept.last().map_or(0, |last| last.span.start);
            let notice = if self.unusable > 0 { Notice::error } else { Notice::warning };
            self.kept.push(notice("sigma-more", at..at, message));
        }
        self.kept
    }
}
