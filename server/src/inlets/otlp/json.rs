//! OTLP's JSON in, its records out, each where it stands in the body.
//!
//! Tolerant, as the specification asks: unknown keys are ignored, and what is null isn't there. Strict in two
//! things: a body that knows none of OTLP's keys is no request, where a lenient reader would say "received" and
//! lose every record; and a key that stands twice is an error, since either value would be lost.

use serde_json::value::RawValue;

use super::json_value::integer;
use super::value::{Any, Pairs};
use super::{Reading, Record, ScopeOf};
use crate::inlets::ParseError;
use crate::inlets::pick::{Picked, each, pick};

/// Reads a request. Records are read one by one, so that one of them costs itself alone.
///
/// # Errors
/// [`ParseError`] if it is none.
pub fn read(body: &[u8], reading: &mut Reading) -> Result<(), ParseError> {
    let text = String::from_utf8_lossy(body);
    if text.trim_start().starts_with('[') {
        return Err(ParseError(
            "the body is a JSON array; OTLP is one object with the key resourceLogs (a sink with \
             `codec: json` must send one event a request, or use `codec: otlp`)"
                .to_owned(),
        ));
    }
    // A file of the Collector's has a request a line.
    for request in serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>() {
        let request = request
            .map_err(|error| ParseError(format!("the body isn't a JSON object: {error}")))?;
        read_request(request.get(), reading)?;
    }
    Ok(())
}

fn read_request(text: &str, reading: &mut Reading) -> Result<(), ParseError> {
    let request = pick(text, ["resourceLogs", "resource_logs"])
        .map_err(|error| ParseError(format!("the body isn't a JSON object: {error}")))?;
    let [logs, misspelt] = request.values;
    if logs.is_none() && (request.is_foreign || misspelt.is_some()) {
        let hint = match misspelt {
            Some(_) => "; OTLP's keys are written resourceLogs, not resource_logs",
            None => "",
        };
        return Err(ParseError(format!("the body has no key resourceLogs{hint}")));
    }
    each(logs, "resourceLogs", |logs| read_resource(logs, reading)).map_err(ParseError)
}

fn read_resource(logs: &str, reading: &mut Reading) -> Result<(), String> {
    let picked = pick(logs, ["resource", "scopeLogs", "schemaUrl"])?;
    known(&picked, "resource, scopeLogs")?;
    let [resource, scopes, _] = picked.values;
    let resource = attributes(resource)?.map();
    each(scopes, "scopeLogs", |logs| {
        let picked = pick(logs, ["scope", "logRecords", "schemaUrl"])?;
        known(&picked, "scope, logRecords")?;
        let [scope, records, _] = picked.values;
        let scope = ScopeOf::new(attributes(scope)?, &resource);
        each(records, "logRecords", |record| {
            reading.record(&scope, read_record(record));
            Ok(())
        })
    })
}

/// The attributes of a resource or a scope.
fn attributes(of: Option<&str>) -> Result<Pairs<'_>, String> {
    let [attributes] = of.map_or(Ok([None]), |of| pick(of, ["attributes"]).map(|p| p.values))?;
    Ok(Pairs::Json(attributes))
}

/// An object of OTLP's has one of its keys, or none at all.
fn known<const N: usize>(picked: &Picked<'_, N>, keys: &str) -> Result<(), String> {
    match picked.is_foreign {
        true => Err(format!("an element has none of the keys {keys}")),
        false => Ok(()),
    }
}

fn read_record(text: &str) -> Result<Record<'_>, String> {
    if !text.starts_with('{') {
        return Err("it isn't an object".to_owned());
    }
    let [time, body, attributes] = pick(text, ["timeUnixNano", "body", "attributes"])?.values;
    Ok(Record {
        time_unix_nano: time.and_then(integer).and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        body: body.map(Any::Json),
        attributes: Pairs::Json(attributes),
    })
}
