//! Places in, numbered turns out: what the workers take one after the other.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::input::Room;
use crate::input::arguments::Places;
use crate::input::cut::{Cut, Cutter, Lines, Sizes};
use crate::input::open::{Inflater, Opened, Progress, Text, describe, open};

/// A place that is being read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) number: u64,
    pub(super) name: String,
}

/// What one worker does next.
pub(super) struct Turn {
    /// Turns count from 0; outcomes come in their order.
    pub(super) number: u64,
    pub(super) source: Arc<Source>,
    pub(super) step: Step,
    /// Bytes read so far from all places, before decompression.
    pub(super) bytes_read: u64,
}

impl Turn {
    pub(super) fn is_batch(&self) -> bool {
        matches!(self.step, Step::Cut(_))
    }
}

pub(super) enum Step {
    /// A piece of the source.
    Cut(Cut),
    /// The source can't be read at all.
    Unread { reason: String },
    /// The source ends, maybe too early.
    End { bytes: u64, offset: u64, gap: Lines, error: Option<String> },
}

/// The places that are left, and the one being read.
pub(super) struct Feed {
    places: Places,
    sizes: Sizes,
    current: Option<Current>,
    turns: u64,
    sources: u64,
    progress: Progress,
    inflater: Inflater,
}

struct Current {
    source: Arc<Source>,
    cutter: Cutter<Box<dyn Read + Send>>,
    compression: Option<&'static str>,
    start: u64,
}

impl Feed {
    pub(super) fn new(places: Places, sizes: Sizes) -> Feed {
        Feed {
            places,
            sizes,
            current: None,
            turns: 0,
            sources: 0,
            progress: Progress::default(),
            inflater: Inflater::default(),
        }
    }

    /// The next turn, with its batch read into `room`; `None` when everything has been read.
    pub(super) fn next(&mut self, room: &mut impl Room) -> Option<Turn> {
        let Some(mut current) = self.current.take() else { return self.next_place(room) };
        let source = Arc::clone(&current.source);
        let step = match current.cutter.next(room) {
            Ok(Some(cut)) => {
                self.current = Some(current);
                Step::Cut(cut)
            }
            Ok(None) => current.end(None),
            // The room breaks only if the module does.
            Err(error) => current.end(Some(format!("{error}; the rest is not judged"))),
        };
        Some(self.turn(source, step))
    }

    fn next_place(&mut self, room: &mut impl Room) -> Option<Turn> {
        let place = self.places.next()?;
        let name = match &place {
            Ok(place) => place.to_string(),
            Err(missing) => missing.path.clone(),
        };
        let source = Arc::new(Source { number: self.sources, name });
        self.sources += 1;
        let opened = match place {
            Ok(place) => {
                let progress = Arc::clone(&self.progress);
                open(&place, progress, &mut self.inflater, room, self.sizes)
                    .map_err(|error| error.to_string())
            }
            Err(missing) => Err(missing.reason),
        };
        match opened {
            Ok(Opened { text, offset: start, live, compression }) => {
                let cutter = match text {
                    Text::Stream(reader) => Cutter::new(reader, start, live, self.sizes),
                    Text::InRoom(length) => {
                        Cutter::in_room(length, Box::new(io::empty()) as Box<_>, self.sizes)
                    }
                };
                self.current = Some(Current { source, cutter, compression, start });
                self.next(room)
            }
            Err(reason) => Some(self.turn(source, Step::Unread { reason })),
        }
    }

    fn turn(&mut self, source: Arc<Source>, step: Step) -> Turn {
        let number = self.turns;
        self.turns += 1;
        Turn { number, source, step, bytes_read: self.progress.load(Ordering::Relaxed) }
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
