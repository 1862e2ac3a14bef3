//! In: what one pass found in an object. Out: whether it is a record, and in whose names, and which
//! of its members hold records.
//!
//! An object can be both: a shipper that parses a line and keeps its text puts the record's keys
//! beside the text. Then both are judged, because whichever is believed, the other could lie.

mod table;

use std::borrow::Cow;

use memchr::memmem;
use tocsin_boundary::begins_object;

use super::capture::Captures;
use super::layout::{Layout, Slot};
use super::parts::Parts;
use super::value::Value;
use super::view::Shape;
use crate::record::frame::RECORD_KEYS;
use crate::record::seek::begins_objects;

pub(crate) use table::{EnvelopeTable, Holds, Mark, Wrapped};

/// The longest name of a sender, an account or a region, in bytes.
const LONGEST: usize = 256;

/// Among how many texts of an object's members the original is looked for.
const COMPARED: usize = 16;

/// What an envelope says of its origin, which its sender can't choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) source: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// Whether the sender is the log source itself, or one that is as good.
    pub(crate) is_trusted: bool,
}

/// Where to look for them.
#[derive(Debug)]
pub(crate) struct Envelopes {
    raw: Vec<Slot>,
    raw_unless_envelope: Slot,
    normalised: Vec<Slot>,
    members: Vec<Member>,
    envelope_keys: &'static [&'static str],
    inside: &'static [&'static str],
    inside_signed: &'static [&'static str],
    signs: &'static [&'static str],
    /// The slots of the marked member and of its mark.
    marked: (Slot, Slot),
    self_named: (Slot, Slot),
    origin: [Slot; 3],
    own_sender: &'static str,
    wrapped: &'static [Wrapped],
    /// The slots of those that a key tells.
    wrapped_keys: Vec<Option<Slot>>,
    elsewhere: Vec<(Slot, &'static str)>,
}

#[derive(Debug)]
struct Member {
    slot: Slot,
    holds: Holds,
    /// What an element of the member must have, or the object around it, to be taken for an envelope or a record.
    inside: Vec<Slot>,
}

/// Where records are inside an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InnerPlace {
    /// From this offset to that one of the same text.
    Here(usize, usize),
    /// In the text of the string that begins at this offset.
    Text(usize, String),
}

/// Records inside an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inner {
    pub(crate) place: InnerPlace,
    /// Whether it is an array under the key of a list of records.
    pub(crate) is_list: bool,
    /// Whether the object itself was made of it.
    pub(crate) is_original: bool,
    /// Whether it is what the envelope's sender has put in.
    pub(crate) is_sent: bool,
}

impl Inner {
    /// What stands in the same text.
    pub(crate) fn here(start: usize, end: usize) -> Inner {
        Inner::at(InnerPlace::Here(start, end))
    }

    /// What is the text of the string at an offset.
    pub(crate) fn text(at: usize, text: String) -> Inner {
        Inner::at(InnerPlace::Text(at, text))
    }

    fn at(place: InnerPlace) -> Inner {
        Inner { place, is_list: false, is_original: false, is_sent: false }
    }
}

