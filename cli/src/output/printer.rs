//! Alerts and problems of a scan in; lines on standard output and standard error, and a bar, out.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write, stderr};
use std::time::{Duration, Instant};

use super::printable;
use super::stdout::{Out, is_terminal, stdout};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tocsin_host::scan::Problem;

/// A scan that ends sooner needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Bytes of alerts that are written together where no person waits for them: in pieces of that size a file
/// takes them with half the work.
const TOGETHER: usize = 256 << 10;

/// How long alerts wait for others.
const WAIT: Duration = Duration::from_millis(50);

/// Where a scan's results go.
pub(crate) struct Printer {
    started: Instant,
    /// Only if somebody sees it.
    bar: Option<ProgressBar>,
    is_shown: bool,
    lines: BufWriter<Out<Stdout>>,
    /// How long lines wait there, and since when they do.
    wait: Duration,
    waiting_since: Instant,
}

impl Printer {
    /// `total_bytes` are those of all files together, where that is known. A quiet one has no bar.
    pub(crate) fn new(total_bytes: Option<u64>, is_quiet: bool) -> Printer {
        // A stream may keep them waiting for ever.
        let may_wait = total_bytes.is_some() && !is_terminal();
        Printer {
            started: Instant::now(),
            bar: (stderr().is_terminal() && !is_quiet).then(|| bar(total_bytes)),
            is_shown: false,
            lines: BufWriter::with_capacity(TOGETHER, stdout()),
            wait: if may_wait { WAIT } else { Duration::ZERO },
            waiting_since: Instant::now(),
        }
    }

    /// Prints what waits, and removes the bar.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.print_waiting()?;
        self.remove_bar();
        Ok(())
    }

    /// Prints whole lines, one an alert, together with others or at once.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.lines.buffer().is_empty() {
            self.waiting_since = Instant::now();
        }
        self.print(|stdout| stdout.write_all(lines))?;
        self.print_if_due()
    }

    fn print_if_due(&mut self) -> io::Result<()> {
        if self.waiting_since.elapsed() >= self.wait { self.print_waiting() } else { Ok(()) }
    }

    fn print_waiting(&mut self) -> io::Result<()> {
        if self.lines.buffer().is_empty() {
            return Ok(());
        }
        self.print(BufWriter::flush)
    }

    fn print(
        &mut self,
        print: impl FnOnce(&mut BufWriter<Out<Stdout>>) -> io::Result<()>,
    ) -> io::Result<()> {
        let written = above(self.bar.as_ref(), || print(&mut self.lines));
        if written.is_err() {
            self.remove_bar();
        }
        super::unless_closed(written)
    }

    fn remove_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Printer {
    /// Prints what couldn't be judged.
    pub(crate) fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        // Both may go to the same place.
        self.print_waiting()?;
        // A closed standard error is no reason to stop.
        let _ = above(self.bar.as_ref(), || {
            writeln!(stderr().lock(), "{}", printable(&problem.to_string()))
        });
        Ok(())
    }

    /// Moves the bar.
    pub(crate) fn progress(&mut self, bytes_read: u64) -> io::Result<()> {
        if let Some(bar) = &self.bar {
            if !self.is_shown && self.started.elapsed() > PATIENCE {
                self.is_shown = true;
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_position(bytes_read);
        }
        self.print_if_due()
    }
}

/// Prints without disturbing the bar.
fn above<T>(bar: Option<&ProgressBar>, print: impl FnOnce() -> T) -> T {
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
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
