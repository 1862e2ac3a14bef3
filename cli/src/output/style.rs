//! Words that matter in, the same words in colour out. Streams that are no terminal lose the colour again.

use anstyle::{AnsiColor, Effects, Style};
use tocsin_host::detector::DiagnosticSeverity;

const ERROR: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const WARNING: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const GOOD: Style = AnsiColor::Green.on_default();

/// The text of a finding, its kind and code in colour.
pub(crate) fn finding(severity: DiagnosticSeverity, text: &str) -> String {
    let style = if severity == DiagnosticSeverity::Error { ERROR } else { WARNING };
    match text.split_once(": ") {
        Some((kind, rest)) => format!("{style}{kind}{style:#}: {rest}"),
        None => text.to_owned(),
    }
}

/// A text about alerts of this severity, in its colour.
pub(crate) fn severity(name: &str, text: &str) -> String {
    let style = match name {
        "critical" => AnsiColor::Magenta.on_default().effects(Effects::BOLD),
        "high" => ERROR,
        "medium" => WARNING,
        "low" => AnsiColor::Cyan.on_default(),
        _ => return text.to_owned(),
    };
    format!("{style}{text}{style:#}")
}

/// `ok` or `FAILED`.
pub(crate) fn outcome(passed: bool) -> String {
    match passed {
        true => format!("{GOOD}ok{GOOD:#}"),
        false => format!("{ERROR}FAILED{ERROR:#}"),
    }
}