impl Envelopes {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(table: &EnvelopeTable, layout: &mut Layout) -> Envelopes {
        let mut want = |path: &str| layout.want(path);
        let raw = table.raw.iter().map(|path| want(path)).collect();
        let raw_unless_envelope = want(table.raw_unless_envelope);
        let normalised = table.normalised.iter().map(|path| want(path)).collect();
        let members = table.members.iter().map(|(path, holds)| {
            let inside = match holds {
                Holds::ArrayWith(key) => vec![want(&format!("{path}.{key}"))],
                Holds::SignedOrBeside(key) => vec![want(key)],
                _ => Vec::new(),
            };
            Member { slot: want(path), holds: *holds, inside }
        });
        let members = members.collect();
        let mut pair = |(member, mark): (&str, &str)| (want(member), want(mark));
        let (marked, self_named) = (pair(table.marked), pair(table.self_named));
        let (origin, own_sender) = (table.origin.map(&mut want), table.own_sender);
        let key = |wrapped: &Wrapped| match wrapped.mark {
            Mark::Key(path) => Some(path),
            Mark::Sender(_) => None,
        };
        let wrapped_keys = table.wrapped.iter().map(|one| key(one).map(&mut want)).collect();
        let elsewhere = table.elsewhere.iter().map(|(path, name)| (want(path), *name)).collect();
        Envelopes {
            raw,
            raw_unless_envelope,
            normalised,
            members,
            envelope_keys: table.envelope_keys,
            inside: table.inside,
            inside_signed: table.inside_signed,
            signs: table.signs,
            marked,
            self_named,
            origin,
            own_sender,
            wrapped: table.wrapped,
            wrapped_keys,
            elsewhere,
        }
    }

