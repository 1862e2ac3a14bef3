//! In: alerts, explanations and errors of one batch. Out: their frames, and how many there are.

use std::collections::BTreeMap;

use tocsin_wire::frames::{self, AlertHead, Errors, RecordError, Summary};
use tocsin_wire::limits::ANSWER_BYTES;

use super::provenance::{NamedFields, Provenance};
use super::{Layer, RuleSet};
use crate::alert::Alert;
use crate::coverage::Coverage;
use crate::explain::{Barred, Subject, explain, frame_bytes};
use crate::reading::{self, EveryField};
use crate::record::json::{Fault, JsonError};
use crate::record::write;
use crate::room;
use crate::rule::Rule;

/// Room for the frame of an error and for what ends the answer.
const FRAME_BYTES: usize = 1 << 10;

/// Room for the facts of an alert, which are bounded.
const FACTS_BYTES: usize = 16 << 10;

/// Room for a summary: its numbers, the names of keys, and what to do about records that weren't opened.
const SUMMARY_BYTES: usize = 8 << 10;

/// Frames from here on get the room that they need and no more.
const LARGE_FRAME: usize = 1 << 20;

/// Why a record's alerts aren't there, or not all of them.
const NO_ROOM: &str = "there is no room for what is to be said of the record";

/// Why a rule has no verdict on a record.
const UNDECIDED: &str =
    "the rule takes more steps at this record than a rule may; it has no verdict";

/// The code of what says so.
const BUDGET: &str = "rule-budget";

/// How many errors of a reason there are, and the first and the last record that they are about.
type More = (u64, u64, u64);

/// What is counted, and where frames go.
pub(super) struct Tally<'o> {
    pub(super) records: u32,
    pub(super) matches: u32,
    /// Errors, those without a frame of their own among them.
    pub(super) errors: u32,
    /// Records that couldn't be read.
    pub(super) unread: u32,
    /// Records in envelopes of senders that aren't trusted.
    pub(super) untrusted: u32,
    /// What is counted about each rule, if that is wanted.
    pub(super) coverage: Option<Coverage>,
    /// Where the records are from.
    pub(super) provenance: Provenance,
    out: &'o mut Vec<u8>,
    /// Room for the frame of an alert beside the alert.
    frame_bytes: usize,
    /// How many errors may still have a frame of their own.
    frames_left: u32,
    /// The other errors, by their reason.
    more: BTreeMap<&'static str, More>,
    /// Something had no room.
    is_limited: bool,
    /// Nothing more has.
    is_full: bool,
}

/// What an error says beside its reason.
#[derive(Clone, Copy)]
enum Says<'r> {
    Nothing,
    /// The byte of an envelope's text.
    InText(usize),
    /// The id of the rule that it is about.
    Rule(&'r str),
}

