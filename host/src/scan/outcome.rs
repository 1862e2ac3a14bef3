//! What came of a task, of the whole scan, and what is reported of things gone wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tocsin_wire::frames::{AlertHead, Fieldless, FromSource, Wrapped};
use tocsin_wire::{Facts, Summary};

use super::queue::Source;
use crate::input::batcher::Lines;

/// Alerts as they are printed, one a line, and what is known of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerts {
    lines: Vec<u8>,
    infos: Vec<AlertInfo>,
    input: String,
}

/// What is known of an alert whatever its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertInfo {
    /// The rule's id.
    pub rule: String,
    /// The alert's id.
    pub id: String,
    /// When the event happened, in milliseconds since 1970, if the record says so.
    pub time: Option<i64>,
    /// Who did what from where; only with the module's option `facts`.
    pub facts: Option<Box<Facts>>,
    /// Where the record begins; only with the module's option `facts`.
    pub position: Option<Position>,
    /// The same before it is in order.
    at: Option<BatchPosition>,
    /// Where the alert's line ends.
    end: usize,
}

impl AlertInfo {
    /// What is known of an alert that has no line.
    pub fn new(rule: &str, id: &str, time: Option<i64>, facts: Facts) -> AlertInfo {
        let (rule, id, facts) = (rule.to_owned(), id.to_owned(), Some(Box::new(facts)));
        AlertInfo { rule, id, time, facts, position: None, at: None, end: 0 }
    }
}

impl Alerts {
    /// All lines.
    pub fn lines(&self) -> &[u8] {
        &self.lines
    }

    /// The name of the file or stream that the records are in; only with the module's option `facts`.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// What is known of each alert.
    pub fn infos(&self) -> &[AlertInfo] {
        &self.infos
    }

    /// Each alert, with its line.
    pub fn each(&self) -> impl Iterator<Item = (&AlertInfo, &[u8])> {
        let mut start = 0;
        self.infos.iter().map(move |info| {
            let line = self.lines.get(start..info.end).unwrap_or_default();
            start = info.end;
            (info, line)
        })
    }

    /// Makes room for alerts of so many bytes each.
    pub(super) fn reserve(&mut self, alerts: impl ExactSizeIterator<Item = usize>) {
        self.infos.reserve(alerts.len());
        self.lines.reserve(alerts.map(|bytes| bytes + 1).sum());
    }

    /// Adds an alert: an object as it is, a text without its quotes.
    pub(super) fn push(&mut self, head: AlertHead<'_>, at: Option<BatchPosition>, alert: &str) {
        match alert.starts_with('"').then(|| serde_json::from_str::<String>(alert)) {
            Some(Ok(text)) => self.lines.extend_from_slice(text.as_bytes()),
            _ => self.lines.extend_from_slice(alert.as_bytes()),
        }
        self.lines.push(b'\n');
        let AlertHead { rule, id, time, facts, .. } = head;
        let (rule, id, end) = (rule.into_owned(), id.into_owned(), self.lines.len());
        self.infos.push(AlertInfo { rule, id, time, facts, position: None, at, end });
    }

    /// The places of records, to be given their lines.
    pub(super) fn places(&mut self) -> impl Iterator<Item = &mut BatchPosition> {
        self.infos.iter_mut().filter_map(|info| info.at.as_mut())
    }

    /// Says where each record is, as far as that is known in its batch.
    pub(super) fn place(&mut self, input: &str, position: impl Fn(&BatchPosition) -> Position) {
        if self.infos.iter().all(|info| info.at.is_none()) {
            return;
        }
        input.clone_into(&mut self.input);
        for info in &mut self.infos {
            info.position = info.at.take().map(|at| position(&at));
        }
    }
}

/// What came of one task. Positions are relative to its begin until it is in order.
pub(super) struct Outcome {
    pub(super) source: Arc<Source>,
    /// Line ends before the batch.
    pub(super) gap: Lines,
    /// Line ends in it.
    pub(super) lines: Lines,
    pub(super) alerts: Alerts,
    pub(super) findings: Vec<Finding>,
    pub(super) totals: Totals,
    pub(super) strangers: Strangers,
    pub(super) bytes_read: u64,
    /// The batch had to be parted, and none of its parts could be judged.
    pub(super) hopeless: bool,
}

impl Outcome {
    pub(super) fn new(source: Arc<Source>, bytes_read: u64) -> Outcome {
        Outcome {
            source,
            gap: Lines::default(),
            lines: Lines::default(),
            alerts: Alerts::default(),
            findings: Vec::new(),
            totals: Totals::default(),
            strangers: Strangers::default(),
            bytes_read,
            hopeless: false,
        }
    }

