//! OTLP's values in, JSON text out. It is written while it is read, so that a value takes no more memory than
//! its text.

use std::borrow::Cow;

use base64::Engine as _;
use serde_json::{Map, Value};

use super::json_value::{read_pairs, read_value};
use super::wire::{Field, Fields, WireError};
use crate::inlets::pick::pick;

/// Attributes that are looked into one by one have no more bytes than this, of which a record has few.
const MOST_LOOKED_INTO: usize = 4 << 20;

/// A value, where it stands in the request.
#[derive(Debug, Clone, Copy)]
pub enum Any<'b> {
    /// A message `AnyValue`.
    Protobuf(&'b [u8]),
    /// A JSON object with one of the keys `stringValue`, `kvlistValue`, …
    Json(&'b str),
}

/// Keys with values, where they stand in the request.
#[derive(Debug, Clone, Copy)]
pub enum Pairs<'b> {
    /// Fields of a number in a message, each a `KeyValue`.
    Protobuf(&'b [u8], u64),
    /// A JSON list of `{"key": …, "value": …}`.
    Json(Option<&'b str>),
}

/// What a record's body holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Held<'b> {
    /// Nothing, or nothing that can be a record.
    Nothing,
    /// A text.
    Text(Cow<'b, str>),
    /// A text of JSON that can't be a text of Rust's: half of a surrogate pair stands in it.
    Quoted(&'b str),
    /// Bytes.
    Bytes(Cow<'b, [u8]>),
    /// An object or list, as JSON.
    Json(String),
}

impl<'b> Any<'b> {
    /// What the value holds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn held(self) -> Result<Held<'b>, String> {
        let held = match self {
            Any::Protobuf(message) => match kind(message).map_err(unreadable)? {
                ProtoValue::Text(text) => Held::Text(String::from_utf8_lossy(text)),
                ProtoValue::Bytes(bytes) => Held::Bytes(Cow::Borrowed(bytes)),
                ProtoValue::List(..) => Held::Json(self.json()?),
                _ => Held::Nothing,
            },
            Any::Json(text) => held_json(text)?,
        };
        Ok(match held {
            Held::Text(text) if text.trim().is_empty() => Held::Nothing,
            Held::Bytes(bytes) if bytes.is_empty() => Held::Nothing,
            Held::Json(json) if json == "{}" || json == "[]" => Held::Nothing,
            held => held,
        })
    }

    /// The value as JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn json(self) -> Result<String, String> {
        let mut out = Vec::new();
        match self {
            Any::Protobuf(message) => {
                write_value(message, Vec::new(), &mut out).map_err(unreadable)?;
            }
            Any::Json(text) => out = read_value(text)?,
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

impl Pairs<'_> {
    /// They as a JSON object. Of equal keys both stand in it, as in a record that came so.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn json(self) -> Result<String, String> {
        let mut out = Vec::new();
        match self {
            Pairs::Protobuf(message, number) => {
                out.push(b'{');
                let open = Open { rest: Fields::of(message), number, is_object: true, first: true };
                write_rest(vec![open], &mut out).map_err(unreadable)?;
            }
            Pairs::Json(None) => out.extend_from_slice(b"{}"),
            Pairs::Json(Some(text)) => out = read_pairs(text)?,
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// They one by one, of equal keys the last.
    ///
    /// # Errors
    /// What is wrong with them, or that they are too many.
    pub fn map(self) -> Result<Map<String, Value>, String> {
        let json = self.json()?;
        if json.len() > MOST_LOOKED_INTO {
            return Err(format!("its attributes have more than {MOST_LOOKED_INTO} bytes"));
        }
        serde_json::from_str(&json)
            .map_err(|error| format!("its attributes can't be read: {error}"))
    }
}

fn unreadable(error: WireError) -> String {
    format!("it can't be read: {error}")
}

/// What a message `AnyValue` holds.
enum ProtoValue<'b> {
    Nothing,
    Text(&'b [u8]),
    Truth(bool),
    Integer(i64),
    Double(f64),
    Bytes(&'b [u8]),
    /// The elements of a list, or the pairs of an object.
    List(&'b [u8], bool),
}

/// Of several fields the last counts, as in every reader of protobuf.
fn kind(message: &[u8]) -> Result<ProtoValue<'_>, WireError> {
    let mut kind = ProtoValue::Nothing;
    for field in Fields::of(message) {
        kind = match field? {
            (1, Field::Bytes(text)) => ProtoValue::Text(text),
            (2, Field::Number(truth)) => ProtoValue::Truth(truth != 0),
            (3, Field::Number(number)) => ProtoValue::Integer(number.cast_signed()),
            (4, Field::Number(bits)) => ProtoValue::Double(f64::from_bits(bits)),
            (5, Field::Bytes(values)) => ProtoValue::List(values, false),
            (6, Field::Bytes(pairs)) => ProtoValue::List(pairs, true),
            (7, Field::Bytes(bytes)) => ProtoValue::Bytes(bytes),
            _ => kind,
        };
    }
    Ok(kind)
}

/// A list or object of which a part is written.
struct Open<'b> {
    rest: Fields<'b>,
    number: u64,
    is_object: bool,
    first: bool,
}

fn write_value<'b>(
    message: &'b [u8],
    mut open: Vec<Open<'b>>,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    write_one(message, &mut open, out)?;
    write_rest(open, out)
}

/// Writes what is still to come of lists and objects that lie in one another.
fn write_rest<'b>(mut open: Vec<Open<'b>>, out: &mut Vec<u8>) -> Result<(), WireError> {
    while let Some(innermost) = open.last_mut() {
        let Some(message) = innermost.rest.next_bytes(innermost.number)? else {
            out.push(if innermost.is_object { b'}' } else { b']' });
            open.pop();
            continue;
        };
        if !std::mem::take(&mut innermost.first) {
            out.push(b',');
        }
        let mut value = message;
        if innermost.is_object {
            let (mut key, mut found) = (&b""[..], &b""[..]);
            for field in Fields::of(message) {
                match field? {
                    (1, Field::Bytes(text)) => key = text,
                    (2, Field::Bytes(message)) => found = message,
                    _ => {}
                }
            }
            write_text(key, out);
            out.push(b':');
            value = found;
        }
        write_one(value, &mut open, out)?;
    }
    Ok(())
}

/// Writes a value, or the begin of one that holds others.
fn write_one<'b>(
    message: &'b [u8],
    open: &mut Vec<Open<'b>>,
    out: &mut Vec<u8>,
) -> Result<(), WireError> {
    match kind(message)? {
        // One that holds nothing was null.
        ProtoValue::Nothing => out.extend_from_slice(b"null"),
        ProtoValue::Text(text) => write_text(text, out),
        ProtoValue::Truth(truth) => out.extend_from_slice(truth.to_string().as_bytes()),
        ProtoValue::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        ProtoValue::Double(number) => out.extend_from_slice(double(number).to_string().as_bytes()),
        ProtoValue::Bytes(bytes) => {
            write_text(base64::engine::general_purpose::STANDARD.encode(bytes).as_bytes(), out);
        }
        ProtoValue::List(values, is_object) => {
            out.push(if is_object { b'{' } else { b'[' });
            open.push(Open { rest: Fields::of(values), number: 1, is_object, first: true });
        }
    }
    Ok(())
}

/// Bytes that aren't UTF-8 become U+FFFD, as everywhere.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    let text = Value::from(String::from_utf8_lossy(text));
    out.extend_from_slice(text.to_string().as_bytes());
}

/// The Collector reads every number of JSON as a double: 375 must not become `375.0`.
pub fn double(number: f64) -> Value {
    /// Doubles up to here are exact integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Value::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn held_json(text: &str) -> Result<Held<'_>, String> {
    let [string, bytes, list, array] =
        pick(text, ["stringValue", "bytesValue", "kvlistValue", "arrayValue"])?.values;
    Ok(match (string, bytes) {
        (Some(string), _) => match serde_json::from_str::<Cow<'_, str>>(string) {
            Ok(text) => Held::Text(text),
            Err(_) if string.starts_with('"') => Held::Quoted(string),
            Err(_) => return Err("its stringValue is no text".to_owned()),
        },
        (None, Some(bytes)) => {
            let text: String =
                serde_json::from_str(bytes).map_err(|_| "its bytesValue is no text".to_owned())?;
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(text)
                .map_err(|error| format!("its bytesValue isn't base64: {error}"))?;
            Held::Bytes(Cow::Owned(bytes))
        }
        _ if list.is_some() || array.is_some() => Held::Json(Any::Json(text).json()?),
        _ => Held::Nothing,
    })
}