impl<'o> Tally<'o> {
    /// Counts nothing yet. So many errors have frames of their own; alerts have facts in theirs if that is asked for.
    pub(super) fn new(out: &'o mut Vec<u8>, error_frames: Option<u32>, facts: bool) -> Tally<'o> {
        let is_full = out.try_reserve(FRAME_BYTES).is_err();
        Tally {
            records: 0,
            matches: 0,
            errors: 0,
            unread: 0,
            untrusted: 0,
            coverage: None,
            provenance: Provenance::default(),
            out,
            frame_bytes: if facts { FRAME_BYTES + FACTS_BYTES } else { FRAME_BYTES },
            frames_left: error_frames.unwrap_or(u32::MAX),
            more: BTreeMap::new(),
            is_limited: is_full,
            is_full,
        }
    }

    /// Whether the answer is all that it should be.
    pub(super) fn is_limited(&self) -> bool {
        self.is_limited
    }

    /// Whether no further frame fits.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Makes room for a frame that holds a record so many times, and for what judging it takes beside that.
    /// Without it the frame mustn't be written.
    pub(super) fn has_room_for(&mut self, record: &[u8], copies: usize) -> bool {
        let frame = room::of_alert(record).saturating_mul(copies).saturating_add(self.frame_bytes);
        let after = self.out.len().saturating_add(frame);
        // Twice as much as there is would be too much of the memory for a large one.
        let reserved = match frame > LARGE_FRAME {
            true => self.out.try_reserve_exact(frame),
            false => self.out.try_reserve(frame),
        };
        after <= ANSWER_BYTES && reserved.is_ok() && room::is_there_for_record(record)
    }

    /// Says that a rule takes too many steps at the record at hand.
    pub(super) fn undecided(&mut self, rule: &str, offset: usize) {
        let index = self.records.saturating_sub(1);
        self.error_frame(index, offset, UNDECIDED, Says::Rule(rule));
    }

    /// Says that a record which has been counted isn't judged as a whole.
    pub(super) fn no_room(&mut self, layer_origin: Option<usize>, offset: usize) {
        self.is_limited = true;
        let index = self.records.saturating_sub(1);
        self.error_frame(index, layer_origin.unwrap_or(offset), NO_ROOM, Says::Nothing);
    }

    /// Writes an alert; with its facts, and where its record begins, if a place is given.
    pub(super) fn alert(&mut self, alert: Alert<'_>, place: Option<usize>) {
        self.matches = self.matches.saturating_add(1);
        let head = AlertHead {
            record: u64::from(self.records.saturating_sub(1)),
            rule: (&alert.rule.id).into(),
            id: hex::encode(alert.id).into(),
            time: alert.milliseconds(),
            offset: place.map(|place| place as u64),
            facts: place.and_then(|_| alert.facts()).map(Box::new),
        };
        frames::alert(&head, self.out, |out| alert.write(out));
    }

    /// Like [`Tally::has_room_for`], for an explanation.
    pub(super) fn has_room_to_explain(&mut self, record: &[u8], rule: &Rule) -> bool {
        self.has_room_for(record, 2) && self.has_bytes(frame_bytes(rule))
    }

    /// Like [`Tally::has_room_for`], for a reading.
    pub(super) fn has_room_to_read(&mut self, record: &[u8]) -> bool {
        // What a field is worked out to may take several times what it is worked out from.
        self.has_room_for(record, 2) && self.has_bytes(reading::BYTES)
    }

    fn has_bytes(&mut self, bytes: usize) -> bool {
        self.out.len().saturating_add(bytes) <= ANSWER_BYTES && self.out.try_reserve(bytes).is_ok()
    }

    pub(super) fn explanation(&mut self, rule: &Rule, subject: Subject<'_, '_>, barred: Barred) {
        self.closely("explanation", |out| explain(rule, subject, barred, out));
    }

    pub(super) fn reading(&mut self, every: &EveryField, subject: Subject<'_, '_>) {
        self.closely("reading", |out| reading::read(every, subject, out));
    }

    /// Appends the frame of a record with one member.
    fn closely(&mut self, member: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let index = self.records.saturating_sub(1);
        self.out.extend_from_slice(b"{\"record\":");
        self.out.extend_from_slice(index.to_string().as_bytes());
        self.out.push(b',');
        write::text(member, self.out);
        self.out.push(b':');
        write(self.out);
        self.out.extend_from_slice(b"}\n");
    }

    /// Appends what has been counted about each rule.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn coverage(&mut self, rules: &RuleSet) {
        if let Some(coverage) = self.coverage.take()
            && !coverage.write(&rules.rules, &rules.fields, self.out)
        {
            self.is_limited = true;
        }
    }

    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn error(&mut self, layer: &Layer<'_>, error: JsonError) {
        if layer.beside_record {
            // Text beside a record that only looked like JSON: the record itself has been judged.
            return;
        }
        let index = self.records;
        self.records = self.records.saturating_add(1);
        self.unread = self.unread.saturating_add(1);
        self.is_limited |= error.fault == Fault::Memory;
        let offset = layer.origin.unwrap_or(error.offset);
        let says = layer.origin.map_or(Says::Nothing, |_| Says::InText(error.offset));
        self.error_frame(index, offset, error.reason(), says);
    }

    /// Counts an error, and writes its frame unless there were too many before it.
    fn error_frame(&mut self, record: u32, offset: usize, reason: &'static str, says: Says<'_>) {
        self.errors = self.errors.saturating_add(1);
        let Some(left) = self.frames_left.checked_sub(1) else {
            let record = u64::from(record);
            let more = self.more.entry(reason).or_insert((0, record, record));
            (more.0, more.2) = (more.0 + 1, record);
            return;
        };
        self.frames_left = left;
        let (reason, rule) = match says {
            Says::Nothing => (reason.into(), None),
            Says::InText(at) => {
                (format!("in an envelope's text, at its byte {at}: {reason}").into(), None)
            }
            Says::Rule(rule) => (reason.into(), Some(rule.into())),
        };
        let code = rule.is_some().then(|| BUDGET.into());
        let error = RecordError { offset: offset as u64, reason, code, rule };
        let frame = error.rule.as_ref().map_or(0, |rule| rule.len()).saturating_mul(6);
        self.is_full |= self.out.len() > ANSWER_BYTES
            || self.out.try_reserve(frame.saturating_add(2 * FRAME_BYTES)).is_err();
        match self.is_full {
            true => self.is_limited = true,
            false => frames::error(u64::from(record), &error, self.out),
        }
    }

    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn summary(&mut self, named: &NamedFields) {
        for (reason, (count, first, last)) in std::mem::take(&mut self.more) {
            if self.out.try_reserve(2 * FRAME_BYTES).is_err() {
                self.is_limited = true;
                break;
            }
            frames::errors(&Errors { count, first, last, reason: reason.into() }, self.out);
        }
        let mut summary = Summary {
            records: self.records.into(),
            matches: self.matches.into(),
            errors: self.errors.into(),
            untrusted: self.untrusted.into(),
            unread: self.unread.into(),
            ..Summary::default()
        };
        // What is said beside the numbers is said only if there is room.
        if self.out.try_reserve(SUMMARY_BYTES).is_ok() {
            self.provenance.finish(named, &mut summary);
        }
        frames::summary(&summary, self.out);
    }
}
