//! A body's records in, alerts out: slice by slice, so that a large body of one tenant holds a thread up no
//! longer than a small one of another.

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tocsin_host::Detector;
use tocsin_host::detector::{DetectorError, Frame};
use tocsin_host::input::batcher::{Batch, Batcher, Piece, Refusal, Sizes, count, split};
use tocsin_wire::RecordKeys;

use super::Rules;

/// A body up to this size is one slice.
const SMALL: usize = 512 << 10;

/// A document of many records up to this size is still judged as it is.
const WHOLE: usize = 1 << 20;

/// Slices are judged for so long before it is another's turn.
const TURN: Duration = Duration::from_millis(5);

/// What a slice may take of the steps of a body.
const SLICE_OF_STEPS: u64 = 10;

/// What a part of a broken slice may take of those, while the record to blame is looked for.
const PART_OF_STEPS: u64 = 16;

/// Parts of a broken slice that may break, too.
const MOST_FAILURES: usize = 12;

/// Slices of a body that may break before its rest is left out.
const MOST_BROKEN: usize = 3;

/// Errors of a body that are listed; the others are counted.
const MOST_ERRORS: usize = 64;

/// An alert of a batch.
pub type Alert = crate::outbox::Alert;

/// What became of a body.
#[derive(Debug, Default)]
pub struct Judged {
    /// Records seen, those that couldn't be judged among them.
    pub records: u64,
    /// Records that couldn't be judged.
    pub rejected: u64,
    /// The first of those: which record, the byte of the body, and why.
    pub errors: Vec<(u64, u64, String)>,
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Why a slice of it was broken off, if one was.
    pub broken: Option<String>,
}

impl Judged {
    /// Leaves out records that can't be judged.
    fn skip(&mut self, text: &[u8], at: u64, reason: &str, record_keys: &Arc<RecordKeys>) {
        let records = count(text, record_keys);
        self.error(self.records, at, format!("{reason}; {records} records are skipped"));
        self.records += records;
        self.rejected += records;
    }

    fn error(&mut self, record: u64, offset: u64, reason: String) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push((record, offset, reason));
        }
    }
}

/// A body of which a part is judged.
pub struct Judging {
    text: Text,
    broken: usize,
    /// What has become of it so far.
    pub judged: Judged,
}

enum Text {
    Small(Vec<u8>),
    Large { batcher: Box<Batcher<Cursor<Vec<u8>>>>, buffer: Vec<u8> },
    Done,
}

/// A piece of a body.
enum Slice {
    Records(Batch),
    /// A record that is passed over.
    Refused(u64, Refusal),
}

impl Judging {
    /// A body that is still to be judged by rules.
    pub fn new(body: Vec<u8>, rules: &Rules) -> Judging {
        let text = match body.len() {
            0 => Text::Done,
            1..=SMALL => Text::Small(body),
            _ => {
                let mut sizes = Sizes::within(body.len(), rules.limits().memory_bytes);
                sizes.whole = sizes.whole.min(WHOLE);
                let batcher = Box::new(Batcher::new(
                    Cursor::new(body),
                    0,
                    false,
                    sizes,
                    &rules.record_keys(),
                ));
                Text::Large { batcher, buffer: Vec::new() }
            }
        };
        Judging { text, broken: 0, judged: Judged::default() }
    }

    /// Judges for a while; says whether all is judged. Whatever happens inside, the body has an answer.
    pub fn go_on(&mut self, rules: &Rules) -> bool {
        if matches!(self.text, Text::Done) {
            return true;
        }
        let began = Instant::now();
        let mut detector = match rules.detector() {
            Ok(detector) => detector,
            Err(error) => {
                self.leave_out_the_rest(&error.to_string(), rules);
                return true;
            }
        };
        detector.sandbox_mut().limit_steps((rules.limits().steps / SLICE_OF_STEPS).max(1));
        let mut is_done = false;
        while !is_done && began.elapsed() < TURN {
            is_done = self.judge_slice(&mut detector, rules);
        }
        rules.keep(detector);
        is_done
    }

    fn judge_slice(&mut self, detector: &mut Detector, rules: &Rules) -> bool {
        match &mut self.text {
            Text::Done => return true,
            Text::Small(body) => {
                let body = std::mem::take(body);
                self.text = Text::Done;
                let is_sound = judge(detector, &body, &|offset| offset, rules, &mut self.judged);
                self.broken += usize::from(!is_sound);
            }
            Text::Large { batcher, buffer } => match next(batcher, buffer) {
                None => self.text = Text::Done,
                Some(Slice::Refused(at, reason)) => self.judged.refuse(at, reason),
                Some(Slice::Records(batch)) => {
                    let text = buffer.get(batch.range.clone()).unwrap_or_default();
                    let place = |offset| batch.stream_offset(offset);
                    let is_sound = judge(detector, text, &place, rules, &mut self.judged);
                    self.broken += usize::from(!is_sound);
                }
            },
        }
        if self.broken >= MOST_BROKEN {
            let reason = self.judged.broken.clone().unwrap_or_default();
            self.leave_out_the_rest(&reason, rules);
        }
        matches!(self.text, Text::Done)
    }

