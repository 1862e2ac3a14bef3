//! Places in, turns out: what the workers take, each by the source and its number in there.
//!
//! A worker takes a source, or a place that becomes one, opens and reads it alone, and gives it back
//! before it judges what it has read. Nothing is read under the lock, so several sources may be in
//! flight, and each is in one worker's hands at a time.
//!
//! The oldest source that is free is taken first, and a place only if none is. So there are no more
//! sources than workers, and the oldest, whose outcomes all others wait for, never lies idle while a
//! worker looks for something to do.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::lock;
use crate::input::Room;
use crate::input::arguments::{Missing, Place, Places};
use crate::input::cut::{Cut, Cutter, Lines, Lost, Sizes};
use crate::input::open::{Inflater, Opened, Progress, Reader, Text, describe, open};

/// A place that is being read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) number: u64,
    pub(super) name: String,
}

/// Which turn of which source; outcomes come in this order. Both count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) source: u64,
    pub(super) turn: u64,
}

impl Key {
    pub(super) const FIRST: Key = Key { source: 0, turn: 0 };

    /// The key of the turn that comes next.
    pub(super) fn following(self, is_last: bool) -> Key {
        match is_last {
            true => Key { source: self.source + 1, turn: 0 },
            false => Key { turn: self.turn + 1, ..self },
        }
    }
}

/// What one worker does next.
pub(super) struct Turn {
    pub(super) source: Arc<Source>,
    /// Turns of a source count from 0.
    pub(super) number: u64,
    pub(super) step: Step,
    /// Bytes read so far from all places, before decompression.
    pub(super) bytes_read: u64,
}

impl Turn {
    pub(super) fn key(&self) -> Key {
        Key { source: self.source.number, turn: self.number }
    }

    pub(super) fn is_batch(&self) -> bool {
        matches!(self.step, Step::Cut { .. })
    }

    /// Whether the source has no turn behind this one.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.step, Step::Unread { .. } | Step::End { .. })
    }
}

pub(super) enum Step {
    /// A piece of the source, and what is lost behind it.
    Cut { cut: Cut, lost: Option<Lost> },
    /// A piece that couldn't be read.
    Lost(Lost),
    /// The source can't be read at all.
    Unread { reason: String },
    /// The source ends, maybe too early.
    End { bytes: u64, offset: u64, gap: Lines, error: Option<String> },
}

/// The places that are left, and the sources that are being read.
pub(super) struct Feed {
    shared: Mutex<Shared>,
    changed: Condvar,
    sizes: Sizes,
    /// Whether somebody else could seek a batch while one is read.
    shares: bool,
    progress: Progress,
}

struct Shared {
    places: Places,
    sources: u64,
    /// In the order of their numbers.
    current: VecDeque<Slot>,
    /// Workers that wait for a source.
    waiting: usize,
    stopped: bool,
}

struct Slot {
    number: u64,
    /// Nothing while a worker has it.
    current: Option<Box<Current>>,
}

struct Current {
    source: Arc<Source>,
    cutter: Cutter<Reader>,
    compression: Option<&'static str>,
    start: u64,
    turns: u64,
}

/// What a worker has taken.
enum Taken {
    Current(Box<Current>),
    Place(Arc<Source>, Result<Place, Missing>),
}

impl Feed {
    /// What `workers` take turns with.
    pub(super) fn new(places: Places, sizes: Sizes, workers: usize) -> Feed {
        let current = VecDeque::new();
        let shared = Shared { places, sources: 0, current, waiting: 0, stopped: false };
        Feed {
            shared: Mutex::new(shared),
            changed: Condvar::new(),
            sizes,
            shares: workers > 1,
            progress: Progress::default(),
        }
    }

