//! OTLP's `/v1/logs`: protobuf or JSON in, lines of records out, and the answer in the request's own form.

mod attributes;
mod json;
mod proto;
mod value;

use std::fmt::Write as _;

use prost::Message;
use serde_json::{Map, Value};

use super::lines::{Lines, is_object_on_one_line};
use super::{Answer, ParseError, Parsed};
use proto::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse, LogRecord,
    Resource, ResourceLogs, Scope, ScopeLogs, Status,
};

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
        Some(b'{') => body.first() != Some(&b'\n') || proto::read(body).is_err(),
        Some(b'[') => body.first() != Some(&b'\n'),
        _ => false,
    }
}

/// A resource's records, each read or refused on its own.
pub struct ResourceRecords {
    resource: Resource,
    scopes: Vec<(Scope, Vec<Result<LogRecord, String>>)>,
}

/// Reads a request.
///
/// # Errors
/// [`ParseError`] if it is no request at all. What is wrong with a single record is reported for that record.
pub fn parse(body: &[u8]) -> Result<Parsed, ParseError> {
    let request = match looks_like_json(body) {
        true => json::read(body)?,
        false => proto::read(body).map_err(|error| {
            ParseError(format!("the body is neither JSON nor OTLP's protobuf: {error}"))
        })?,
    };
    let mut reading = Reading::default();
    for logs in &request {
        reading.resource(logs);
    }
    Ok(reading.finish())
}

/// What has been read of a request so far.
#[derive(Default)]
struct Reading {
    lines: Lines,
    records: u64,
    rejected: Vec<(u64, String)>,
    /// Records in the Collector's own form for CloudTrail, which isn't all of the record.
    turned_back: u64,
}

impl Reading {
    fn resource(&mut self, logs: &ResourceRecords) {
        for (scope, records) in &logs.scopes {
            for record in records {
                let unit = self.records;
                self.records += 1;
                match record {
                    Ok(record) => self.record(unit, &logs.resource, scope, record),
                    Err(reason) => self.rejected.push((unit, reason.clone())),
                }
            }
        }
    }

    /// The body if it holds something, else the attributes. A record that comes as text and again as
    /// attributes is one record.
    fn record(&mut self, unit: u64, resource: &Resource, scope: &Scope, record: &LogRecord) {
        let body = record.body.as_ref().and_then(|body| body.value.as_ref());
        match body {
            Some(proto::Kind::StringValue(text)) if !text.trim().is_empty() => {
                match record.attributes.is_empty() || is_object_on_one_line(text.trim()) {
                    true => self.lines.push_text(unit, text),
                    // A line that somebody has parsed: its fields are judged, and its text beside them.
                    false => self.object(unit, attributes::beside_text(&record.attributes, text)),
                }
            }
            Some(proto::Kind::BytesValue(bytes)) if !bytes.is_empty() => {
                self.lines.push_bytes(unit, bytes);
            }
            Some(proto::Kind::KvlistValue(list)) if !list.values.is_empty() => {
                self.object(unit, value::object(&list.values));
            }
            Some(proto::Kind::ArrayValue(array)) if !array.values.is_empty() => {
                let array = array.values.iter().map(value::json).collect();
                self.value(unit, &Value::Array(array));
            }
            _ if attributes::is_cloudtrail(scope) => {
                self.turned_back += 1;
                self.object(unit, attributes::turn_back(resource, record));
            }
            _ if !record.attributes.is_empty() => {
                self.object(unit, value::object(&record.attributes));
            }
            _ => self.rejected.push((unit, "it has neither a body nor attributes".to_owned())),
        }
    }

    fn object(&mut self, unit: u64, object: Map<String, Value>) {
        self.value(unit, &Value::Object(object));
    }

    fn value(&mut self, unit: u64, value: &Value) {
        self.lines.push_json(unit, &value.to_string());
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
        400 | 413 => 3,
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

pub use proto::{AnyValue, KeyValue, Kind, LogRecord as OtlpRecord};

#[cfg(test)]
mod tests;
