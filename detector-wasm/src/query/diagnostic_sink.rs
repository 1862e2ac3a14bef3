//! Collects notices about a text of a rule, and no more of them than a person reads.

use std::ops::Range;

use super::notice::{DiagnosticSeverity, Notice};
use crate::sort;

/// How many notices a text gets, and how the others are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Finding the line and column of each takes a pass over the text.
    pub(crate) most: usize,
    /// The code of what says how many more there are.
    pub(crate) more: &'static str,
    /// What they are about.
    pub(crate) text: &'static str,
}

/// The notices about one text.
#[derive(Debug)]
pub(crate) struct DiagnosticSink {
    bounds: Bounds,
    kept: Vec<Notice>,
    /// How many notices there were beyond the bound, and where the last of them stands.
    left_out: usize,
    left_out_at: usize,
    errors: usize,
    unusable: usize,
    gave_up: bool,
}

impl DiagnosticSink {
    pub(crate) fn new(bounds: Bounds) -> DiagnosticSink {
        DiagnosticSink {
            bounds,
            kept: Vec::new(),
            left_out: 0,
            left_out_at: 0,
            errors: 0,
            unusable: 0,
            gave_up: false,
        }
    }

    /// Keeps a notice, or counts it if there are enough. One that has just been given is none.
    pub(crate) fn add(&mut self, notice: Notice) {
        if self.kept.last() == Some(&notice) {
            return;
        }
        let is_warning = notice.severity == DiagnosticSeverity::Warning;
        self.errors += usize::from(notice.severity == DiagnosticSeverity::Error);
        self.unusable += usize::from(!is_warning);
        // The first notice that makes a rule unusable is kept whatever the warnings before it.
        if !self.is_full() || !is_warning && self.unusable == 1 {
            self.kept.push(notice);
        } else {
            self.left_out += 1;
            self.left_out_at = notice.span.start;
        }
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) {
        self.add(Notice::error(code, span, message));
    }

    pub(crate) fn error_with_hint(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Notice::error(code, span, message).hint(hint));
    }

    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Notice::warning(code, span, message).hint(hint));
    }

    /// Whether further warnings are only counted, so that their details needn't be worked out.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= self.bounds.most
    }

    /// How many notices still have a place.
    pub(crate) fn room(&self) -> usize {
        self.bounds.most.saturating_sub(self.kept.len()).max(1)
    }

    /// Whether there was an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many notices so far keep a rule from being used.
    pub(crate) fn unusable(&self) -> usize {
        self.unusable
    }

    /// What follows can't be read reliably; notices about it would mislead.
    pub(crate) fn give_up(&mut self) {
        self.gave_up = true;
    }

    /// Whether there is no use in reading on.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Forgets all warnings: a text that can't be read hasn't been read so far either.
    pub(crate) fn forget_warnings(&mut self) {
        self.kept.retain(|notice| notice.severity != DiagnosticSeverity::Warning);
        self.left_out = 0;
    }

    /// All that was kept, in the order of the text, and how much was left out.
    pub(crate) fn finish(mut self) -> Vec<Notice> {
        sort::sort_by_key(&mut self.kept, |notice| (notice.span.start, notice.span.end));
        if self.left_out > 0 {
            let message = format!("{} more remarks about this {}", self.left_out, self.bounds.text);
            let notice = if self.unusable > 0 { Notice::error } else { Notice::warning };
            let at = self.left_out_at;
            self.kept.push(notice(self.bounds.more, at..at, message));
        }
        self.kept
    }
}
