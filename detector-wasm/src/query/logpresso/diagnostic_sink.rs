//! The compiler's diagnostics, up to a bound: a thousandth one helps no reader.

use std::ops::Range;

use crate::query::notice::{DiagnosticSeverity, Notice};
use crate::sort;

/// How many notices a query gets at most.
const MOST: usize = 100;

/// The codes of Logpresso's notices. They stay the same from version to version.
pub(crate) mod codes {
    /// Something else was expected.
    pub(crate) const SYNTAX: &str = "logpresso-syntax";
    pub(crate) const UNCLOSED_TEXT: &str = "logpresso-unclosed-text";
    pub(crate) const BAD_ESCAPE: &str = "logpresso-bad-escape";
    pub(crate) const UNKNOWN_COMMAND: &str = "logpresso-unknown-command";
    /// A command or function of Logpresso's that can't work on one record alone.
    pub(crate) const UNSUPPORTED: &str = "logpresso-unsupported";
    pub(crate) const UNKNOWN_FUNCTION: &str = "logpresso-unknown-function";
    pub(crate) const ARITY: &str = "logpresso-arity";
    /// `=` where `==` was meant.
    pub(crate) const ASSIGNMENT: &str = "logpresso-assignment";
    /// `now` has no meaning without a clock.
    pub(crate) const NO_CLOCK: &str = "logpresso-no-clock";
    pub(crate) const TOO_LARGE: &str = "logpresso-too-large";
    pub(crate) const NO_COMMANDS: &str = "logpresso-no-commands";

    // Warnings.
    pub(crate) const NO_SEARCH: &str = "logpresso-no-search";
    pub(crate) const UNUSED: &str = "logpresso-unused";
    pub(crate) const CLOSE_NAME: &str = "logpresso-close-name";
    pub(crate) const NEVER: &str = "logpresso-never";
    pub(crate) const ALWAYS: &str = "logpresso-always";
    pub(crate) const LITERAL_LEFT: &str = "logpresso-literal-left";
    pub(crate) const MIXED: &str = "logpresso-mixed-and-or";
    /// A count over several records.
    pub(crate) const LIMIT: &str = "logpresso-limit";
    /// An option that a command doesn't have, or a value that it can't have.
    pub(crate) const OPTION: &str = "logpresso-option";
    pub(crate) const ODD_NAME: &str = "logpresso-odd-name";
}

/// Diagnostics in the order of their finding.
#[derive(Debug, Default)]
pub(crate) struct DiagnosticSink {
    notices: Vec<Notice>,
    errors: usize,
    gave_up: bool,
}

impl DiagnosticSink {
    /// Adds a notice, unless there are enough or it has just been given.
    pub(crate) fn push(&mut self, notice: Notice) {
        if notice.severity == DiagnosticSeverity::Error {
            self.errors += 1;
        }
        if self.notices.len() < MOST && self.notices.last() != Some(&notice) {
            self.notices.push(notice);
        }
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) {
        self.push(Notice::error(code, span, message));
    }

    pub(crate) fn error_with_hint(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Notice::error(code, span, message).hint(hint));
    }

    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Notice::warning(code, span, message).hint(hint));
    }

    /// What follows can't be parsed reliably; diagnostics about it would mislead.
    pub(crate) fn give_up(&mut self) {
        self.gave_up = true;
    }

    /// Whether there is no use in reading on.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// Whether there was an error.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// All of them, in the order of the query's text.
    pub(crate) fn finish(mut self) -> Vec<Notice> {
        sort::sort_by_key(&mut self.notices, |notice| (notice.span.start, notice.span.end));
        self.notices
    }
}
