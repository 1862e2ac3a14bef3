//! Alerts, problems and figures in, text for people and programs out.

mod diagnostic;
mod printer;
mod rules;
mod scheduled;
mod stats;
pub(crate) mod style;
mod table;

use std::io::{self, Write, stderr};

pub(crate) use diagnostic::diagnostic;
pub(crate) use printer::Printer;
pub(crate) use rules::rules_said;
pub(crate) use scheduled::Scheduled;
pub(crate) use stats::stats;
pub(crate) use table::rule_table;

/// Says why a command ended, with all causes in one line.
pub(crate) fn error(error: &anyhow::Error) {
    // A cause may name a file, and have a line for each place.
    let text = format!("error: {error:#}");
    say(&text.lines().map(printable).collect::<Vec<_>>().join("\n"));
}

/// Says something to a person. A closed standard error is no reason to fail.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}

/// What somebody else wrote, as a terminal may have it.
pub(crate) fn printable(text: &str) -> String {
    tocsin_host::printable(text).collect()
}

/// A reader that has seen enough (`| head`) is a normal end.
pub(crate) fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written,
    }
}
