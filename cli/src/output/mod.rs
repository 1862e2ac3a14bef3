//! Alerts, problems and figures in, text for people and programs out.

pub(crate) mod alerts;
mod diagnostic;
pub(crate) mod explanation;
pub(crate) mod junit;
mod printer;
mod rules;
mod scheduled;
pub(crate) mod stats;
mod stdout;
pub(crate) mod style;
mod table;
mod unjudged;

use std::io::{self, Write, stderr};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use diagnostic::diagnostic;
pub(crate) use printer::Printer;
pub(crate) use rules::rules_said;
pub(crate) use scheduled::Scheduled;
pub(crate) use stats::Stats;
#[cfg(feature = "serve")]
pub(crate) use stdout::check_stdout;
pub(crate) use stdout::{coloured, stdout};
pub(crate) use table::rule_table;
pub(crate) use unjudged::Unjudged;

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

static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From here on there are no remarks, if so.
pub(crate) fn be_quiet(quiet: bool) {
    IS_QUIET.store(quiet, Ordering::Relaxed);
}

/// Says what a person may want to know, and a script does without.
pub(crate) fn remark(text: &str) {
    if !IS_QUIET.load(Ordering::Relaxed) {
        say(text);
    }
}

/// What somebody else wrote, as a terminal may have it.
pub(crate) fn printable(text: &str) -> String {
    tocsin_host::printable(text).collect()
}

/// Writes a file; `-` is standard output.
pub(crate) fn write_file(path: &std::path::Path, bytes: &[u8]) -> anyhow::Result<()> {
    use anyhow::Context;
    if path.as_os_str() == "-" {
        return Ok(unless_closed(stdout().write_all(bytes))?);
    }
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// Writes a line to standard output.
pub(crate) fn line(text: &str) -> io::Result<()> {
    unless_closed(writeln!(stdout(), "{text}"))
}

/// A reader that has seen enough (`| head`) is a normal end.
pub(crate) fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written,
    }
}
