//! OTLP's `/v1/logs`: protobuf or JSON in, lines of records out, and the answer in the request's own form.

mod attributes;
mod json;
mod json_value;
mod proto;
mod value;
mod wire;

use std::fmt::Write as _;

use prost::Message;
use serde_json::{Map, Value};

use super::lines::{Lines, as_message, is_object_on_one_line};
use super::{Answer, ParseError, Parsed, Rejected};
use proto::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse, LogRecord,
    ResourceLogs, ScopeLogs, Status,
};
use value::{Any, Held, Pairs};
use wire::{Field, Fields, WireError};

/// The form of a request, and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

impl Form {
    /// The form that the answer must have: clients read no other.
    pub fn of(content_type: Option<&str>, body: &[u8]) -> Form {
        let named = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match named.to_ascii_lowercase().as_str() {
            "application/json" => Form::Json,
            "application/x-protobuf" | "application/protobuf" => Form::Protobuf,
            _ if looks_like_json(body) => Form::Json,
            _ => Form::Protobuf,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Form::Protobuf => "application/x-protobuf",
            // Without a charset: the Collector reads no other.
            Form::Json => "application/json",
        }
    }
}

/// Protobuf's first byte here is a line feed, the mark of field 1; JSON's is a brace or blank before it.
fn looks_like_json(body: &[u8]) -> bool {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    match body.iter().find(|byte| !is_blank(byte)) {
        Some(b'{') => body.first() != Some(&b'\n') || !is_protobuf(body),
        Some(b'[') => body.first() != Some(&b'\n'),
        _ => false,
    }
}

/// Whether bytes are a message to its end, and so no JSON that begins with a line end.
fn is_protobuf(body: &[u8]) -> bool {
    Fields::of(body).all(|field| matches!(field, Ok((1, Field::Bytes(_)))))
}

/// Reads a request.
///
/// # Errors
/// [`ParseError`] if it is no request at all. What is wrong with a single record is reported for that record.
pub fn parse(body: &[u8]) -> Result<Parsed, ParseError> {
    let mut reading = Reading::default();
    match looks_like_json(body) {
        true => json::read(body, &mut reading)?,
        false => read_protobuf(body, &mut reading).map_err(|error| {
            ParseError(format!("the body is neither JSON nor OTLP's protobuf: {error}"))
        })?,
    }
    Ok(reading.finish())
}

/// Reads a request in protobuf. Records are read one by one, so that one of them costs itself alone.
fn read_protobuf(body: &[u8], reading: &mut Reading) -> Result<(), WireError> {
    let mut request = Fields::of(body);
    while let Some(logs) = request.next_bytes(1)? {
        let resource = Fields::of(logs).next_bytes(1)?.unwrap_or_default();
        let resource = Pairs::Protobuf(resource, 1).map();
        let mut scopes = Fields::of(logs);
        while let Some(logs) = scopes.next_bytes(2)? {
            let scope = Fields::of(logs).next_bytes(1)?.unwrap_or_default();
            let scope = ScopeOf::new(Pairs::Protobuf(scope, 3), &resource);
            let mut records = Fields::of(logs);
            while let Some(record) = records.next_bytes(2)? {
                reading.record(&scope, protobuf_record(record));
            }
        }
    }
    Ok(())
}

fn protobuf_record(message: &[u8]) -> Result<Record<'_>, String> {
    let attributes = Pairs::Protobuf(message, 6);
    let mut record = Record { time_unix_nano: 0, body: None, attributes };
    for field in Fields::of(message) {
        match field.map_err(|error| format!("it can't be read: {error}"))? {
            (1, Field::Number(time)) => record.time_unix_nano = time,
            (5, Field::Bytes(body)) => record.body = Some(Any::Protobuf(body)),
            _ => {}
        }
    }
    Ok(record)
}

/// A record, where it stands in the request.
struct Record<'b> {
    time_unix_nano: u64,
    body: Option<Any<'b>>,
    attributes: Pairs<'b>,
}

/// What is said of all records of a scope.
struct ScopeOf<'r> {
    /// They are in the Collector's own form for CloudTrail.
    is_cloudtrail: bool,
    resource: &'r Result<Map<String, Value>, String>,
}

impl<'r> ScopeOf<'r> {
    fn new(scope: Pairs<'_>, resource: &'r Result<Map<String, Value>, String>) -> ScopeOf<'r> {
        let is_cloudtrail = scope.map().is_ok_and(|scope| attributes::is_cloudtrail(&scope));
        ScopeOf { is_cloudtrail, resource }
    }
}

/// What has been read of a request so far.
#[derive(Default)]
struct Reading {
    lines: Lines,
    records: u64,
    rejected: Rejected,
    /// Records in the Collector's own form for CloudTrail, which isn't all of the record.
    turned_back: u64,
}

impl Reading {
    fn record(&mut self, scope: &ScopeOf<'_>, record: Result<Record<'_>, String>) {
        let unit = self.records;
        self.records += 1;
        if let Err(reason) = record.and_then(|record| self.read(unit, scope, &record)) {
            self.rejected.push((unit, reason));
        }
    }

