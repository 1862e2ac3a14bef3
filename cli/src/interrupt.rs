//! Ctrl-C and TERM in, a clean end out: what has been raised and counted so far is printed.
//!
//! A scan may wait in a read that nothing ends, so the thread that hears of the signal takes the output over and
//! ends the process.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tocsin_host::scan::{Alerts, Problem, Sink, Strangers, Totals};

use crate::exit::INTERRUPTED;
use crate::output;
use crate::output::alerts::Output;

/// How often, and how long at a time, the end waits for an output that is busy, such as with a reader that stands
/// still.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// An output that a signal may take over.
pub(crate) struct Interruptible(Arc<Mutex<Option<Output>>>);

impl Interruptible {
    /// From here on a signal ends the process; `at_end` prints what is said after the alerts.
    pub(crate) fn new(output: Output, at_end: impl Fn(&Output) + Send + 'static) -> Interruptible {
        let shared = Arc::new(Mutex::new(Some(output)));
        let taken = Arc::clone(&shared);
        // Without a handler the system's own ends the process, only less well.
        let _ = ctrlc::set_handler(move || {
            for _ in 0..TRIES {
                if let Ok(mut output) = taken.try_lock() {
                    end(output.take(), &at_end);
                }
                std::thread::sleep(PAUSE);
            }
            std::process::exit(INTERRUPTED.into());
        });
        Interruptible(shared)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Output>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Output) -> io::Result<T>) -> io::Result<T> {
        match self.lock().as_mut() {
            Some(output) => act(output),
            // The process is about to end.
            None => Err(io::Error::from(io::ErrorKind::Interrupted)),
        }
    }

    /// The output, which no signal takes over any more.
    pub(crate) fn into_inner(self) -> Output {
        let output = self.lock().take();
        match output {
            Some(output) => output,
            // The handler has it, and ends the process when it has printed.
            None => loop {
                std::thread::park();
            },
        }
    }
}

/// Prints what there is, and ends the process. Where the scan has ended already, it prints by itself.
fn end(output: Option<Output>, at_end: &impl Fn(&Output)) {
    let Some(mut output) = output else { return };
    let _ = output.finish();
    let totals = &output.counts.totals;
    output::say(&format!(
        "interrupted after {} records; {} alerts, {} problems",
        totals.records, output.counts.alerts, totals.problems
    ));
    at_end(&output);
    std::process::exit(INTERRUPTED.into());
}

impl Sink for Interruptible {
    fn alerts(&mut self, alerts: &Alerts) -> io::Result<()> {
        self.with(|output| output.alerts(alerts))
    }

    fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        self.with(|output| output.problem(problem))
    }

    fn strangers(&mut self, input: &str, records: u64, strangers: &Strangers) -> io::Result<()> {
        self.with(|output| output.strangers(input, records, strangers))
    }

    fn progress(&mut self, bytes_read: u64) -> io::Result<()> {
        self.with(|output| output.progress(bytes_read))
    }

    fn counted(&mut self, totals: &Totals) {
        let _ = self.with(|output| {
            output.counted(totals);
            Ok(())
        });
    }

    fn is_done(&self) -> bool {
        self.lock().as_ref().is_none_or(Sink::is_done)
    }
}
