//! In: a value that has been read. Out: whether it is a record, which is judged, and the layers of what it envelops.

use std::collections::BTreeSet;
use std::rc::Rc;

use tocsin_wire::limits::ENVELOPE_DEPTH;

use super::judge::Judged;
use super::layer::{Layer, Source, fault};
use super::provenance::Seen;
use super::raised::Raised;
use super::tally::Tally;
use crate::event::envelope::{Inner, InnerPlace, records_in};
use crate::event::value::Value;
use crate::event::view::Shape;
use crate::record::frame::{Doubt, Frames};
use crate::record::json::{Fault, JsonError};
use crate::record::seek::records_on_lines;
use crate::room;

impl Judged<'_> {
    /// Judges the value if it is a record, and puts what it envelops on the layers.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn take(
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
                Doubt::UnlessRecordEndsLine => is_record && !self.may_go_on(),
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
                |inner| matches!(inner.place, InnerPlace::Here(from, to) if (from..to).contains(&at)),
            )
        };
        let lines = records_on_lines(self.text, self.start, self.end).into_iter();
        lines
            .filter(|line| !enveloped(line.0))
            .map(|(start, end)| Inner::here(start, end))
            .collect()
    }

    /// Puts what the value envelops on the layers. `made` has the alerts of the value itself.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
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
                InnerPlace::Here(start, end) => (source.clone(), Frames::new(start, end), origin),
                InnerPlace::Text(at, text) => {
                    let frames = Frames::new(0, text.len());
                    (Source::Decoded(Rc::new(text)), frames, Some(origin.unwrap_or(at)))
                }
            };
            layers.push(Layer { source, frames, origin, beside_record, depth, envelope, raised });
        }
    }

    /// Judges a document whose lists of records have been taken already, if its other keys make it a record,
    /// and puts what else it envelops on the layers.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn take_around(
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
        self.follows().is_none_or(|byte| byte == b'\n')
    }

    /// Whether what follows it can follow the value of a key.
    fn may_go_on(&self) -> bool {
        matches!(self.follows(), Some(b',' | b'}'))
    }

    /// The byte behind it that isn't a blank.
    fn follows(&self) -> Option<u8> {
        let behind = self.text.get(self.end..).unwrap_or_default();
        behind.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))
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