    fn leave_out_the_rest(&mut self, reason: &str, rules: &Rules) {
        let record_keys = rules.record_keys();
        match std::mem::replace(&mut self.text, Text::Done) {
            Text::Done => {}
            Text::Small(body) => self.judged.skip(&body, 0, reason, &record_keys),
            Text::Large { mut batcher, mut buffer } => {
                while let Some(slice) = next(&mut batcher, &mut buffer) {
                    match slice {
                        Slice::Refused(at, reason) => self.judged.refuse(at, reason),
                        Slice::Records(batch) => {
                            let text = buffer.get(batch.range.clone()).unwrap_or_default();
                            self.judged.skip(text, batch.offset, reason, &record_keys);
                        }
                    }
                }
            }
        }
        self.judged.broken.get_or_insert_with(|| reason.to_owned());
    }
}

fn next(batcher: &mut Batcher<Cursor<Vec<u8>>>, buffer: &mut Vec<u8>) -> Option<Slice> {
    // A buffer in memory doesn't break.
    let chunk = batcher.next(buffer).ok().flatten()?;
    Some(match chunk.piece {
        Piece::Batch(batch) => Slice::Records(batch),
        Piece::Refused { offset, reason } => Slice::Refused(offset, reason),
    })
}

/// Judges a slice; says whether it did no harm.
fn judge(
    detector: &mut Detector,
    text: &[u8],
    place: &dyn Fn(u64) -> u64,
    rules: &Rules,
    judged: &mut Judged,
) -> bool {
    let Err(error) = detect(detector, text, place, judged) else { return true };
    let steps = (rules.limits().steps / SLICE_OF_STEPS).max(1);
    judged.broken.get_or_insert_with(|| error.to_string());
    detector.sandbox_mut().limit_steps((steps / PART_OF_STEPS).max(1));
    bisect(detector, text, error, place, judged);
    detector.sandbox_mut().limit_steps(steps);
    false
}

impl Judged {
    fn refuse(&mut self, at: u64, reason: Refusal) {
        let reason = match reason {
            Refusal::RecordTooLarge { limit } => format!("the record is larger than {limit} bytes"),
            Refusal::OutOfMemory => "the record is larger than the tenant's memory".to_owned(),
            // Its records are judged, and counted there.
            Refusal::ListCutOff => return self.error(self.records, at, reason.to_string()),
        };
        self.error(self.records, at, reason);
        self.records += 1;
        self.rejected += 1;
    }
}

/// Judges a batch. `place` says where in the body a byte of it stands.
fn detect(
    detector: &mut Detector,
    batch: &[u8],
    place: &dyn Fn(u64) -> u64,
    judged: &mut Judged,
) -> Result<(), DetectorError> {
    let detection = detector.detect(batch)?;
    let before = judged.records;
    for frame in detection.frames {
        match frame {
            Frame::Alert { head, alert } => judged.alerts.push(Alert {
                record: before + head.record,
                id: head.id.into_owned(),
                rule: head.rule.into_owned(),
                time: head.time,
                body: alert.to_owned(),
            }),
            Frame::Error { record, error } => {
                judged.rejected += 1;
                judged.error(before + record, place(error.offset), error.reason.into_owned());
            }
            Frame::Errors(errors) => {
                judged.rejected += errors.count;
                judged.error(
                    before + errors.first,
                    place(0),
                    format!("{} (and {} like it)", errors.reason, errors.count),
                );
            }
            Frame::Summary(_) => {}
        }
    }
    let untrusted = detection.summary.untrusted;
    if untrusted > 0 {
        judged.rejected += untrusted;
        let reason = "records are in envelopes of senders that aren't AWS, and weren't judged";
        judged.error(before, place(0), format!("{untrusted} {reason}"));
    }
    judged.records += detection.summary.records;
    Ok(())
}

/// Looks for the records that break a batch, so that the others are judged.
fn bisect(
    detector: &mut Detector,
    batch: &[u8],
    error: DetectorError,
    place: &dyn Fn(u64) -> u64,
    judged: &mut Judged,
) {
    let record_keys = detector.sandbox().record_keys();
    let mut failures = 1;
    let mut parts = vec![(batch.to_vec(), 0_u64, Some(error))];
    while let Some((text, at, error)) = parts.pop() {
        let error = match error {
            Some(error) => error,
            None => match detect(detector, &text, &|offset| place(at + offset), judged) {
                Ok(()) => continue,
                Err(error) => {
                    failures += 1;
                    error
                }
            },
        };
        match split(&text, &record_keys).filter(|_| failures < MOST_FAILURES) {
            Some((left, right)) => {
                let part = |half: tocsin_host::input::batcher::Half| {
                    let body = text.get(half.body.clone()).unwrap_or_default();
                    let joined = [half.opening.as_slice(), body, half.closing].concat();
                    (joined, at + half.body.start as u64, None)
                };
                parts.extend([part(right), part(left)]);
            }
            None => judged.skip(&text, place(at), &error.to_string(), &record_keys),
        }
    }
}
