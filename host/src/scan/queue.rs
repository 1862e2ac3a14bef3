//! Inputs in, tasks out: what the workers take, each by the source and its number in there.
//!
//! A worker takes a source, or an input that becomes one, opens and reads it alone, and gives it back
//! before it judges what it has read. Nothing is read under the lock, so several sources may be in
//! flight, and each is in one worker's hands at a time.
//!
//! The oldest source that is free is taken first, and an input only if none is. So there are no more
//! sources than workers, and the oldest, whose outcomes all others wait for, never lies idle while a
//! worker looks for something to do.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tocsin_wire::RecordKeys;

use super::lock;
use crate::input::BatchBuffer;
use crate::input::arguments::{Input, Inputs, MissingInput};
use crate::input::batcher::{Batcher, Chunk, Lines, Lost, Sizes};
use crate::input::open::{Inflater, Opened, Progress, Reader, Text, describe, open};

/// An input that is being read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) number: u64,
    pub(super) name: String,
}

/// Which task of which source; outcomes come in this order. Both count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TaskId {
    pub(super) source: u64,
    pub(super) task: u64,
}

impl TaskId {
    pub(super) const FIRST: TaskId = TaskId { source: 0, task: 0 };

    /// The id of the task that comes next.
    pub(super) fn following(self, is_last: bool) -> TaskId {
        match is_last {
            true => TaskId { source: self.source + 1, task: 0 },
            false => TaskId { task: self.task + 1, ..self },
        }
    }
}

/// What one worker does next.
pub(super) struct Task {
    pub(super) source: Arc<Source>,
    /// Tasks of a source count from 0.
    pub(super) number: u64,
    pub(super) work: Work,
    /// Bytes read so far from all inputs, before decompression.
    pub(super) bytes_read: u64,
}

impl Task {
    pub(super) fn id(&self) -> TaskId {
        TaskId { source: self.source.number, task: self.number }
    }

    pub(super) fn is_batch(&self) -> bool {
        matches!(self.work, Work::Chunk { .. })
    }

    /// Whether the source has no task behind this one.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.work, Work::Unread { .. } | Work::End { .. })
    }
}

pub(super) enum Work {
    /// A piece of the source, and what is lost behind it.
    Chunk { chunk: Chunk, lost: Option<Lost> },
    /// A piece that couldn't be read.
    Lost(Lost),
    /// The source can't be read at all.
    Unread { reason: String },
    /// The source ends, maybe too early.
    End { bytes: u64, offset: u64, gap: Lines, error: Option<String> },
}

/// The inputs that are left, and the sources that are being read.
pub(super) struct Queue {
    shared: Mutex<Shared>,
    changed: Condvar,
    sizes: Sizes,
    record_keys: Arc<RecordKeys>,
    /// Whether somebody else could seek a batch while one is read.
    shares: bool,
    progress: Progress,
}

struct Shared {
    inputs: Inputs,
    /// The number of the next source.
    next_number: u64,
    /// The open sources, in the order of their numbers.
    open: VecDeque<Entry>,
    /// Workers that wait for a source.
    waiting: usize,
    stopped: bool,
}

struct Entry {
    number: u64,
    /// Nothing while a worker has it.
    source: Option<Box<OpenSource>>,
}

struct OpenSource {
    source: Arc<Source>,
    batcher: Batcher<Reader>,
    compression: Option<&'static str>,
    start: u64,
    tasks: u64,
}

/// What a worker has taken.
enum Taken {
    OpenSource(Box<OpenSource>),
    Input(Arc<Source>, Result<Input, MissingInput>),
}

impl Queue {
    /// What `workers` take tasks with.
    pub(super) fn new(
        inputs: Inputs,
        sizes: Sizes,
        record_keys: Arc<RecordKeys>,
        workers: usize,
    ) -> Queue {
        let shared =
            Shared { inputs, next_number: 0, open: VecDeque::new(), waiting: 0, stopped: false };
        Queue {
            shared: Mutex::new(shared),
            changed: Condvar::new(),
            sizes,
            record_keys,
            shares: workers > 1,
            progress: Progress::default(),
        }
    }

