//! A batch that the module couldn't judge in, the judgement of all its records but the one to blame
//! out.
//!
//! The batch is parted in halves until what fails is a single record. That is bounded: a module that
//! fails at everything must not make the scan endless.

use std::sync::Arc;

use tocsin_wire::{RecordKeys, Status};

use super::Failed;
use super::judge::{IfIncomplete, judge_range, locate};
use super::outcome::{BatchPosition, Finding, Outcome};
use super::reorder::Budget;
use crate::Detector;
use crate::detector::DetectorError;
use crate::input::batcher::{Batch, Lines, count, split};

/// Failed calls in a row after which what fails is no longer parted: more than it takes to find one record
/// among any number. Each that succeeds shows that the module doesn't fail at everything.
const FAILURES: usize = 64;

/// The same where several batches before have failed as a whole: still enough for one record.
const FEWER: usize = 32;

/// A part of the batch that is still to be judged.
struct Part {
    text: Vec<u8>,
    batch: Batch,
    /// Why it failed, if it was tried.
    error: Option<DetectorError>,
}

/// Judges the parts of a failed batch.
pub(super) fn bisect(
    detector: &mut Detector,
    mut outcome: Outcome,
    failed: Failed,
    budget: Budget,
) -> Outcome {
    let record_keys = detector.sandbox().record_keys();
    let Failed { error, batch, text } = failed;
    let (whole, first) = (text.clone(), error.to_string());
    let within = batch.original.start - batch.range.start..batch.original.end - batch.range.start;
    let (offset, range) = (batch.offset, 0..text.len());
    let batch = Batch { range, original: within.clone(), offset };
    let mut failures = if budget.is_spent { FAILURES - FEWER } else { 1 };
    let mut judged = false;
    let mut parts = vec![Part { text, batch, error: Some(error) }];
    while let Some(mut part) = parts.pop() {
        if part.error.is_none() {
            match judge_part(detector, &part, &mut outcome, IfIncomplete::Fail) {
                Ok(()) => {
                    (failures, judged) = (0, true);
                    continue;
                }
                Err(error) => {
                    failures += 1;
                    part.error = Some(error);
                }
            }
        }
        match split(&part.text, &record_keys).filter(|_| failures < FAILURES) {
            // The left one comes first.
            Some((left, right)) => parts.extend([part.half(right), part.half(left)]),
            None if part.lacks_room()
                && judge_part(detector, &part, &mut outcome, IfIncomplete::Take).is_ok() => {}
            None => part.give_up(&mut outcome, &record_keys),
        }
    }
    locate(&mut outcome, whole.get(within).unwrap_or_default(), offset);
    outcome.hopeless = !judged;
    // What fails everywhere is reported once a batch, or its lines would be as many as the records.
    let skipped = outcome.totals.skipped;
    if budget.is_spent && outcome.totals.records == skipped {
        outcome.findings.truncate(1);
        if let Some(finding) = outcome.findings.first_mut() {
            finding.reason = skipping(&first, skipped);
        }
    }
    outcome
}

fn skipping(error: &str, records: u64) -> String {
    match records {
        1 => format!("{error}; the record is skipped"),
        records => format!("{error}; {records} records are skipped"),
    }
}

fn judge_part(
    detector: &mut Detector,
    part: &Part,
    outcome: &mut Outcome,
    if_incomplete: IfIncomplete,
) -> Result<(), DetectorError> {
    let buffer = detector.reserve(part.text.len())?;
    if let Some(buffer) = buffer.get_mut(..part.text.len()) {
        buffer.copy_from_slice(&part.text);
    }
    judge_range(detector, 0..part.text.len(), &part.batch, outcome, if_incomplete)
}

impl Part {
    /// Whether it failed for want of room, and not as a whole.
    fn lacks_room(&self) -> bool {
        matches!(self.error, Some(DetectorError::Refused { status: Status::LimitExceeded, .. }))
    }

    fn half(&self, half: crate::input::batcher::Half) -> Part {
        let body = self.text.get(half.body.clone()).unwrap_or_default();
        let text = [half.opening.as_slice(), body, half.closing].concat();
        let original = half.opening.len()..half.opening.len() + body.len();
        let offset = self.batch.stream_offset(half.body.start as u64);
        Part { batch: Batch { range: 0..text.len(), original, offset }, text, error: None }
    }

    /// Counts the records as skipped and says why.
    fn give_up(self, outcome: &mut Outcome, record_keys: &Arc<RecordKeys>) {
        let records = count(&self.text, record_keys);
        let error = self.error.map(|error| error.to_string()).unwrap_or_default();
        let reason = skipping(&error, records);
        let body = self.text.get(self.batch.original.clone()).unwrap_or_default();
        let blank = body.len() - body.trim_ascii_start().len();
        let at = BatchPosition {
            record: Some(outcome.totals.records),
            lines: Lines::default(),
            offset: self.batch.offset + blank as u64,
        };
        outcome.findings.push(Finding { at: Some(at), reason });
        outcome.totals.records += records;
        outcome.totals.skipped += records;
    }
}
