//! Inputs and a detector in, alerts and problems out, in the order of the records, however many
//! threads there are.
//!
//! A worker takes a source for as long as it reads the next batch into its own module's memory, or
//! opens the next input if all sources are in others' hands (`queue`); then it judges the batch (`judge`).
//! Outcomes wait for those before them (`reorder`). A batch that fails as a whole is parted until the
//! record to blame is found (`bisect`).
//!
//! The scan never stands still: a worker whose outcome is next goes on with the oldest source that is free,
//! and a worker that waits for outcomes before its own holds no source.

mod bisect;
mod judge;
mod outcome;
mod queue;
mod reorder;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

pub use outcome::{AlertInfo, Alerts, Position, Problem, Strangers, Totals};

use crate::Detector;
use crate::detector::DetectorError;
use crate::input::arguments::Inputs;
use crate::input::batcher::Sizes;
use crate::input::open::Inflater;
use queue::{Queue, TaskId};
use reorder::ReorderBuffer;

/// How to scan.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Detectors that work at once; each needs a few MiB and the largest record.
    pub threads: usize,
    /// How large batches and records are.
    pub sizes: Sizes,
}

/// Where alerts and problems go. An error, what the operating system says, ends the scan.
pub trait Sink: Send {
    /// Alerts in the order of their records.
    fn alerts(&mut self, alerts: &Alerts) -> io::Result<()>;

    /// Something that couldn't be judged.
    fn problem(&mut self, problem: &Problem) -> io::Result<()>;

    /// Called at the end of an input, with its name and the number of its records, if it has records that the rules
    /// can't make anything of.
    fn strangers(&mut self, _input: &str, _records: u64, _strangers: &Strangers) -> io::Result<()> {
        Ok(())
    }

    /// Called now and then with the bytes read so far, before decompression.
    fn progress(&mut self, _bytes_read: u64) -> io::Result<()> {
        Ok(())
    }

    /// Called with all that has been counted so far, after the alerts and problems that it counts.
    fn counted(&mut self, _totals: &Totals) {}

    /// Whether it has seen enough: then the scan ends with what has been counted.
    fn is_done(&self) -> bool {
        false
    }
}

/// Judges all records of all inputs.
///
/// # Errors
/// The sink's error. All that is wrong with the input goes to the sink as problems.
pub fn scan(
    inputs: Inputs,
    detector: Detector,
    options: Options,
    sink: &mut dyn Sink,
) -> io::Result<Totals> {
    let record_keys = detector.sandbox().record_keys();
    let workers = Workers {
        queue: Queue::new(inputs, options.sizes, record_keys, options.threads),
        reorder: ReorderBuffer::new(sink),
        wanted: AtomicUsize::new(options.threads.saturating_sub(1)),
    };
    std::thread::scope(|scope| workers.work(scope, detector));
    workers.reorder.finish()
}

/// What the workers share.
struct Workers<'a> {
    queue: Queue,
    reorder: ReorderBuffer<'a>,
    /// Workers that may still be called in.
    wanted: AtomicUsize,
}

impl Workers<'_> {
    /// One worker's day.
    fn work<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, mut detector: Detector) {
        let _stop_on_panic = StopOnPanic(self);
        let mut inflater = Inflater::default();
        let held_up = || self.reorder.is_held_up();
        while !self.reorder.is_stopped() {
            let Some(task) = self.queue.next(held_up, &mut inflater, &mut detector) else { return };
            let (id, is_last) = (task.id(), task.is_last());
            if id > TaskId::FIRST && task.is_batch() {
                self.call_in(scope, &detector);
            }
            let (outcome, failed) = judge::judge(&mut detector, task);
            let outcome = match failed {
                None => outcome,
                // In order, so that the result doesn't depend on the number of threads.
                Some(failed) => match self.reorder.wait(id) {
                    Some(budget) => bisect::bisect(&mut detector, outcome, failed, budget),
                    None => return,
                },
            };
            self.reorder.submit(id, is_last, outcome);
            if judge::is_bloated(&detector) {
                // If that fails, the next call tries again and says why.
                let _ = detector.sandbox_mut().shrink();
            }
        }
    }

    /// Calls in one more worker, if there may be more: the first one has work already. The new one reads
    /// the rules while this one goes on.
    fn call_in<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, detector: &Detector) {
        let one_less = |wanted: usize| wanted.checked_sub(1);
        if self.wanted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            let blueprint = detector.blueprint();
            scope.spawn(move || {
                if let Ok(another) = blueprint.start() {
                    self.work(scope, another);
                }
            });
        }
    }
}

/// Ends the scan if a worker panics: the others would wait for its outcome, or its source, for ever.
struct StopOnPanic<'c, 'a>(&'c Workers<'a>);

impl Drop for StopOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.reorder.stop(io::Error::other("a worker broke off"));
            self.0.queue.stop();
        }
    }
}

/// A worker that panicked has left nothing half done that would matter to the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a batch has no outcome of its own.
struct Failed {
    error: DetectorError,
    batch: crate::input::batcher::Batch,
    /// The batch's bytes, as the detector got them.
    text: Vec<u8>,
}
