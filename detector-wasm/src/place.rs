//! In: a field's value and where it came from. Out: its place in the record, as JSON.

use crate::event::fields::Raw;
use crate::event::view::Origin;
use crate::event::{Event, FieldId, Value};
use crate::query::expression::Datum;
use crate::record::write;

/// Appends the members of a value: itself, and where it stands or what it is derived from. One that
/// takes more bytes than `longest` isn't shown.
pub(crate) fn value(
    id: FieldId,
    value: Value<'_>,
    origin: Origin,
    event: &Event<'_>,
    longest: usize,
    out: &mut Vec<u8>,
) {
    let length = written(&value);
    shown(value, longest, out);
    match origin {
        Origin::Path(slot, offset) => {
            out.push(b',');
            at(event.fields.layout.path(slot), offset, length, out);
        }
        Origin::Derived => {
            out.extend_from_slice(b",\"path\":null,\"offset\":null,\"from\":");
            derived(id, event, out);
        }
    }
}

/// Appends a value as a member; one that takes more bytes than these is left out, which is said.
pub(crate) fn shown(value: Value<'_>, longest: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"value\":");
    match written(&value) > longest {
        true => out.extend_from_slice(b"null,\"cut\":true"),
        false => Datum::of(value).write_json(out),
    }
}

/// Appends the members that say where a value stands.
pub(crate) fn at(path: &str, offset: usize, length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"path\":");
    write::text(path, out);
    number("offset", offset, out);
    number("length", length, out);
}

/// Appends a member that is a number, behind others.
pub(crate) fn number(key: &str, number: usize, out: &mut Vec<u8>) {
    out.push(b',');
    write::text(key, out);
    out.push(b':');
    out.extend_from_slice(number.to_string().as_bytes());
}

/// Appends the list of what a field is worked out from: each path that it reads, with its values' places. It is
/// empty for a value that is the same in every record.
fn derived(id: FieldId, event: &Event<'_>, out: &mut Vec<u8>) {
    out.push(b'[');
    let slots = match event.field(id).map(|field| &field.raw) {
        Some(Raw::Computed(_, slots)) => slots.as_slice(),
        _ => &[],
    };
    let mut first = true;
    for slot in slots {
        let path = event.fields.layout.path(*slot);
        let mut found = false;
        for (value, offset) in event.captures.values(event.text, *slot, event.duplicates) {
            found = true;
            begin(&mut first, out);
            at(path, offset, written(&value), out);
            out.push(b'}');
        }
        if !found {
            begin(&mut first, out);
            out.extend_from_slice(b"\"path\":");
            write::text(path, out);
            out.extend_from_slice(b",\"offset\":null}");
        }
    }
    out.push(b']');
}

fn begin(first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    out.push(b'{');
}

/// How many bytes of the record a value takes, quotes included.
pub(crate) fn written(value: &Value<'_>) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.len(),
        Value::Text(text) => text.raw_len().saturating_add(2),
        Value::Object(bytes) | Value::Array(bytes) => bytes.len(),
        Value::Computed(text) => text.len(),
    }
}
