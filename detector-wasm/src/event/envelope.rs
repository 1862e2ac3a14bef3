//! In: what one pass found in an object. Out: whether it is a record, and in whose names, and which
//! of its members hold records.
//!
//! An object can be both: a shipper that parses a line and keeps its text puts the record's keys
//! beside the text. Then both are judged, because whichever is believed, the other could lie.

use std::borrow::Cow;

use tocsin_boundary::{KEYS, begins_object};

use super::capture::Captures;
use super::layout::{Layout, Slot};
use super::value::Value;
use super::view::Shape;
use crate::record::seek::begins_objects;

/// The longest name of a sender, an account or a region, in bytes.
const LONGEST: usize = 256;

/// How a member holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// As the objects of an array.
    Array,
    /// As an object, or as text that is JSON.
    Record,
}

/// How a log source's records are recognised among other objects, and what is wrapped around them.
#[derive(Debug)]
pub(crate) struct EnvelopeTable {
    /// Keys that only the source's own records have at their top.
    pub(crate) raw: &'static [&'static str],
    /// A key that they have, too; but so have some envelopes.
    pub(crate) raw_unless_envelope: &'static str,
    /// Fields that only normalised records have.
    pub(crate) normalised: &'static [&'static str],
    /// The members that hold records.
    pub(crate) members: &'static [(&'static str, Holds)],
    /// Keys of which an object under a member's key must have one to be more than some object.
    pub(crate) inside: &'static [&'static str],
    /// A member, and the key that makes an envelope of an object beside it, whatever the member holds.
    pub(crate) marked: (&'static str, &'static str),
    /// What an object with the mark says of where it comes from: source, account, region.
    pub(crate) origin: [&'static str; 3],
    /// How the source's name begins if the log source itself is the sender. Of any other sender's envelope the
    /// inside is anybody's.
    pub(crate) own_sender: &'static str,
    /// What is wrapped around records in a way that isn't opened; the first that fits counts.
    pub(crate) wrapped: &'static [Wrapped],
    /// A key of other sources' records, and what that source is called.
    pub(crate) elsewhere: &'static [(&'static str, &'static str)],
}

/// Something around records that isn't opened.
#[derive(Debug)]
pub(crate) struct Wrapped {
    pub(crate) mark: Mark,
    pub(crate) what: &'static str,
    /// What to do about it.
    pub(crate) hint: &'static str,
}

/// How it is told.
#[derive(Debug)]
pub(crate) enum Mark {
    /// How the value begins, one way or another, of the key that records and envelopes have in common.
    Sender(&'static [&'static str]),
    /// A path that no record has.
    Key(&'static str),
}

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
    /// The slots of the marked member and of its mark.
    marked: (Slot, Slot),
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
    /// What an object in the member must have to be taken for an envelope or a record.
    inside: Vec<Slot>,
}

/// Records inside an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Inner {
    /// From this offset to that one of the same text.
    Here(usize, usize),
    /// In the text of the string that begins at this offset.
    Text(usize, String),
}

impl Envelopes {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(table: &EnvelopeTable, layout: &mut Layout) -> Envelopes {
        let mut want = |path: &str| layout.want(path);
        let raw = table.raw.iter().map(|path| want(path)).collect();
        let raw_unless_envelope = want(table.raw_unless_envelope);
        let normalised = table.normalised.iter().map(|path| want(path)).collect();
        let members = table.members.iter().map(|(path, holds)| Member {
            slot: want(path),
            holds: *holds,
            inside: match holds {
                Holds::Array => Vec::new(),
                Holds::Record => {
                    table.inside.iter().map(|key| want(&format!("{path}.{key}"))).collect()
                }
            },
        });
        let members = members.collect();
        let marked = (want(table.marked.0), want(table.marked.1));
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
            marked,
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
        if !captures.has(self.marked.1) {
            return None;
        }
        let first = |slot: Slot| {
            let value = captures.all_values(text, slot).next();
            value.and_then(|(value, _)| value.text_within(LONGEST)).map(Cow::into_owned)
        };
        let [source, account, region] = self.origin;
        let is_own = |name: &str| {
            name.starts_with(self.own_sender) || trusted.iter().any(|known| known == name)
        };
        let mut sources = captures.all_values(text, source);
        let is_trusted =
            sources.all(|(value, _)| value.text_within(LONGEST).is_some_and(|name| is_own(&name)));
        let (source, account, region) = (first(source), first(account), first(region));
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
                let inner = match (member.holds, &value) {
                    (Holds::Array, Value::Array(bytes)) => {
                        begins_objects(bytes, 1).then_some(Inner::Here(at, at + bytes.len()))
                    }
                    (Holds::Record, Value::Object(bytes)) => {
                        let (marked, mark) = self.marked;
                        let marked = member.slot == marked && captures.has(mark);
                        let known = member.inside.iter().any(|slot| captures.has(*slot));
                        (marked || known).then_some(Inner::Here(at, at + bytes.len()))
                    }
                    (Holds::Record, Value::Text(text)) => {
                        records_in(text.decode()).map(|text| Inner::Text(at, text))
                    }
                    _ => None,
                };
                found.try_reserve(1).ok()?;
                found.extend(inner);
            }
        }
        Some(found)
    }
}

/// The records that a line of a log holds as text: all of it, or what stands behind the head that a writer has put before
/// a record (syslog's, a container's, zero bytes that a crash has left). Nothing if it is prose.
#[inline(never)] // a frame of its own, live only while it runs
pub(crate) fn records_in(line: Cow<'_, str>) -> Option<String> {
    if may_be_record(&line) {
        return Some(line.into_owned());
    }
    if !KEYS.records.iter().any(|key| line.contains(key)) {
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
