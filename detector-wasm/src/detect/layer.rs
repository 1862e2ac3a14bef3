//! In: a text of the batch or of an envelope. Out: its values in turn, read; or why one can't be.

use std::collections::BTreeSet;
use std::rc::Rc;

use tocsin_boundary::{begins_object, failed_at};
use tocsin_wire::limits::RECORD_BYTES;

use super::RuleSet;
use super::raised::Raised;
use super::tally::Tally;
use crate::alert::Alert;
use crate::event::capture::Captures;
use crate::event::envelope::Envelope;
use crate::record::frame::{Candidate, Frames, Recovery};
use crate::record::json::{Fault, JsonError};

/// A text on the way from the batch to a record: the batch itself, or what an envelope held as text.
#[derive(Clone)]
pub(super) enum Source<'b> {
    Batch(&'b [u8]),
    Decoded(Rc<String>),
}

impl Source<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Source::Batch(bytes) => bytes,
            Source::Decoded(text) => text.as_bytes(),
        }
    }
}

/// One text or part of a text whose values are being taken in turn.
pub(super) struct Layer<'b> {
    pub(super) source: Source<'b>,
    pub(super) frames: Frames,
    /// The offset in the batch that stands for every place in this text, if it isn't the batch.
    pub(super) origin: Option<usize>,
    /// Whether the object around it is a record itself, of which this then is another reading.
    pub(super) beside_record: bool,
    /// How many envelopes are around it.
    pub(super) depth: usize,
    /// The outermost of them that says where it comes from.
    pub(super) envelope: Option<Rc<Envelope>>,
    /// The alerts of the record that was made of this text.
    pub(super) raised: Option<Rc<Raised>>,
}

impl Layer<'_> {
    /// Whether an alert of the rule at a place isn't one about the record around it once more.
    pub(super) fn is_new(
        &self,
        place: u32,
        alert: &Alert<'_>,
        raised: &mut BTreeSet<[u8; 32]>,
    ) -> bool {
        let is_raised = !raised.insert(alert.id) && self.beside_record;
        !is_raised && !self.raised.as_ref().is_some_and(|record| record.has(place, alert))
    }
}

/// Reads the value at a candidate, of which the limit then is its end, or reports why it can't be read.
#[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
pub(super) fn read(
    rules: &RuleSet,
    captures: &mut Captures,
    layer: &mut Layer<'_>,
    text: &[u8],
    mut candidate: Candidate,
    tally: &mut Tally<'_>,
) -> Option<Candidate> {
    loop {
        let within = text.get(..candidate.limit).unwrap_or(text);
        match captures.read(&rules.fields.layout, within, candidate.start) {
            Ok(end) if end - candidate.start > RECORD_BYTES => {
                if layer.frames.enter_inside(text, candidate.start) {
                    return None;
                }
                layer.frames.done(end);
                tally.error(layer, fault(candidate.start, "the record is larger than the limit"));
                return None;
            }
            Ok(end) if !ends_before_a_key(text, candidate.start, end) => {
                layer.frames.read(candidate, end);
                return Some(Candidate { limit: end, ..candidate });
            }
            Ok(end) => {
                let error = fault(end, "expected a JSON object");
                match layer.frames.failed(text, candidate, error) {
                    Recovery::Report(error) => tally.error(layer, error),
                    Recovery::Retry(_) | Recovery::Entered | Recovery::Reported => {}
                }
                return None;
            }
            Err(error) => match layer.frames.failed(text, candidate, error) {
                Recovery::Retry(wider) => candidate = wider,
                Recovery::Entered | Recovery::Reported => return None,
                Recovery::Report(error) => {
                    tally.error(layer, error);
                    return None;
                }
            },
        }
    }
}

/// Whether what was read as a string ends with the brace and the quote that an object begins with: a quote was lost
/// before it.
fn ends_before_a_key(text: &[u8], start: usize, end: usize) -> bool {
    text.get(start) == Some(&b'"')
        && failed_at(text, start, end) != end
        && begins_object(text, failed_at(text, start, end))
}

pub(super) fn fault(offset: usize, what: &'static str) -> JsonError {
    JsonError { offset, fault: Fault::Expected(what) }
}