    /// What the object, in which no records were found, is wrapped around some. Keys tell it only of one that is
    /// none of the source's records.
    pub(crate) fn wrapped(
        &self,
        captures: &Captures,
        text: &[u8],
        known: bool,
    ) -> Option<&'static Wrapped> {
        let sender = captures.all_values(text, self.raw_unless_envelope).next();
        let sender = sender.and_then(|(value, _)| value.text_within(LONGEST));
        let fits = |(one, slot): &(&Wrapped, &Option<Slot>)| match (&one.mark, slot) {
            (Mark::Sender(begins), _) => sender
                .as_ref()
                .is_some_and(|name| begins.iter().any(|begin| name.starts_with(begin))),
            (Mark::Key(_), Some(slot)) => !known && captures.has(*slot),
            (Mark::Key(_), None) => false,
        };
        let mut marks = self.wrapped.iter().zip(&self.wrapped_keys);
        marks.find(fits).map(|(one, _)| one)
    }

    /// Which other source's record the object is, if one of its keys tells.
    pub(crate) fn elsewhere(&self, captures: &Captures) -> Option<&'static str> {
        self.elsewhere.iter().find(|(slot, _)| captures.has(*slot)).map(|(_, name)| *name)
    }

    /// In whose names the object, which may be an envelope as well, is a record. None of them: it is
    /// none that is known.
    pub(crate) fn shapes(
        &self,
        captures: &Captures,
        envelope: bool,
    ) -> impl Iterator<Item = Shape> + Clone {
        let any = |slots: &[Slot]| slots.iter().any(|slot| captures.has(*slot));
        let raw = any(&self.raw) || !envelope && captures.has(self.raw_unless_envelope);
        let raw = raw.then_some(Shape::Raw);
        let normalised = any(&self.normalised).then_some(Shape::Normalised);
        raw.into_iter().chain(normalised)
    }

    /// What the object says of where it comes from, if it is an envelope that does. Senders of the names in
    /// `trusted` are as good as the log source itself. One that isn't named is no reason for mistrust: there the
    /// envelope isn't the carrier's own any more.
    pub(crate) fn envelope(
        &self,
        captures: &Captures,
        text: &[u8],
        trusted: &[String],
    ) -> Option<Envelope> {
        // A sender who names himself is believed only by his name.
        let is_marked = captures.has(self.marked.1);
        if !is_marked && !captures.has(self.self_named.1) {
            return None;
        }
        let first = |slot: Slot| {
            let value = captures.all_values(text, slot).next();
            value.and_then(|(value, _)| value.text_within(LONGEST)).map(Cow::into_owned)
        };
        let [source, account, region] = self.origin;
        let is_own = |name: &str| {
            is_marked && name.starts_with(self.own_sender)
                || trusted.iter().any(|known| known == name)
        };
        let mut sources = captures.all_values(text, source);
        let is_trusted = (is_marked || captures.has(source))
            && sources
                .all(|(value, _)| value.text_within(LONGEST).is_some_and(|name| is_own(&name)));
        let (source, account, region) = match is_marked {
            true => (first(source), first(account), first(region)),
            false => (first(source), None, None),
        };
        Some(Envelope { source, account, region, is_trusted })
    }

    /// The records inside the object, in order; nothing if memory runs out.
    pub(crate) fn inner(&self, captures: &Captures, text: &[u8]) -> Option<Vec<Inner>> {
        let mut found = Vec::new();
        for member in &self.members {
            if !captures.has(member.slot) {
                continue;
            }
            // The values of equal keys are all looked into: none of them may hide another.
            for (value, at) in captures.all_values(text, member.slot) {
                self.look_into(member, captures, (&value, at), &mut found)?;
            }
        }
        Some(found)
    }

    /// Adds the records inside a value of a member, which stands at an offset.
    #[inline(never)] // a frame of its own, live only while it runs
    fn look_into(
        &self,
        member: &Member,
        captures: &Captures,
        (value, at): (&Value<'_>, usize),
        found: &mut Vec<Inner>,
    ) -> Option<()> {
        let inner = match (member.holds, value) {
            (Holds::Array, Value::Array(bytes)) => begins_objects(bytes, 1)
                .then(|| Inner { is_list: true, ..Inner::here(at, at + bytes.len()) }),
            (Holds::Array, _) => None,
            (Holds::ArrayWith(_), Value::Array(bytes)) => {
                let is_one = member.inside.iter().any(|slot| captures.has(*slot));
                (is_one && begins_objects(bytes, 1)).then(|| Inner::here(at, at + bytes.len()))
            }
            (Holds::ArrayWith(_), _) => None,
            (_, Value::Object(bytes)) => self
                .holds_object(member, captures, bytes)
                .then(|| Inner::here(at, at + bytes.len())),
            (_, Value::Text(text)) => {
                self.records_in(member.holds, text.decode()).map(|text| Inner::text(at, text))
            }
            (_, Value::Array(bytes)) => {
                let mut parts = Parts::of(bytes);
                while let Some((from, element)) = parts.element_at() {
                    let from = at + from;
                    // What else a list holds is none of the records.
                    let inner = match element {
                        Value::Object(bytes) => {
                            self.is_signed(bytes).then(|| Inner::here(from, from + bytes.len()))
                        }
                        Value::Text(text) => {
                            let text = text.decode();
                            let is_signed = self.shows_sign(text.as_bytes());
                            let text = is_signed.then(|| records_in(text)).flatten();
                            text.map(|text| Inner::text(from, text))
                        }
                        _ => None,
                    };
                    if let Some(inner) = inner {
                        self.add(member, inner, found)?;
                    }
                }
                None
            }
            _ => None,
        };
        inner.map_or(Some(()), |inner| self.add(member, inner, found))
    }

    /// Adds records that were found in a member, unless they are the text of another member once more.
    fn add(&self, member: &Member, mut inner: Inner, found: &mut Vec<Inner>) -> Option<()> {
        let slot = member.slot;
        inner.is_original = member.holds == Holds::Original;
        inner.is_sent = slot == self.marked.0 || slot == self.self_named.0;
        if let (true, InnerPlace::Text(_, text)) = (inner.is_original, &inner.place)
            // Who writes more of them means no original.
            && found.len() <= COMPARED
        {
            let is_same = |other: &Inner| matches!(&other.place, InnerPlace::Text(_, other) if other.trim_ascii() == text.trim_ascii());
            if found.iter().any(is_same) {
                return Some(());
            }
        }
        found.try_reserve(1).ok()?;
        found.push(inner);
        Some(())
    }

    /// Whether an object in a member is a record or an envelope of some.
    fn holds_object(&self, member: &Member, captures: &Captures, bytes: &[u8]) -> bool {
        let (marked, mark) = self.marked;
        match member.holds {
            Holds::Array | Holds::ArrayWith(_) | Holds::SignedText => false,
            Holds::Record => {
                member.slot == marked && captures.has(mark)
                    || self.has_inside(bytes)
                    || self.is_signed(bytes)
            }
            Holds::SignedOrBeside(_) => {
                member.inside.iter().any(|slot| captures.has(*slot)) || self.is_signed(bytes)
            }
            Holds::Signed | Holds::Original => self.is_signed(bytes),
        }
    }

    /// Whether an object has a key of a record or of an envelope that no other object has.
    fn has_inside(&self, object: &[u8]) -> bool {
        let mut is_one = false;
        Value::Object(object).members(&mut |key, value| {
            let key = key.decode_within(LONGEST).unwrap_or_default();
            let leads = |path: &&str| match path.strip_prefix(&*key) {
                Some("") => true,
                Some(rest) => rest.strip_prefix('.').is_some_and(|rest| has_member(&value, rest)),
                None => false,
            };
            is_one = self.envelope_keys.iter().chain(self.inside).any(leads);
            is_one
        });
        is_one
    }

    /// Whether an object shows a sign of the source, and has a key of a record or of an envelope.
    fn is_signed(&self, object: &[u8]) -> bool {
        let mut is_one = false;
        if self.shows_sign(object) {
            Value::Object(object).members(&mut |key, _| {
                let key = key.decode_within(LONGEST).unwrap_or_default();
                let begin = key.split('.').next().unwrap_or_default();
                is_one = self.envelope_keys.contains(&begin) || self.inside_signed.contains(&begin);
                is_one
            });
        }
        is_one
    }

    /// The records that a text in a member holds.
    fn records_in(&self, holds: Holds, text: Cow<'_, str>) -> Option<String> {
        match holds {
            Holds::Record => records_in(text),
            _ if self.shows_sign(text.as_bytes()) => records_in(text),
            _ => None,
        }
    }

    /// Whether a text may hold one of the source's records. Where letters are written as escapes, it may.
    fn shows_sign(&self, text: &[u8]) -> bool {
        let has = |sign: &&str| memmem::find(text, sign.as_bytes()).is_some();
        let is_letter = |at: usize| matches!(text.get(at + 4), Some(b'4'..=b'7'));
        self.signs.iter().any(has) || memmem::find_iter(text, br"\u00").any(is_letter)
    }
}

