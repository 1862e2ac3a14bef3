//! In: a batch. Out: frames: an alert for each match, an error for each record that can't be read,
//! and a summary; or an explanation for each record. The whole way of a record, from its bytes to its alert, is in this file.

mod indexes;
mod provenance;
mod raised;
mod rule_set;
mod tally;

use std::collections::BTreeSet;
use std::rc::Rc;

use tocsin_boundary::{begins_object, failed_at};
use tocsin_wire::Options;
use tocsin_wire::limits::{ENVELOPE_DEPTH, RECORD_BYTES};

use crate::alert::{Alert, Identity};
use crate::coverage::Coverage;
use crate::event::Event;
use crate::event::capture::{Captures, Duplicates};
use crate::event::envelope::{Envelope, Inner, Place, records_in};
use crate::event::value::Value;
use crate::event::view::Shape;
use crate::explain::Subject;
use crate::prefilter::skip::Skipper;
use crate::reading::EveryField;
use crate::record::frame::{Candidate, Doubt, Found, Frames, Recovery};
use crate::record::json::{Fault, JsonError};
use crate::record::seek::records_on_lines;
use crate::room;
use crate::rule::sources::Marks;
use crate::rule::{JudgedExceptions, Rule};
use crate::{Answer, Status};
use provenance::Seen;
use raised::Raised;
pub(crate) use rule_set::RuleSet;
use tally::Tally;

/// A text on the way from the batch to a record: the batch itself, or what an envelope held as text.
#[derive(Clone)]
enum Source<'b> {
    Batch(&'b [u8]),
    Decoded(Rc<String>),
}

impl Source<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Source::Batch(bytes) => bytes,
            Source::Decoded(text) => text.as_bytes(),
        }
    }
}

/// One text or part of a text whose values are being taken in turn.
struct Layer<'b> {
    source: Source<'b>,
    frames: Frames,
    /// The offset in the batch that stands for every place in this text, if it isn't the batch.
    origin: Option<usize>,
    /// Whether the object around it is a record itself, of which this then is another reading.
    beside_record: bool,
    /// How many envelopes are around it.
    depth: usize,
    /// The outermost of them that says where it comes from.
    envelope: Option<Rc<Envelope>>,
    /// The alerts of the record that was made of this text.
    raised: Option<Rc<Raised>>,
}

impl Layer<'_> {
    /// Whether an alert of the rule at a place isn't one about the record around it once more.
    fn is_new(&self, place: u32, alert: &Alert<'_>, raised: &mut BTreeSet<[u8; 32]>) -> bool {
        let is_raised = !raised.insert(alert.id) && self.beside_record;
        !is_raised && !self.raised.as_ref().is_some_and(|record| record.has(place, alert))
    }
}

