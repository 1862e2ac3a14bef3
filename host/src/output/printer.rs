//! Alerts and problems of a scan in; lines on standard output and standard error, and a bar, out.

use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tocsin::scan::{Alerts, Problem, Sink};

/// A scan that ends sooner needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where a scan's results go.
pub(crate) struct Printer {
    started: Instant,
    /// Only if somebody sees it.
    bar: Option<ProgressBar>,
    is_shown: bool,
}

impl Printer {
    /// `total_bytes` are those of all files together, where that is known.
    pub(crate) fn new(total_bytes: Option<u64>) -> Printer {
        Printer {
            started: Instant::now(),
            bar: stderr().is_terminal().then(|| bar(total_bytes)),
            is_shown: false,
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Prints whole lines, one an alert.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.above_bar(|| {
            let mut stdout = stdout().lock();
            // At once: somebody may be waiting for them.
            stdout.write_all(lines).and_then(|()| stdout.flush())
        });
        if written.is_err() {
            self.finish();
        }
        super::unless_closed(written)
    }

    fn above_bar<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Sink for Printer {
    fn alerts(&mut self, alerts: &Alerts) -> io::Result<()> {
        self.lines(alerts.lines())
    }

    fn problem(&mut self, problem: &Problem) {
        // A closed standard error is no reason to stop.
        let _ = self.above_bar(|| writeln!(stderr().lock(), "{problem}"));
    }

    fn progress(&mut self, bytes_read: u64) {
        let Some(bar) = &self.bar else { return };
        if !self.is_shown && self.started.elapsed() > PATIENCE {
            self.is_shown = true;
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(bytes_read);
    }
}

/// A bar that measures from now on, and isn't shown yet.
fn bar(total_bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match total_bytes {
        Some(total) => (
            ProgressBar::new(total),
            "{wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::no_length(), "{spinner} {binary_bytes}, {binary_bytes_per_sec}"),
    };
    bar.set_draw_target(ProgressDrawTarget::hidden());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
