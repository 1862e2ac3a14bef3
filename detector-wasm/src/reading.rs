//! In: an event. Out: all of its fields by the names of each vocabulary, each value with its place in the record or
//! with what it is derived from.
//!
//! A record's author decides how many values there are and how long their paths are. What would make the answer larger
//! than a bound is left out and counted.

mod leaves;

use crate::event::fields::Leaves;
use crate::event::view::Origin;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, FieldId, Fields};
use crate::explain::Subject;
use crate::place::{self, number};
use crate::record::write;
use leaves::Leaf;

/// Bytes of a reading, for what it holds beside the record's own text.
pub(crate) const BYTES: usize = 4 << 20;

/// The longest value that is shown, in bytes of the record. Its place shows all of a longer one.
const LONGEST_VALUE: usize = 64 << 10;

/// Every field that there is a name for.
#[derive(Debug)]
pub(crate) struct EveryField {
    ecs: Vec<FieldId>,
    logpresso: Vec<FieldId>,
}

impl EveryField {
    /// Has all of them read from now on.
    pub(crate) fn want(fields: &mut Fields) -> EveryField {
        let mut all = |vocabulary: Vocabulary| {
            let mapping = fields.mappings().of(vocabulary);
            let names = mapping.rows.iter().map(|row| row.name);
            let names = names.chain(mapping.subtrees.iter().map(|subtree| subtree.prefix));
            names.map(|name| fields.want(vocabulary, name)).collect()
        };
        EveryField { ecs: all(Vocabulary::Ecs), logpresso: all(Vocabulary::Logpresso) }
    }
}

/// Appends a reading as one JSON object; `docs/abi.md` has its form.
pub(crate) fn read(fields: &EveryField, subject: Subject<'_, '_>, out: &mut Vec<u8>) {
    let event = subject.event;
    let record = event.text.get(subject.start..subject.end).unwrap_or_default();
    let mut entries = Entries { room: BYTES, left_out: 0, first: true };
    out.push(b'{');
    // Its members come behind others.
    let from = out.len();
    subject.write(out);
    out.remove(from);
    if subject.origin.is_some() {
        out.extend_from_slice(b",\"text\":");
        write::text(&String::from_utf8_lossy(record), out);
    }
    for (name, ids) in [("ecs", &fields.ecs), ("logpresso", &fields.logpresso)] {
        entries.begin(name, out);
        ids.iter().for_each(|id| entries.field(*id, event, out));
        out.push(b']');
    }
    entries.begin("raw", out);
    entries.leaves("", (event.text, subject.start), event, out);
    out.push(b']');
    number("left_out", entries.left_out, out);
    out.push(b'}');
}

/// Lists of values under construction.
struct Entries {
    /// Bytes that may still be written.
    room: usize,
    /// Values that had no room.
    left_out: usize,
    /// Whether the list at hand is empty.
    first: bool,
}

impl Entries {
    fn begin(&mut self, list: &str, out: &mut Vec<u8>) {
        out.push(b',');
        write::text(list, out);
        out.extend_from_slice(b":[");
        self.first = true;
    }

    /// Appends each value of a field; of a flattened object each leaf, by its path.
    fn field(&mut self, id: FieldId, event: &Event<'_>, out: &mut Vec<u8>) {
        let Some(field) = event.field(id) else { return };
        event.visit(id, &mut |value, origin| {
            if let (Leaves::All, Origin::Path(_, at)) = (field.leaves, origin) {
                self.leaves(&field.name, (event.text, at), event, out);
                return false;
            }
            self.entry(&field.name, place::written(&value), out, |out| {
                place::value(id, value.clone(), origin, event, LONGEST_VALUE, out);
            });
            false
        });
    }

    /// Appends each leaf of the value that stands at a place of a text.
    fn leaves(
        &mut self,
        root: &str,
        (text, at): (&[u8], usize),
        event: &Event<'_>,
        out: &mut Vec<u8>,
    ) {
        let reading = event.captures.has_duplicates().then_some(event.duplicates);
        let left_out = leaves::each(text, at, root, reading, &mut |leaf| {
            let Leaf { path, value, offset } = leaf;
            let length = place::written(&value);
            self.entry(path, length, out, |out| {
                place::shown(value, LONGEST_VALUE, out);
                out.push(b',');
                place::at(path, offset, length, out);
            });
        });
        self.left_out = self.left_out.saturating_add(left_out);
    }

    /// Appends an entry that `write` fills, if there is room for it.
    fn entry(
        &mut self,
        field: &str,
        value: usize,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let most = value.min(LONGEST_VALUE).saturating_add(field.len()).saturating_mul(6);
        if most.saturating_add(1 << 10) > self.room {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let before = out.len();
        if !std::mem::take(&mut self.first) {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"field\":");
        write::text(field, out);
        out.push(b',');
        write(out);
        out.push(b'}');
        self.room = self.room.saturating_sub(out.len().saturating_sub(before));
    }
}