/// Whether an object, or one in a list, has a key.
fn has_member(value: &Value<'_>, name: &str) -> bool {
    value.any_element(&mut |element| {
        let mut has = false;
        element.members(&mut |key, _| {
            has = key.equals(name);
            has
        });
        has
    })
}

/// The records that a line of a log holds as text: all of it, or what stands behind the head that a writer has put before
/// a record (syslog's, a container's, zero bytes that a crash has left). Nothing if it is prose.
#[inline(never)] // a frame of its own, live only while it runs
pub(crate) fn records_in(line: Cow<'_, str>) -> Option<String> {
    if may_be_record(&line) {
        return Some(line.into_owned());
    }
    if !RECORD_KEYS.records.iter().any(|key| line.contains(&**key)) {
        return None;
    }
    // A text of JSON that is a text of JSON once more.
    if line.trim_start().starts_with('"') {
        return Some(line.into_owned());
    }
    let bytes = line.as_bytes();
    let mut braces = memchr::memchr_iter(b'{', bytes);
    let at = braces.find(|at| begins_object(bytes, *at))?;
    line.get(at..).map(str::to_owned)
}

/// Whether a line of a log looks like JSON objects rather than prose in brackets.
fn may_be_record(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let object = match text.strip_prefix('[') {
        Some(inside) => inside.trim_start(),
        None => text,
    };
    object.strip_prefix('{').is_some_and(|inside| {
        let inside = inside.trim_start();
        inside.is_empty() || inside.starts_with('"') || inside.starts_with('}')
    })
}