    /// Bytes that it takes while it waits, roughly.
    pub(super) fn bytes(&self) -> usize {
        let infos = self.alerts.infos.iter().map(|info| {
            size_of::<AlertInfo>()
                + info.rule.capacity()
                + info.id.capacity()
                + info.facts.as_ref().map_or(0, |_| 2 * size_of::<Facts>())
        });
        let findings =
            self.findings.iter().map(|finding| size_of::<Finding>() + finding.reason.capacity());
        let fixed = size_of::<Outcome>() + self.alerts.lines.capacity();
        fixed + infos.sum::<usize>() + findings.sum::<usize>()
    }
}

/// A problem that doesn't know its line yet.
pub(super) struct Finding {
    pub(super) at: Option<BatchPosition>,
    pub(super) reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BatchPosition {
    /// Records of the task before this one; none if it isn't about a record.
    pub(super) record: Option<u64>,
    /// Line ends of the batch before this place.
    pub(super) lines: Lines,
    /// The byte of the stream.
    pub(super) offset: u64,
}

/// Something that couldn't be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the file or stream.
    pub input: String,
    /// Where in it, if not as a whole.
    pub position: Option<Position>,
    /// Why.
    pub reason: String,
}

/// A place in a file or stream, after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u64,
    /// The byte of the line, from 1.
    pub column: u64,
    /// The record, from 1; none if it isn't about a record.
    pub record: Option<u64>,
    /// The byte of the stream, from 0.
    pub offset: u64,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.input)?;
        if let Some(Position { line, column, record, offset }) = self.position {
            write!(f, ":{line}:{column}: ")?;
            if let Some(record) = record {
                write!(f, "record {record}, ")?;
            }
            write!(f, "byte {offset}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What a scan has seen. Every record is either judged, or failed, or skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Files and streams that were opened.
    pub files: u64,
    /// Those of them without a byte.
    pub empty: u64,
    /// Files that couldn't be opened or aren't there.
    pub unopened: u64,
    /// Bytes, after decompression.
    pub bytes: u64,
    /// Records, the failed and skipped ones among them.
    pub records: u64,
    /// Alerts.
    pub matches: u64,
    /// Records that the detector couldn't read.
    pub failed: u64,
    /// Records that it never got, or never answered for.
    pub skipped: u64,
    /// Records in envelopes of senders that aren't trusted: no rule for CloudTrail has judged them.
    pub untrusted: u64,
    /// Records in a form that isn't known: rules read them by the names that they have.
    pub unknown: u64,
    /// Those of them whose keys tell another source, by its name.
    pub sources: BTreeMap<String, u64>,
    /// Records in the names of a vocabulary that a shipper has translated them to.
    pub normalised: u64,
    /// Records that are wrapped around others in a way that isn't opened.
    pub wrapped: u64,
    /// Those of the failed ones that are no JSON.
    pub unread: u64,
    /// Problems reported.
    pub problems: u64,
}

/// Records of an input that the rules can't make anything of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strangers {
    /// What is wrapped around records in a way that isn't opened. The places are those in the input, from 0.
    pub wrapped: Vec<Wrapped>,
    /// Records that hold none of the fields that rules name, and the place of the first one.
    pub fieldless: Option<Fieldless>,
}

impl Strangers {
    /// Adds those of records that come behind so many others.
    pub(super) fn add(&mut self, before: u64, other: Strangers) {
        for Wrapped { what, count, first, hint } in other.wrapped {
            match self.wrapped.iter_mut().find(|known| known.what == what) {
                Some(known) => known.count += count,
                None => self.wrapped.push(Wrapped { what, count, first: before + first, hint }),
            }
        }
        if let Some(Fieldless { count, first, keys }) = other.fieldless {
            let new = || Fieldless { count: 0, first: before + first, keys };
            self.fieldless.get_or_insert_with(new).count += count;
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wrapped.is_empty() && self.fieldless.is_none()
    }
}

impl Totals {
    pub(super) fn add(&mut self, other: &Totals) {
        self.files += other.files;
        self.empty += other.empty;
        self.unopened += other.unopened;
        self.bytes += other.bytes;
        self.records += other.records;
        self.matches += other.matches;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.untrusted += other.untrusted;
        self.unknown += other.unknown;
        for (name, count) in &other.sources {
            self.of_source(name, *count);
        }
        self.normalised += other.normalised;
        self.wrapped += other.wrapped;
        self.unread += other.unread;
        self.problems += other.problems;
    }

    /// Adds what a batch held.
    pub(super) fn add_batch(&mut self, batch: &Summary) {
        self.records += batch.records;
        self.matches += batch.matches;
        self.untrusted += batch.untrusted;
        self.unknown += batch.unknown;
        for FromSource { source, count } in &batch.sources {
            self.of_source(source, *count);
        }
        self.normalised += batch.normalised;
        self.wrapped += batch.wrapped.iter().map(|wrapped| wrapped.count).sum::<u64>();
        self.unread += batch.unread;
    }

    fn of_source(&mut self, name: &str, more: u64) {
        match self.sources.get_mut(name) {
            Some(count) => *count += more,
            None => _ = self.sources.insert(name.to_owned(), more),
        }
    }
}