    /// The body if it holds something, else the attributes. A record that comes as text and again as
    /// attributes is one record.
    fn read(&mut self, unit: u64, scope: &ScopeOf<'_>, record: &Record<'_>) -> Result<(), String> {
        match record.body.map_or(Ok(Held::Nothing), Any::held)? {
            Held::Text(text) => {
                let text = text.as_ref();
                let is_record = is_object_on_one_line(text.trim());
                match if is_record { "{}".to_owned() } else { record.attributes.json()? } {
                    none if none == "{}" => self.lines.push_text(unit, text),
                    fields => match attributes::original(&fields) {
                        Some(record) => self.lines.push_text(unit, &record),
                        // A line that somebody has parsed: its fields are judged, and its text beside them.
                        None => {
                            self.lines.push_json(unit, &attributes::beside_text(&fields, text));
                        }
                    },
                }
            }
            Held::Quoted(text) => self.lines.push_json(unit, &as_message(text)),
            Held::Bytes(bytes) => self.lines.push_bytes(unit, &bytes),
            Held::Json(json) => self.lines.push_json(unit, &json),
            Held::Nothing if scope.is_cloudtrail => {
                let resource = scope.resource.as_ref().map_err(String::clone)?;
                let attributes = record.attributes.map()?;
                let found = attributes::turn_back(resource, record.time_unix_nano, attributes);
                self.turned_back += 1;
                self.lines.push_json(unit, &Value::Object(found).to_string());
            }
            Held::Nothing => match record.attributes.json()? {
                none if none == "{}" => {
                    return Err("it has neither a body nor attributes".to_owned());
                }
                fields => match attributes::original(&fields) {
                    Some(record) => self.lines.push_text(unit, &record),
                    None => self.lines.push_json(unit, &fields),
                },
            },
        }
        Ok(())
    }

    fn finish(self) -> Parsed {
        let mut notes = Vec::new();
        if self.turned_back > 0 {
            notes.push(format!(
                "{} records came as the attributes that the Collector's encoding `cloudtrail` makes; it \
                 leaves out {}: rules that ask for these can't match. Send the record as the body instead",
                self.turned_back,
                attributes::LOST,
            ));
        }
        Parsed {
            lines: self.lines,
            units: self.records,
            rejected: self.rejected,
            notes,
            request_id: None,
        }
    }
}

/// The answer to a request that was judged. `rejected` are records of which nothing will come.
pub fn accepted(form: Form, rejected: u64, message: &str) -> Answer {
    let partial = (rejected > 0 || !message.is_empty()).then(|| ExportLogsPartialSuccess {
        rejected_log_records: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: message.to_owned(),
    });
    let body = match form {
        Form::Protobuf => ExportLogsServiceResponse { partial_success: partial }.encode_to_vec(),
        Form::Json => match partial {
            None => b"{}".to_vec(),
            Some(partial) => {
                let mut text = String::from("{\"partialSuccess\":{");
                if partial.rejected_log_records > 0 {
                    // 64-bit integers are strings in OTLP's JSON.
                    let _ = write!(
                        text,
                        "\"rejectedLogRecords\":\"{}\",",
                        partial.rejected_log_records
                    );
                }
                let _ = write!(text, "\"errorMessage\":{}}}}}", Value::from(partial.error_message));
                text.into_bytes()
            }
        },
    };
    Answer::new(200, form.content_type(), body)
}

/// An error's answer: a `google.rpc.Status` in the request's form.
pub fn refused(form: Form, status: u16, message: &str) -> Answer {
    let code = match status {
        400 | 413 | 415 => 3,
        401 => 16,
        403 => 7,
        429 => 8,
        _ => 14,
    };
    let body = match form {
        Form::Protobuf => Status { code, message: message.to_owned() }.encode_to_vec(),
        Form::Json => {
            format!("{{\"code\":{code},\"message\":{}}}", Value::from(message)).into_bytes()
        }
    };
    Answer::new(status, form.content_type(), body)
}

/// A request with one record a text; what the OTLP outlet sends.
pub fn request(records: Vec<LogRecord>) -> Vec<u8> {
    let service = proto::KeyValue::text("service.name", "tocsin");
    let scope = proto::Scope { name: "tocsin".into(), ..Default::default() };
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(proto::Resource { attributes: vec![service] }),
            scope_logs: vec![ScopeLogs {
                scope: Some(scope),
                log_records: records.iter().map(Message::encode_to_vec).collect(),
            }],
        }],
    }
    .encode_to_vec()
}

/// A server's answer to a request of the outlet: how many records it rejected, and why.
pub fn read_response(body: &[u8]) -> Option<(i64, String)> {
    let partial = ExportLogsServiceResponse::decode(body).ok()?.partial_success?;
    Some((partial.rejected_log_records, partial.error_message))
}

pub use proto::{AnyValue, KeyValue, LogRecord as OtlpRecord, ValueCase};

#[cfg(test)]
mod tests;