    /// The next turn, with its batch read into `room`; `None` when everything has been read. While
    /// outcomes are `held_up`, it is one of the oldest source, if there is one.
    pub(super) fn next(
        &self,
        held_up: impl Fn() -> bool,
        inflater: &mut Inflater,
        room: &mut impl Room,
    ) -> Option<Turn> {
        let mut current = match self.take(held_up)? {
            Taken::Current(current) => current,
            Taken::Place(source, place) => match self.open(&source, place, inflater, room) {
                Ok(current) => current,
                Err(reason) => {
                    self.give_back(source.number, None);
                    return Some(self.turn(source, 0, Step::Unread { reason }));
                }
            },
        };
        let (source, number) = (Arc::clone(&current.source), current.turns);
        current.turns += 1;
        if self.shares
            && let Some(ahead) = current.cutter.ahead()
        {
            self.give_back(source.number, Some(current));
            let step = match ahead.read(room) {
                Ok((cut, lost)) => Step::Cut { cut, lost },
                Err(lost) => Step::Lost(lost),
            };
            return Some(self.turn(source, number, step));
        }
        let step = match current.cutter.next(room) {
            Ok(Some(cut)) => Step::Cut { cut, lost: None },
            Ok(None) => current.end(None),
            // The room breaks only if the module does.
            Err(error) => current.end(Some(format!("{error}; the rest is not judged"))),
        };
        let rest = matches!(step, Step::Cut { .. }).then_some(current);
        self.give_back(source.number, rest);
        Some(self.turn(source, number, step))
    }

    /// Lets nobody wait for a source that will never be given back.
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
            let only_oldest = held_up() && !shared.current.is_empty();
            let among = if only_oldest { 1 } else { shared.current.len() };
            let free = shared.current.iter_mut().take(among).find_map(|slot| slot.current.take());
            if let Some(current) = free {
                return Some(Taken::Current(current));
            }
            if !only_oldest && let Some(place) = shared.next_place() {
                return Some(place);
            }
            if shared.current.is_empty() {
                return None;
            }
            shared.waiting += 1;
            shared = self.changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
            shared.waiting -= 1;
        }
    }

    /// Gives a source back, or nothing if it has ended.
    fn give_back(&self, number: u64, current: Option<Box<Current>>) {
        let mut shared = lock(&self.shared);
        match current {
            Some(current) => {
                if let Some(slot) = shared.current.iter_mut().find(|slot| slot.number == number) {
                    slot.current = Some(current);
                }
            }
            None => shared.current.retain(|slot| slot.number != number),
        }
        // Without need that would be a call of the operating system for each batch.
        if shared.waiting > 0 {
            self.changed.notify_all();
        }
    }

    fn open(
        &self,
        source: &Arc<Source>,
        place: Result<Place, Missing>,
        inflater: &mut Inflater,
        room: &mut impl Room,
    ) -> Result<Box<Current>, String> {
        let place = place.map_err(|missing| missing.reason)?;
        let Opened { text, offset: start, live, compression } =
            open(&place, Arc::clone(&self.progress), inflater, room, self.sizes)
                .map_err(|error| error.to_string())?;
        let cutter = match text {
            Text::Stream(reader) => Cutter::new(reader, start, live, self.sizes),
            Text::InRoom(length) => {
                Cutter::in_room(length, Reader::Stream(Box::new(io::empty())), self.sizes)
            }
        };
        let source = Arc::clone(source);
        Ok(Box::new(Current { source, cutter, compression, start, turns: 0 }))
    }

    fn turn(&self, source: Arc<Source>, number: u64, step: Step) -> Turn {
        Turn { source, number, step, bytes_read: self.progress.load(Ordering::Relaxed) }
    }
}

impl Shared {
    fn next_place(&mut self) -> Option<Taken> {
        let place = self.places.next()?;
        let name = match &place {
            Ok(place) => place.to_string(),
            Err(missing) => missing.path.clone(),
        };
        let number = self.sources;
        self.sources += 1;
        self.current.push_back(Slot { number, current: None });
        Some(Taken::Place(Arc::new(Source { number, name }), place))
    }
}

impl Current {
    fn end(&self, broken: Option<String>) -> Step {
        let damaged = || {
            let error = self.cutter.error()?;
            Some(match self.compression {
                Some(compression) => {
                    format!("the {compression} stream is damaged or cut off: {}", describe(error))
                }
                None => describe(error),
            })
        };
        Step::End {
            bytes: self.cutter.offset() - self.start,
            offset: self.cutter.offset(),
            gap: self.cutter.gap(),
            error: broken.or_else(damaged),
        }
    }
}