/// What is wanted about each record.
#[derive(Clone, Copy)]
pub(crate) enum Task<'r> {
    /// An alert for each rule that selects it.
    Alerts,
    /// Why a rule does or doesn't select it.
    Explanation(&'r Rule),
    /// All of its fields.
    Reading(&'r EveryField),
    /// What each rule makes of it, counted.
    Coverage,
}

/// Judges all records of a batch by the rules. Where it has marks, plain records that no rule can select
/// are passed over. `captures` is kept from call to call for its memory.
pub(crate) fn detect(
    rules: &RuleSet,
    task: Task<'_>,
    captures: &mut Captures,
    options: &Options,
    (batch, marks): (&[u8], Option<&[[u8; 4]]>),
    out: &mut Vec<u8>,
) -> Answer {
    let sampler = rules.prefilter.sampler();
    let mut skipper = sampler.zip(marks).map(|(sampler, marks)| Skipper::new(sampler, marks));
    let mut tally = Tally::new(out, error_frames(task, options), options.facts);
    if let Task::Coverage = task {
        tally.coverage = Some(Coverage::new(&rules.rules));
    }
    let mut layers = vec![Layer {
        source: Source::Batch(batch),
        frames: Frames::new(0, batch.len()),
        origin: None,
        beside_record: false,
        depth: 0,
        envelope: None,
        raised: None,
    }];
    // The alerts of the outermost value at hand, to tell a second reading of the same record.
    let mut raised: BTreeSet<[u8; 32]> = BTreeSet::new();
    while !tally.is_full()
        && let Some(layer) = layers.last_mut()
    {
        if let (Some(skipper), Source::Batch(text), 0) = (&mut skipper, &layer.source, layer.depth)
            && let Some((at, top)) = layer.frames.position(text)
            && let Some(passed) = skipper.pass(text, at, top)
        {
            tally.records = tally.records.saturating_add(passed.records);
            tally.provenance.passed(passed.records);
            layer.frames.done(passed.until);
        }
        let source = layer.source.clone();
        let text = source.bytes();
        match layer.frames.next(text) {
            None => {
                layers.pop();
            }
            Some(Found::List) => {}
            Some(Found::Broken(error)) => tally.error(layer, error),
            Some(Found::Around(start, end)) => {
                let judged = Judged { rules, task, captures, options, text, start, end };
                judged.take_around(&mut layers, &mut raised, &mut tally);
            }
            Some(Found::Value(candidate)) => {
                let read = read(rules, captures, layer, text, candidate, &mut tally);
                let Some(Candidate { start, limit: end, doubt }) = read else { continue };
                if layers.len() == 1 {
                    raised.clear();
                }
                let judged = Judged { rules, task, captures, options, text, start, end };
                judged.take(doubt, &mut layers, &mut raised, &mut tally);
            }
        }
    }
    tally.coverage(rules);
    tally.summary(&rules.named_fields);
    let status = if tally.is_limited() {
        Status::LimitExceeded
    } else if tally.unread > 0 && tally.unread == tally.records {
        Status::BadBatch
    } else {
        Status::Ok
    };
    Answer { status, count: tally.matches }
}

/// How many errors may have frames of their own. Explanations are for one who reads all of them.
fn error_frames(task: Task<'_>, options: &Options) -> Option<u32> {
    match task {
        Task::Alerts | Task::Coverage => options.error_frames,
        Task::Explanation(_) | Task::Reading(_) => None,
    }
}

/// Reads the value at a candidate, of which the limit then is its end, or reports why it can't be read.
fn read(
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

/// Copies a text, with blanks in these places; nothing if there is no room for it.
#[inline(never)] // a frame of its own, live only while it runs
fn blank(text: &[u8], places: &[(usize, usize)], out: &mut Vec<u8>) {
    if out.try_reserve_exact(text.len()).is_ok() {
        out.extend_from_slice(text);
        for (from, to) in places {
            out.get_mut(*from..*to).unwrap_or_default().fill(b' ');
        }
    }
}

/// A value that has been read, and what is needed to judge it.
struct Judged<'a> {
    rules: &'a RuleSet,
    task: Task<'a>,
    captures: &'a mut Captures,
    options: &'a Options,
    text: &'a [u8],
    start: usize,
    end: usize,
}

impl Judged<'_> {
    /// Judges the value if it is a record, and puts what it envelops on the layers.
    fn take(
        &self,
        doubt: Doubt,
        layers: &mut Vec<Layer<'_>>,
        raised: &mut BTreeSet<[u8; 32]>,
        tally: &mut Tally<'_>,
    ) {
        let Some(layer) = layers.last_mut() else { return };
        let no_room = JsonError { offset: self.start, fault: Fault::Memory };
        let value = self.text.get(self.start..self.end).unwrap_or_default();
        if !room::is_there_for_record(value) {
            tally.error(layer, no_room);
            return;
        }
        let inner = if self.captures.is_object() {
            self.rules.envelopes.inner(self.captures, self.text)
        } else {
            Some(self.inner_of_text())
        };
        let Some(inner) = inner else {
            tally.error(layer, no_room);
            return;
        };
        let mut shapes = self.rules.envelopes.shapes(self.captures, !inner.is_empty()).peekable();
        let known = shapes.peek().is_some();
        if doubt != Doubt::No {
            let is_record = known || !inner.is_empty();
            let counts = match doubt {
                Doubt::UnlessLineEnds => is_record || self.ends_line(),
                Doubt::UnlessRecordEndsLine => is_record && self.ends_line(),
                Doubt::No | Doubt::Yes => is_record,
            };
            if !counts {
                return;
            }
            layer.frames.accepted(self.text);
        }
        if !self.captures.is_object() && inner.is_empty() {
            tally.error(layer, fault(self.start, "expected a JSON object"));
            return;
        }
        let mut made = Raised::default();
        if known || inner.is_empty() {
            if !layer.beside_record {
                self.count_record(shapes.clone(), !inner.is_empty(), tally);
            }
            let generic = if known { None } else { Some(Shape::Normalised) };
            if known && layer.envelope.as_ref().is_some_and(|envelope| !envelope.is_trusted) {
                tally.untrusted = tally.untrusted.saturating_add(1);
            }
            let original = inner.iter().any(|inner| inner.is_original).then_some(&mut made);
            self.judge(shapes.chain(generic), layer, raised, original, tally);
        }
        let over_lines = layer.frames.is_over_lines();
        let swallowed = if over_lines { self.swallowed(&inner) } else { Vec::new() };
        self.open(inner, known, made, layers, tally);
        self.open(swallowed, true, Raised::default(), layers, tally);
    }

    /// Counts the record, and where it is from.
    fn count_record(
        &self,
        shapes: impl Iterator<Item = Shape> + Clone,
        is_envelope: bool,
        tally: &mut Tally<'_>,
    ) {
        let index = tally.records;
        tally.records = tally.records.saturating_add(1);
        let has = |shape| shapes.clone().any(|known| known == shape);
        let seen = Seen {
            index,
            captures: self.captures,
            text: self.text,
            record: self.text.get(self.start..self.end).unwrap_or_default(),
            own: has(Shape::Raw),
            normalised: has(Shape::Normalised),
            is_envelope,
        };
        tally.provenance.count(&seen, &self.rules.envelopes, &self.rules.named_fields);
    }

    /// Records that stand on lines of their own inside of a value over several lines, and not in what it envelops.
    #[inline(never)] // a frame of its own, live only while it runs
    fn swallowed(&self, inner: &[Inner]) -> Vec<Inner> {
        let enveloped = |at: usize| {
            inner.iter().any(
                |inner| matches!(inner.place, Place::Here(from, to) if (from..to).contains(&at)),
            )
        };
        let lines = records_on_lines(self.text, self.start, self.end).into_iter();
        lines
            .filter(|line| !enveloped(line.0))
            .map(|(start, end)| Inner::here(start, end))
            .collect()
    }

    /// Puts what the value envelops on the layers. `made` has the alerts of the value itself.
    fn open(
        &self,
        inner: Vec<Inner>,
        known: bool,
        made: Raised,
        layers: &mut Vec<Layer<'_>>,
        tally: &mut Tally<'_>,
    ) {
        let Some(layer) = layers.last().filter(|_| !inner.is_empty()) else { return };
        let no_room = JsonError { offset: self.start, fault: Fault::Memory };
        if layer.depth >= ENVELOPE_DEPTH {
            tally
                .error(layer, fault(self.start, "more envelopes around the record than the limit"));
            return;
        }
        let (source, origin, depth) = (layer.source.clone(), layer.origin, layer.depth + 1);
        // The outermost word counts: the others are inside of what it speaks for. It speaks for what was sent, and
        // not for what else somebody has put beside that.
        let envelope = layer.envelope.clone();
        let sent = envelope.clone().or_else(|| {
            let trusted = &self.options.trust_event_sources;
            self.rules.envelopes.envelope(self.captures, self.text, trusted).map(Rc::new)
        });
        let around = layer.raised.clone();
        let made = if made.is_empty() { around.clone() } else { Some(Rc::new(made)) };
        let beside_record = layer.beside_record || known;
        if layers.try_reserve(inner.len()).is_err() {
            if let Some(layer) = layers.last() {
                tally.error(layer, no_room);
            }
            return;
        }
        // The last layer is taken first.
        for inner in inner.into_iter().rev() {
            let envelope = if inner.is_sent { sent.clone() } else { envelope.clone() };
            let raised = if inner.is_original { made.clone() } else { around.clone() };
            let (source, frames, origin) = match inner.place {
                Place::Here(start, end) => (source.clone(), Frames::new(start, end), origin),
                Place::Text(at, text) => {
                    let frames = Frames::new(0, text.len());
                    (Source::Decoded(Rc::new(text)), frames, Some(origin.unwrap_or(at)))
                }
            };
            layers.push(Layer { source, frames, origin, beside_record, depth, envelope, raised });
        }
    }

    /// Judges a document whose lists of records have been taken already, if its other keys make it a record,
    /// and puts what else it envelops on the layers.
    fn take_around(
        self,
        layers: &mut Vec<Layer<'_>>,
        raised: &mut BTreeSet<[u8; 32]>,
        tally: &mut Tally<'_>,
    ) {
        let layout = &self.rules.fields.layout;
        let text = self.text.get(..self.end).unwrap_or_default();
        if self.captures.read(layout, text, self.start).is_ok() {
            self.take_other_keys(layers, raised, tally);
            return;
        }
        // What is broken in its lists has been reported; the other keys are read without them.
        let mut without_lists = Vec::new();
        let lists = layers.last().map_or(&[][..], |layer| layer.frames.lists());
        blank(text, lists, &mut without_lists);
        if self.captures.read(layout, &without_lists, self.start).is_ok() {
            let text = without_lists.as_slice();
            Judged { text, captures: &mut *self.captures, ..self }
                .take_other_keys(layers, raised, tally);
        }
    }

    /// The same, with the document read.
    fn take_other_keys(
        self,
        layers: &mut Vec<Layer<'_>>,
        raised: &mut BTreeSet<[u8; 32]>,
        tally: &mut Tally<'_>,
    ) {
        let text = self.text.get(..self.end).unwrap_or_default();
        let outermost = layers.len() == 1;
        let Some(layer) = layers.last() else { return };
        let no_room = JsonError { offset: self.start, fault: Fault::Memory };
        let value = text.get(self.start..).unwrap_or_default();
        let inner = room::is_there_for_record(value)
            .then(|| self.rules.envelopes.inner(self.captures, self.text))
            .flatten();
        let Some(mut inner) = inner else {
            tally.error(layer, no_room);
            return;
        };
        inner.retain(|inner| !inner.is_list);
        if outermost {
            raised.clear();
        }
        let shapes = self.rules.envelopes.shapes(self.captures, true);
        let known = shapes.clone().next().is_some();
        let mut made = Raised::default();
        if known {
            if !layer.beside_record {
                self.count_record(shapes.clone(), true, tally);
            }
            if layer.envelope.as_ref().is_some_and(|envelope| !envelope.is_trusted) {
                tally.untrusted = tally.untrusted.saturating_add(1);
            }
            let original = inner.iter().any(|inner| inner.is_original).then_some(&mut made);
            self.judge(shapes, layer, raised, original, tally);
        }
        self.open(inner, known, made, layers, tally);
    }

    /// Whether nothing stands behind the value on its line.
    fn ends_line(&self) -> bool {
        let behind = self.text.get(self.end..).unwrap_or_default();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        behind.iter().find(|byte| !blank(byte)).is_none_or(|byte| *byte == b'\n')
    }

    /// A string may hold a record as text, like an envelope's member.
    fn inner_of_text(&self) -> Vec<Inner> {
        let bytes = self.text.get(self.start..self.end).unwrap_or_default();
        let text = match bytes.first() {
            Some(b'"') => Value::exact(bytes).and_then(|value| value.text()),
            _ => None,
        };
        let records = text.and_then(records_in);
        records.map(|text| Inner::text(self.start, text)).into_iter().collect()
    }

    /// Judges the record in each of its readings, and writes an alert for each rule that one of them
    /// satisfies.
    fn judge(
        &self,
        shapes: impl Iterator<Item = Shape> + Clone,
        layer: &Layer<'_>,
        raised: &mut BTreeSet<[u8; 32]>,
        mut made: Option<&mut Raised>,
        tally: &mut Tally<'_>,
    ) {
        let record = self.text.get(self.start..self.end).unwrap_or_default();
        let candidates = match self.task {
            Task::Alerts => {
                let range = (self.start, self.end);
                let index = self.rules.indexes.of(self.marks());
                index.map(|index| index.candidates(self.captures, self.text, range))
            }
            Task::Explanation(_) | Task::Reading(_) | Task::Coverage => None,
        };
        let looks_anywhere = match self.task {
            Task::Explanation(rule) => rule.query.predicate.looks_anywhere(),
            Task::Reading(_) => false,
            Task::Coverage => {
                self.rules.rules.iter().any(|rule| rule.query.predicate.looks_anywhere())
            }
            Task::Alerts => candidates.iter().any(|candidates| {
                let mut rules = candidates.of(&self.rules.rules);
                rules.any(|(_, rule)| rule.query.predicate.looks_anywhere())
            }),
        };
        let several = self.captures.has_duplicates()
            || looks_anywhere && self.captures.has_duplicates_anywhere(self.text);
        let orders: &[Duplicates] =
            if several { &[Duplicates::Last, Duplicates::First] } else { &[Duplicates::Last] };
        let fields = &self.rules.fields;
        let event = |shape, duplicates| Event {
            text: self.text,
            captures: self.captures,
            fields,
            shape,
            duplicates,
        };
        let readings =
            shapes.flat_map(|shape| orders.iter().map(move |order| event(shape, *order)));
        match self.task {
            Task::Explanation(rule) => return self.explain(rule, readings, layer, tally),
            Task::Reading(every) => return self.read(every, readings, layer, tally),
            Task::Coverage => return self.count(readings, layer, raised, made, tally),
            Task::Alerts => {}
        }
        let (mut excepted, mut identity) = (JudgedExceptions::default(), Identity::default());
        let Some(candidates) = candidates else { return };
        let envelope = layer.envelope.as_deref();
        let is_trusted = envelope.is_none_or(|envelope| envelope.is_trusted);
        for (place, rule) in candidates.of(&self.rules.rules) {
            if !is_trusted && rule.is_for_source {
                continue;
            }
            let mut is_decided = true;
            let selected = readings.clone().find(|event| {
                let known = |node| candidates.clause(place, node);
                let verdict = rule.judge(event, &known, record.len(), &mut excepted);
                is_decided &= verdict.is_some();
                verdict == Some(true)
            });
            let Some(event) = selected else {
                if !is_decided {
                    tally.undecided(&rule.id, layer.origin.unwrap_or(self.start));
                }
                continue;
            };
            let fields = &self.rules.alert_fields;
            let mut alert = Alert::new(rule, event, fields, record, &mut identity);
            alert.envelope = envelope;
            let is_new = layer.is_new(place, &alert, raised);
            if let Some(made) = &mut made {
                made.add(place, &alert);
            }
            if !is_new {
                continue;
            }
            if !tally.has_room_for(record, alert.copies()) {
                tally.no_room(layer.origin, self.start);
                return;
            }
            tally.alert(alert, self.options.facts.then(|| layer.origin.unwrap_or(self.start)));
        }
    }
}

