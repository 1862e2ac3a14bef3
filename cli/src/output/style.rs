//! Words that matter in, the same words in colour out. Streams that are no terminal lose the colour again.

use anstyle::{AnsiColor, Effects, Style};
use tocsin_host::detector::Severity;

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const GOOD: Style = AnsiColor::Green.on_default();

/// The text of a finding, its kind and code in colour.
pub(crate) fn finding(severity: Severity, text: &str) -> String {
    let style = if severity == Severity::Error { ERROR } else { WARNING };
    match text.split_once(": ") {
        Some((kind, rest)) => format!("{style}{kind}{style:#}: {rest}"),
        None => text.to_owned(),
    }
}

/// `ok` or `FAILED`.
pub(crate) fn outcome(passed: bool) -> String {
    match passed {
        true => format!("{GOOD}ok{GOOD:#}"),
        false => format!("{ERROR}FAILED{ERROR:#}"),
    }
}
