//! A task in, its outcome out, or the whole batch back if the detector has no answer for it.

use std::ops::Range;

use tocsin_wire::Status;

use super::Failed;
use super::outcome::{BatchPosition, Finding, Outcome, Strangers};
use super::queue::{Task, Work};

use crate::Detector;
use crate::detector::{DetectorError, Frame};
use crate::input::batcher::{Batch, Chunk, Lines, Lost, Piece, Refusal};

/// Memory that batches have made a module take beside what its rules need, beyond which the instance is given up: with
/// many rules a new one takes longer to configure than a batch to judge.
const BLOATED: usize = 48 << 20;

/// Judges what a task has brought.
pub(super) fn judge(detector: &mut Detector, task: Task) -> (Outcome, Option<Failed>) {
    let mut outcome = Outcome::new(task.source, task.bytes_read);
    let mut failed = None;
    match task.work {
        Work::Chunk { chunk: Chunk { gap, piece, is_last }, lost } => {
            outcome.gap = gap;
            match piece {
                Piece::Batch(batch) => {
                    failed = judge_batch(detector, batch, is_last, lost, &mut outcome);
                }
                Piece::Refused { offset, reason } => refused(offset, reason, &mut outcome),
            }
        }
        Work::Lost(lost) => outcome.findings.push(Finding::from(lost)),
        Work::Unread { reason } => {
            outcome.totals.unopened = 1;
            outcome.findings.push(Finding { at: None, reason });
        }
        Work::End { bytes, offset, gap, error } => {
            outcome.gap = gap;
            outcome.totals.files = 1;
            outcome.totals.bytes = bytes;
            outcome.totals.empty = u64::from(bytes == 0 && error.is_none());
            outcome.findings.extend(error.map(|reason| {
                let at = BatchPosition { record: None, lines: Lines::default(), offset };
                Finding { at: Some(at), reason }
            }));
        }
    }
    (outcome, failed)
}

/// Whether a large record has left a memory that is worth giving back.
pub(super) fn is_bloated(detector: &Detector) -> bool {
    detector.sandbox().batch_bytes() > BLOATED
}

fn judge_batch(
    detector: &mut Detector,
    batch: Batch,
    is_last: bool,
    lost: Option<Lost>,
    outcome: &mut Outcome,
) -> Option<Failed> {
    let result = judge_range(detector, batch.range.clone(), &batch, outcome, IfIncomplete::Fail);
    outcome.findings.extend(lost.map(Finding::from));
    let buffer = detector.sandbox().buffer();
    let original = buffer.get(batch.original.clone()).unwrap_or_default();
    if !is_last {
        outcome.lines = Lines::of(original, batch.offset);
    }
    locate(outcome, original, batch.offset);
    result.err().map(|error| {
        let text = buffer.get(batch.range.clone()).unwrap_or_default().to_vec();
        Failed { error, batch, text }
    })
}

/// What to make of an answer in which records lacked room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IfIncomplete {
    /// Fail: with fewer records beside them they may have room.
    Fail,
    /// Take it: it says which they are.
    Take,
}

/// Judges a range of the buffer. Its positions still lack their lines.
pub(super) fn judge_range(
    detector: &mut Detector,
    range: Range<usize>,
    batch: &Batch,
    outcome: &mut Outcome,
    if_incomplete: IfIncomplete,
) -> Result<(), DetectorError> {
    let detection = detector.detect_range(range)?;
    if !detection.is_complete && if_incomplete == IfIncomplete::Fail {
        let reason = "the memory has no room for the batch".to_owned();
        return Err(DetectorError::Refused { status: Status::LimitExceeded, reason });
    }
    let before = outcome.totals.records;
    outcome.alerts.reserve(detection.frames.iter().map(|frame| match frame {
        Frame::Alert { alert, .. } => alert.len(),
        _ => 0,
    }));
    for frame in detection.frames {
        match frame {
            Frame::Alert { head, alert } => {
                let at = head.offset.map(|offset| BatchPosition {
                    record: Some(before + head.record),
                    lines: Lines::default(),
                    offset: batch.stream_offset(offset),
                });
                outcome.alerts.push(head, at, alert);
            }
            Frame::Error { record, error } => {
                let reason = match &error.rule {
                    Some(rule) => format!("rule {rule}: {}", error.reason),
                    None => error.reason.into_owned(),
                };
                let at = BatchPosition {
                    record: Some(before + record),
                    lines: Lines::default(),
                    offset: batch.stream_offset(error.offset),
                };
                outcome.findings.push(Finding { at: Some(at), reason });
                outcome.totals.failed += 1;
            }
            Frame::Errors(errors) => {
                let at = BatchPosition {
                    record: Some(before + errors.first),
                    lines: Lines::default(),
                    offset: batch.stream_offset(0),
                };
                let (count, reason) = (errors.count, errors.reason);
                let reason = format!("{count} more of the records from this one on: {reason}");
                outcome.findings.push(Finding { at: Some(at), reason });
                outcome.totals.failed += count;
            }
            Frame::Summary(_) => {}
        }
    }
    let summary = detection.summary;
    outcome.totals.add_batch(&summary);
    let strangers = Strangers { wrapped: summary.wrapped, fieldless: summary.fieldless };
    outcome.strangers.add(before, strangers);
    Ok(())
}

/// Counts the lines of the batch before each problem, and before the record of each alert whose place is known.
pub(super) fn locate(outcome: &mut Outcome, original: &[u8], offset: u64) {
    let findings = outcome.findings.iter_mut().filter_map(|finding| finding.at.as_mut());
    count_lines(findings, original, offset);
    count_lines(outcome.alerts.places(), original, offset);
}

fn count_lines<'p>(
    places: impl Iterator<Item = &'p mut BatchPosition>,
    original: &[u8],
    offset: u64,
) {
    let (mut seen, mut lines) = (0, Lines::default());
    for at in places {
        let place = usize::try_from(at.offset.saturating_sub(offset)).unwrap_or(usize::MAX);
        if place < seen {
            (seen, lines) = (0, Lines::default());
        }
        let new = original.get(seen..place.min(original.len())).unwrap_or_default();
        lines.join(Lines::of(new, offset + seen as u64));
        seen = place;
        at.lines = lines;
    }
}

impl From<Lost> for Finding {
    fn from(lost: Lost) -> Finding {
        let at = BatchPosition { record: None, lines: Lines::default(), offset: lost.offset };
        Finding { at: Some(at), reason: lost.to_string() }
    }
}

fn refused(offset: u64, reason: Refusal, outcome: &mut Outcome) {
    let record = match reason {
        Refusal::RecordTooLarge { .. } | Refusal::OutOfMemory => {
            outcome.totals.records = 1;
            outcome.totals.skipped = 1;
            Some(0)
        }
        Refusal::ListCutOff => None,
    };
    let at = BatchPosition { record, lines: Lines::default(), offset };
    outcome.findings.push(Finding { at: Some(at), reason: reason.to_string() });
}