/// What is looked at closely instead of being judged alone.
impl<'a> Judged<'a> {
    /// Says why a rule does or doesn't select the record: in the reading that it selects, else in the first.
    fn explain(
        &self,
        rule: &Rule,
        mut readings: impl Iterator<Item = Event<'a>> + Clone,
        layer: &Layer<'_>,
        tally: &mut Tally<'_>,
    ) {
        let Some(event) = self.selected(rule, readings.clone()).or_else(|| readings.next()) else {
            return;
        };
        let elsewhere = !self.is_for(rule);
        match tally.has_room_to_explain(self.record(), rule) {
            true => tally.explanation(rule, self.subject(&event, layer), elsewhere),
            false => tally.no_room(layer.origin, self.start),
        }
    }

    /// Says what each reading of the record holds.
    fn read(
        &self,
        every: &EveryField,
        readings: impl Iterator<Item = Event<'a>>,
        layer: &Layer<'_>,
        tally: &mut Tally<'_>,
    ) {
        for event in readings {
            if !tally.has_room_to_read(self.record()) {
                tally.no_room(layer.origin, self.start);
                return;
            }
            tally.reading(every, self.subject(&event, layer));
        }
    }

    /// Counts what each rule makes of the record: in the reading that it selects, else in the first.
    fn count(
        &self,
        readings: impl Iterator<Item = Event<'a>> + Clone,
        layer: &Layer<'_>,
        raised: &mut BTreeSet<[u8; 32]>,
        mut made: Option<&mut Raised>,
        tally: &mut Tally<'_>,
    ) {
        let Some(mut coverage) = tally.coverage.take() else { return };
        let is_trusted = layer.envelope.as_deref().is_none_or(|envelope| envelope.is_trusted);
        let mut identity = Identity::default();
        for (place, rule) in (0_u32..).zip(&self.rules.rules) {
            let selected = self.selected(rule, readings.clone());
            let Some(event) = selected.or_else(|| readings.clone().next()) else { continue };
            let elsewhere = !is_trusted && rule.is_for_source || !self.is_for(rule);
            coverage.count(place as usize, rule, &event, elsewhere, || {
                let fields = &self.rules.alert_fields;
                let alert = Alert::new(rule, event, fields, self.record(), &mut identity);
                let is_new = layer.is_new(place, &alert, raised);
                if let Some(made) = &mut made {
                    made.add(place, &alert);
                }
                tally.matches = tally.matches.saturating_add(u32::from(is_new));
                is_new
            });
        }
        tally.coverage = Some(coverage);
    }

    /// The first reading that the rule raises an alert for.
    fn selected(
        &self,
        rule: &Rule,
        mut readings: impl Iterator<Item = Event<'a>>,
    ) -> Option<Event<'a>> {
        let (bytes, mut excepted) = (self.record().len(), JudgedExceptions::default());
        readings.find(|event| rule.judge(event, &|_| None, bytes, &mut excepted) == Some(true))
    }

    fn subject<'e>(&self, event: &'e Event<'a>, layer: &Layer<'_>) -> Subject<'e, 'a> {
        Subject { event, start: self.start, end: self.end, origin: layer.origin }
    }

    fn record(&self) -> &'a [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Judged<'_> {
    /// Whose record this may be.
    fn marks(&self) -> Marks {
        self.rules.sources.marks(self.captures, &self.rules.fields.layout)
    }

    /// Whether the rule is for records like this one.
    fn is_for(&self, rule: &Rule) -> bool {
        self.rules.sources.admit(rule, self.marks())
    }
}

fn fault(offset: usize, what: &'static str) -> JsonError {
    JsonError { offset, fault: Fault::Expected(what) }
}