    /// The next task, with its batch read into `buffer`; `None` when everything has been read. While
    /// outcomes are `held_up`, it is one of the oldest source, if there is one.
    pub(super) fn next(
        &self,
        held_up: impl Fn() -> bool,
        inflater: &mut Inflater,
        buffer: &mut impl BatchBuffer,
    ) -> Option<Task> {
        let mut current = match self.take(held_up)? {
            Taken::OpenSource(current) => current,
            Taken::Input(source, input) => match self.open(&source, input, inflater, buffer) {
                Ok(current) => current,
                Err(reason) => {
                    self.give_back(source.number, None);
                    return Some(self.task(source, 0, Work::Unread { reason }));
                }
            },
        };
        let (source, number) = (Arc::clone(&current.source), current.tasks);
        current.tasks += 1;
        if self.shares
            && let Some(positioned) = current.batcher.next_position()
        {
            self.give_back(source.number, Some(current));
            let work = match positioned.read(buffer) {
                Ok((chunk, lost)) => Work::Chunk { chunk, lost },
                Err(lost) => Work::Lost(lost),
            };
            return Some(self.task(source, number, work));
        }
        let work = match current.batcher.next(buffer) {
            Ok(Some(chunk)) => Work::Chunk { chunk, lost: None },
            Ok(None) => current.end(None),
            // The buffer breaks only if the module does.
            Err(error) => current.end(Some(format!("{error}; the rest is not judged"))),
        };
        let rest = matches!(work, Work::Chunk { .. }).then_some(current);
        self.give_back(source.number, rest);
        Some(self.task(source, number, work))
    }

    /// Wakes workers that wait for a source that will never be given back.
    pub(super) fn stop(&self) {
        lock(&self.shared).stopped = true;
        self.changed.notify_all();
    }

    fn take(&self, held_up: impl Fn() -> bool) -> Option<Taken> {
        let mut shared = lock(&self.shared);
        loop {
            if shared.stopped {
                return None;
            }
            let only_oldest = held_up() && !shared.open.is_empty();
            let among = if only_oldest { 1 } else { shared.open.len() };
            let free = shared.open.iter_mut().take(among).find_map(|entry| entry.source.take());
            if let Some(source) = free {
                return Some(Taken::OpenSource(source));
            }
            if !only_oldest && let Some(input) = shared.next_input() {
                return Some(input);
            }
            if shared.open.is_empty() {
                return None;
            }
            shared.waiting += 1;
            shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
            shared.waiting -= 1;
        }
    }

    /// Gives a source back, or nothing if it has ended.
    fn give_back(&self, number: u64, source: Option<Box<OpenSource>>) {
        let mut shared = lock(&self.shared);
        match source {
            Some(source) => {
                if let Some(entry) = shared.open.iter_mut().find(|entry| entry.number == number) {
                    entry.source = Some(source);
                }
            }
            None => shared.open.retain(|entry| entry.number != number),
        }
        // Without need that would be a call of the operating system for each batch.
        if shared.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn open(
        &self,
        source: &Arc<Source>,
        input: Result<Input, MissingInput>,
        inflater: &mut Inflater,
        buffer: &mut impl BatchBuffer,
    ) -> Result<Box<OpenSource>, String> {
        let input = input.map_err(|missing| missing.reason)?;
        let Opened { text, offset: start, live, compression } =
            open(&input, Arc::clone(&self.progress), inflater, buffer, self.sizes)
                .map_err(|error| error.to_string())?;
        let batcher = match text {
            Text::Stream(reader) => {
                Batcher::new(reader, start, live, self.sizes, &self.record_keys)
            }
            Text::Buffered(length) => {
                let nothing = Reader::Stream(Box::new(io::empty()));
                Batcher::from_buffer(length, nothing, self.sizes, &self.record_keys)
            }
        };
        let source = Arc::clone(source);
        Ok(Box::new(OpenSource { source, batcher, compression, start, tasks: 0 }))
    }

    fn task(&self, source: Arc<Source>, number: u64, work: Work) -> Task {
        Task { source, number, work, bytes_read: self.progress.load(Ordering::Relaxed) }
    }
}

impl Shared {
    fn next_input(&mut self) -> Option<Taken> {
        let input = self.inputs.next()?;
        let name = match &input {
            Ok(input) => input.to_string(),
            Err(missing) => missing.path.clone(),
        };
        let number = self.next_number;
        self.next_number += 1;
        self.open.push_back(Entry { number, source: None });
        Some(Taken::Input(Arc::new(Source { number, name }), input))
    }
}

impl OpenSource {
    fn end(&self, broken: Option<String>) -> Work {
        let damaged = || {
            let error = self.batcher.error()?;
            Some(match self.compression {
                Some(compression) => {
                    format!("the {compression} stream is damaged or cut off: {}", describe(error))
                }
                None => describe(error),
            })
        };
        Work::End {
            bytes: self.batcher.offset() - self.start,
            offset: self.batcher.offset(),
            gap: self.batcher.gap(),
            error: broken.or_else(damaged),
        }
    }
}
