//! In: what one pass found in an object. Out: whether it is a record, and in whose names, and which
//! of its members hold records.
//!
//! An object can be both: a shipper that parses a line and keeps its text puts the record's keys
//! beside the text. Then both are judged, because whichever is believed, the other could lie.

use std::borrow::Cow;

use super::capture::Captures;
use super::layout::{Layout, Slot};
use super::value::Value;
use super::view::Shape;
use crate::record::seek::begins_objects;

/// Keys that only CloudTrail's own records have at their top.
const RAW: [&str; 2] = ["eventName", "eventVersion"];

/// A key that CloudTrail's records have too; but SQS gives it to the envelopes that Lambda gets.
const SOURCE: &str = "eventSource";

/// Fields that only normalised records have: ECS's, then Logpresso's.
const NORMALISED: [&str; 7] = [
    "event.action",
    "event.provider",
    "event.dataset",
    "data_stream.dataset",
    "aws.cloudtrail",
    "event_name",
    "_log_time",
];

/// Keys of which an object under an envelope's key must have one to be more than some object.
const INSIDE: [&str; 18] = [
    "eventName",
    "eventSource",
    "eventVersion",
    "event.action",
    "event.dataset",
    "event_name",
    "Records",
    "logEvents",
    "Events",
    "Messages",
    "Message",
    "Sns",
    "Body",
    "body",
    "CloudTrailEvent",
    "detail",
    "message",
    "log",
];

/// How a member holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// As the objects of an array.
    Array,
    /// As an object, or as text that is JSON.
    Record,
}

/// The members that hold records: CloudTrail's files, CloudWatch Logs, `aws cloudtrail lookup-events`,
/// SQS, SNS (over HTTP, in Lambda), EventBridge, and what shippers call the line they read.
const ENVELOPES: [(&str, Holds); 12] = [
    ("Records", Holds::Array),
    ("logEvents", Holds::Array),
    ("Events", Holds::Array),
    ("Messages", Holds::Array),
    ("Message", Holds::Record),
    ("Sns.Message", Holds::Record),
    ("Body", Holds::Record),
    ("body", Holds::Record),
    ("CloudTrailEvent", Holds::Record),
    ("detail", Holds::Record),
    ("message", Holds::Record),
    ("log", Holds::Record),
];

/// The key that makes an EventBridge envelope of an object, whatever its `detail` holds.
const EVENT_BRIDGE: &str = "detail-type";

/// Where to look.
#[derive(Debug)]
pub(crate) struct Landmarks {
    raw: Vec<Slot>,
    source: Slot,
    normalised: Vec<Slot>,
    envelopes: Vec<Member>,
    event_bridge: Slot,
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

impl Landmarks {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(layout: &mut Layout) -> Landmarks {
        let mut want = |path: &str| layout.want(path);
        let raw = RAW.map(&mut want).to_vec();
        let source = want(SOURCE);
        let normalised = NORMALISED.map(&mut want).to_vec();
        let envelopes = ENVELOPES
            .iter()
            .map(|(path, holds)| Member {
                slot: want(path),
                holds: *holds,
                inside: match holds {
                    Holds::Array => Vec::new(),
                    Holds::Record => INSIDE.map(|key| want(&format!("{path}.{key}"))).to_vec(),
                },
            })
            .collect();
        Landmarks { raw, source, normalised, envelopes, event_bridge: want(EVENT_BRIDGE) }
    }

    /// In whose names the object, which may be an envelope as well, is a record. None of them: it is
    /// none that is known.
    pub(crate) fn shapes(
        &self,
        captures: &Captures,
        envelope: bool,
    ) -> impl Iterator<Item = Shape> + Clone {
        let any = |slots: &[Slot]| slots.iter().any(|slot| captures.has(*slot));
        let raw = any(&self.raw) || !envelope && captures.has(self.source);
        let raw = raw.then_some(Shape::Raw);
        let normalised = any(&self.normalised).then_some(Shape::Normalised);
        raw.into_iter().chain(normalised)
    }

    /// The records inside the object, in order; nothing if memory runs out.
    pub(crate) fn inner(&self, captures: &Captures, text: &[u8]) -> Option<Vec<Inner>> {
        let mut found = Vec::new();
        for member in &self.envelopes {
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
                        let detail =
                            member.slot == self.detail() && captures.has(self.event_bridge);
                        let known = member.inside.iter().any(|slot| captures.has(*slot));
                        (detail || known).then_some(Inner::Here(at, at + bytes.len()))
                    }
                    (Holds::Record, Value::Text(text)) => {
                        let text = text.decode();
                        may_be_record(&text).then(|| Inner::Text(at, Cow::into_owned(text)))
                    }
                    _ => None,
                };
                found.try_reserve(1).ok()?;
                found.extend(inner);
            }
        }
        Some(found)
    }

    fn detail(&self) -> Slot {
        let place = ENVELOPES.iter().position(|(path, _)| *path == "detail");
        let member = place.and_then(|place| self.envelopes.get(place));
        member.map_or(self.event_bridge, |member| member.slot)
    }
}

/// Whether a line of a log looks like JSON objects rather than prose in brackets.
pub(crate) fn may_be_record(text: &str) -> bool {
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
