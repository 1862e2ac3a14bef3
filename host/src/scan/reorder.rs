//! Outcomes in any order in, alerts and problems in the order of the records out.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::outcome::{BatchPosition, Finding, Outcome, Position, Problem, Strangers, Totals};
use super::queue::{Source, TaskId};
use super::{Sink, lock};
use crate::input::batcher::Lines;

/// Batches of one source in a row in which nothing could be judged; after that, the next one is tried less
/// often.
const HOPELESS: usize = 8;

/// Bytes of outcomes that may wait for those before them.
const AHEAD: usize = 4 << 20;

/// Whether a batch may still be parted.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    pub(super) is_spent: bool,
}

/// Puts outcomes in order and passes them on.
pub(super) struct ReorderBuffer<'a> {
    state: Mutex<State<'a>>,
    moved: Condvar,
    /// So many outcomes wait that it is time for the one that they wait for.
    held_up: AtomicBool,
}

struct State<'a> {
    /// The outcome that comes next.
    next: TaskId,
    waiting: BTreeMap<TaskId, (Outcome, bool)>,
    /// Bytes of what waits.
    waiting_bytes: usize,
    /// Workers that wait for outcomes to be passed on.
    workers: usize,
    /// The number of the source that the state is about, and itself once something of it has been judged.
    source: u64,
    named: Option<Arc<Source>>,
    records: u64,
    strangers: Strangers,
    lines: Lines,
    hopeless: usize,
    bytes_read: u64,
    totals: Totals,
    sink: &'a mut dyn Sink,
    error: Option<io::Error>,
    /// The sink has seen enough.
    is_done: bool,
}

impl<'a> ReorderBuffer<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> ReorderBuffer<'a> {
        let state = State {
            next: TaskId::FIRST,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            workers: 0,
            source: 0,
            named: None,
            records: 0,
            strangers: Strangers::default(),
            lines: Lines::default(),
            hopeless: 0,
            bytes_read: 0,
            totals: Totals::default(),
            sink,
            error: None,
            is_done: false,
        };
        ReorderBuffer {
            state: Mutex::new(state),
            moved: Condvar::new(),
            held_up: AtomicBool::new(false),
        }
    }

    /// Whether the sink takes nothing more.
    pub(super) fn is_stopped(&self) -> bool {
        lock(&self.state).is_over()
    }

    /// Whether outcomes wait for one of the oldest source, and more of others would only wait, too.
    pub(super) fn is_held_up(&self) -> bool {
        self.held_up.load(Ordering::Relaxed)
    }

    /// Hands an outcome in; waits if it is far ahead of the others. It never waits if it is the next
    /// one, so that the worker that holds the oldest source goes on with it.
    pub(super) fn submit(&self, id: TaskId, is_last: bool, outcome: Outcome) {
        let mut state = lock(&self.state);
        state.waiting_bytes += outcome.bytes();
        state.waiting.insert(id, (outcome, is_last));
        let moved = state.pass_on();
        self.held_up.store(state.is_held_up(), Ordering::Relaxed);
        // Without need that would be a call of the operating system for each batch.
        if moved && state.workers > 0 {
            self.moved.notify_all();
        }
        while state.is_held_up() && id > state.next && !state.is_over() {
            state = self.wait_for_move(state);
        }
    }

    /// Waits until all outcomes before this one have been passed on. `None` if the scan has stopped.
    pub(super) fn wait(&self, id: TaskId) -> Option<Budget> {
        let mut state = lock(&self.state);
        while state.next < id && !state.is_over() {
            state = self.wait_for_move(state);
        }
        // The outcome before may belong to another source.
        let is_spent = state.source == id.source && state.hopeless >= HOPELESS;
        (!state.is_over()).then_some(Budget { is_spent })
    }

    /// Ends the scan for all workers.
    pub(super) fn stop(&self, error: io::Error) {
        lock(&self.state).error.get_or_insert(error);
        self.moved.notify_all();
    }

    pub(super) fn finish(self) -> io::Result<Totals> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if state.error.is_none() {
            state.error = state.end_source().err();
        }
        match state.error {
            Some(error) => Err(error),
            None => Ok(state.totals),
        }
    }

    fn wait_for_move<'g>(&self, mut state: MutexGuard<'g, State<'a>>) -> MutexGuard<'g, State<'a>> {
        state.workers += 1;
        let mut state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.workers -= 1;
        state
    }
}

impl State<'_> {
    /// Whether nothing more is passed on.
    fn is_over(&self) -> bool {
        self.error.is_some() || self.is_done
    }

    fn is_held_up(&self) -> bool {
        self.waiting_bytes > AHEAD
    }

    /// Passes on what is next, as far as it is there. Whether there was anything.
    fn pass_on(&mut self) -> bool {
        let before = self.next;
        while !self.is_over()
            && let Some((outcome, is_last)) = self.waiting.remove(&self.next)
        {
            self.next = self.next.following(is_last);
            self.waiting_bytes -= outcome.bytes();
            self.error = self.emit(outcome).err();
        }
        self.next > before || self.is_over()
    }

    fn emit(&mut self, mut outcome: Outcome) -> io::Result<()> {
        if outcome.source.number != self.source {
            self.end_source()?;
            self.source = outcome.source.number;
            (self.records, self.lines, self.hopeless) = (0, Lines::default(), 0);
        }
        self.lines.join(outcome.gap);
        if !outcome.alerts.lines().is_empty() {
            outcome.alerts.place(&outcome.source.name, |at| self.position(at));
            self.sink.alerts(&outcome.alerts)?;
        }
        for Finding { at, reason } in outcome.findings {
            let position = at.map(|at| self.position(&at));
            let input = outcome.source.name.clone();
            self.sink.problem(&Problem { input, position, reason })?;
            self.totals.problems += 1;
        }
        self.lines.join(outcome.lines);
        self.strangers.add(self.records, outcome.strangers);
        self.named = Some(outcome.source);
        self.records += outcome.totals.records;
        if outcome.hopeless {
            self.hopeless += 1;
        } else if outcome.totals.records > outcome.totals.skipped {
            self.hopeless = 0;
        }
        self.totals.add(&outcome.totals);
        // A later source may have been read before this one.
        self.bytes_read = self.bytes_read.max(outcome.bytes_read);
        self.sink.counted(&self.totals);
        self.sink.progress(self.bytes_read)?;
        self.is_done = self.sink.is_done();
        Ok(())
    }

    /// Says what is to be said of a source as a whole.
    fn end_source(&mut self) -> io::Result<()> {
        let (named, strangers) = (self.named.take(), std::mem::take(&mut self.strangers));
        match named {
            Some(source) if !strangers.is_empty() => {
                self.sink.strangers(&source.name, self.records, &strangers)
            }
            _ => Ok(()),
        }
    }

    fn position(&self, at: &BatchPosition) -> Position {
        let mut lines = self.lines;
        lines.join(at.lines);
        Position {
            line: lines.count + 1,
            column: at.offset.saturating_sub(lines.last_start.unwrap_or(0)) + 1,
            record: at.record.map(|before| self.records + before + 1),
            offset: at.offset,
        }
    }
}
