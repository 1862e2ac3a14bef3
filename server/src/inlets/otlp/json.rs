//! OTLP's JSON in, the same messages as from protobuf out.
//!
//! Tolerant, as the specification asks: integers as numbers or strings, unknown keys ignored, what is null
//! not there. Strict in one thing: a body that knows none of OTLP's keys is no request, where a lenient
//! reader would say "received" and lose every record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize as _;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::ResourceRecords;
use super::proto::{
    AnyValue, ArrayValue, KeyValue, KeyValueList, Kind, LogRecord, Resource, Scope,
};
use crate::inlets::ParseError;

/// How deep a record may nest: far beyond any record there is, and far from the end of a worker's stack.
const DEEPEST: usize = 4096;

type Object<'b> = BTreeMap<Cow<'b, str>, &'b RawValue>;

/// Reads a request. Records are read one by one, so that one of them costs itself alone.
pub fn read(body: &[u8]) -> Result<Vec<ResourceRecords>, ParseError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| ParseError(format!("the body isn't UTF-8: {error}")))?;
    if text.trim_start().starts_with('[') {
        return Err(ParseError(
            "the body is a JSON array; OTLP is one object with the key resourceLogs (a sink with \
             `codec: json` must send one event a request, or use `codec: otlp`)"
                .to_owned(),
        ));
    }
    let request = read_object(text, "the body")?;
    if !request.is_empty() && !request.contains_key("resourceLogs") {
        let hint = match request.contains_key("resource_logs") {
            true => "; OTLP's keys are written resourceLogs, not resource_logs",
            false => "",
        };
        return Err(ParseError(format!("the body has no key resourceLogs{hint}")));
    }
    let mut read = Vec::new();
    for logs in elements(&request, "resourceLogs")? {
        let logs = read_object(logs, "an element of resourceLogs")?;
        known(&logs, &["resource", "scopeLogs", "schemaUrl"], "an element of resourceLogs")?;
        let resource = Resource { attributes: attributes(&small(&logs, "resource")) };
        let mut scopes = Vec::new();
        for scope_logs in elements(&logs, "scopeLogs")? {
            let scope_logs = read_object(scope_logs, "an element of scopeLogs")?;
            known(&scope_logs, &["scope", "logRecords", "schemaUrl"], "an element of scopeLogs")?;
            let scope =
                Scope { attributes: attributes(&small(&scope_logs, "scope")), ..Scope::default() };
            let records = elements(&scope_logs, "logRecords")?;
            scopes.push((scope, records.into_iter().map(read_record).collect()));
        }
        read.push(ResourceRecords { resource, scopes });
    }
    Ok(read)
}

fn read_object<'b>(text: &'b str, what: &str) -> Result<Object<'b>, ParseError> {
    if text.trim() == "null" || text.trim().is_empty() {
        return Ok(Object::new());
    }
    serde_json::from_str(text)
        .map_err(|error| ParseError(format!("{what} isn't a JSON object: {error}")))
}

/// The elements of a list; none if it isn't there.
fn elements<'b>(of: &Object<'b>, key: &str) -> Result<Vec<&'b str>, ParseError> {
    let Some(list) = of.get(key) else { return Ok(Vec::new()) };
    let list: Option<Vec<&RawValue>> = serde_json::from_str(list.get())
        .map_err(|error| ParseError(format!("{key} isn't a list: {error}")))?;
    Ok(list.into_iter().flatten().map(RawValue::get).collect())
}

/// A resource or scope, which the writer of a log can't choose.
fn small(of: &Object<'_>, key: &str) -> Map<String, Value> {
    of.get(key).and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
}

/// An object of OTLP's has one of its keys, or none at all.
fn known(object: &Object<'_>, keys: &[&str], what: &str) -> Result<(), ParseError> {
    if object.is_empty() || keys.iter().any(|key| object.contains_key(*key)) {
        return Ok(());
    }
    Err(ParseError(format!("{what} has none of the keys {}", keys.join(", "))))
}

fn read_record(text: &str) -> Result<LogRecord, String> {
    if depth(text) > DEEPEST {
        return Err(format!("it nests deeper than {DEEPEST} levels"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    // The depth is known.
    reader.disable_recursion_limit();
    let record =
        Map::<String, Value>::deserialize(&mut reader).map_err(|error| error.to_string())?;
    Ok(LogRecord {
        time_unix_nano: integer(record.get("timeUnixNano"))
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(0),
        body: record.get("body").map(read_value),
        attributes: attributes(&record),
        ..LogRecord::default()
    })
}

/// How deep brackets nest outside of strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn attributes(of: &Map<String, Value>) -> Vec<KeyValue> {
    key_values(list(of, "attributes"))
}

fn key_values(list: &[Value]) -> Vec<KeyValue> {
    let list = list.iter().filter_map(Value::as_object);
    list.map(|pair| KeyValue { key: text(pair, "key"), value: pair.get("value").map(read_value) })
        .collect()
}

/// The depth of a record is bounded above.
fn read_value(value: &Value) -> AnyValue {
    let empty = Map::new();
    let object = value.as_object().unwrap_or(&empty);
    let kind = object.iter().find_map(|(key, value)| {
        Some(match key.as_str() {
            "stringValue" => Kind::StringValue(value.as_str()?.to_owned()),
            "boolValue" => Kind::BoolValue(value.as_bool()?),
            "intValue" => Kind::IntValue(i64::try_from(integer(Some(value))?).ok()?),
            "doubleValue" => match value {
                Value::String(text) => Kind::DoubleValue(text.parse().ok()?),
                value => Kind::DoubleValue(value.as_f64()?),
            },
            "arrayValue" => {
                let values = list(value.as_object()?, "values").iter().map(read_value).collect();
                Kind::ArrayValue(ArrayValue { values })
            }
            "kvlistValue" => {
                let values = key_values(list(value.as_object()?, "values"));
                Kind::KvlistValue(KeyValueList { values })
            }
            "bytesValue" => {
                let bytes =
                    base64::engine::general_purpose::STANDARD.decode(value.as_str()?).ok()?;
                Kind::BytesValue(bytes)
            }
            _ => return None,
        })
    });
    AnyValue { value: kind }
}

/// An integer, written as a number or as a string.
fn integer(value: Option<&Value>) -> Option<i128> {
    match value? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            .or_else(|| {
                number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i128)
            }),
        _ => None,
    }
}

fn text(of: &Map<String, Value>, key: &str) -> String {
    of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(of: &'v Map<String, Value>, key: &str) -> &'v [Value] {
    of.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
