//! In: the text of an answer to a batch. Out: its frames, or what breaks the interface's page.

use serde::Deserialize;
use serde_json::value::RawValue;

use tocsin_wire::frames::{self as wire, Fieldless, Reader, Summary, Wrapped};

use crate::runtimes::Answer;

/// One line of an answer.
#[derive(Debug, Clone)]
pub enum Frame {
    /// A rule has found something in a record.
    Alert {
        /// Index of the record.
        record: u64,
        /// The rule's id.
        rule: String,
        /// Names the alert.
        id: String,
        /// The event's time in milliseconds since 1970.
        time: Option<i64>,
        /// The alert's text, as the module wrote it.
        alert: Box<RawValue>,
    },
    /// A record could not be read.
    Error {
        /// Index of the record.
        record: u64,
        /// Where in the batch.
        offset: u64,
        /// What was expected there.
        reason: String,
    },
}

/// An answer's frames.
#[derive(Debug, Clone)]
pub struct Frames {
    /// Alerts and errors, in order.
    pub frames: Vec<Frame>,
    /// The number of records.
    pub records: u64,
}

impl Frames {
    /// Counts records and offsets from those before the batch.
    pub fn shift(&mut self, records: u64, bytes: u64) {
        for frame in &mut self.frames {
            match frame {
                Frame::Alert { record, .. } => *record += records,
                Frame::Error { record, offset, .. } => {
                    *record += records;
                    *offset += bytes;
                }
            }
        }
    }
}

/// What the alert of the format `json` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Names the alert.
    pub id: String,
    /// When the event happened.
    pub time: Option<String>,
    /// The rule, as written.
    pub rule: Box<RawValue>,
    /// The sentence.
    pub message: String,
    /// The output fields, as written.
    pub fields: Box<RawValue>,
    /// The record, as written.
    pub event: Box<RawValue>,
    /// What EventBridge's envelope around the record says, as written.
    pub envelope: Option<Box<RawValue>>,
}

/// Reads an answer to a batch of `batch_len` bytes, and holds it to all that `docs/abi.md` says of
/// every answer: one JSON object a line, records in order, offsets inside the batch, counts that
/// agree with the frames, and the status that follows from them.
///
/// # Errors
/// What is wrong with it.
pub fn read(answer: &Answer, batch_len: usize) -> Result<Frames, String> {
    let text = std::str::from_utf8(&answer.text).map_err(|error| error.to_string())?;
    let text = text.strip_suffix('\n').ok_or("the answer doesn't end with a line end")?;
    let (mut reader, mut frames, mut summary) = (Reader::default(), Vec::new(), None);
    for line in text.split('\n') {
        let frame = reader.read(line).map_err(|error| format!("no frame ({error}): {line}"))?;
        if written(&frame) != line {
            return Err(format!("a frame isn't written as the interface has it: {line}"));
        }
        if summary.is_some() {
            return Err("a frame comes after the summary".into());
        }
        match frame {
            wire::Frame::Alert { head, alert } => frames.push(Frame::Alert {
                record: head.record,
                rule: head.rule.into_owned(),
                id: head.id.into_owned(),
                time: head.time,
                alert: RawValue::from_string(alert.to_owned())
                    .map_err(|error| error.to_string())?,
            }),
            wire::Frame::Error { record, error } => frames.push(Frame::Error {
                record,
                offset: error.offset,
                reason: error.reason.into_owned(),
            }),
            wire::Frame::Errors(_) => return Err("errors without frames of their own".into()),
            wire::Frame::Summary(found) => summary = Some(found),
        }
    }
    let summary = summary.ok_or("the summary is missing")?;
    agree(answer, &summary, &frames, batch_len)?;
    Ok(Frames { frames, records: summary.records })
}

/// The line that a frame is, by the code that modules write it with: what isn't in it is none of the interface's.
fn written(frame: &wire::Frame<'_>) -> String {
    let mut line = Vec::new();
    match frame {
        wire::Frame::Alert { head, alert } => {
            wire::alert(head, &mut line, |out| out.extend_from_slice(alert.as_bytes()));
        }
        wire::Frame::Error { record, error } => wire::error(*record, error, &mut line),
        wire::Frame::Errors(errors) => wire::errors(errors, &mut line),
        wire::Frame::Summary(summary) => wire::summary(summary, &mut line),
    }
    line.pop();
    String::from_utf8_lossy(&line).into_owned()
}

/// Holds what the summary says of where records are from to the number of records.
fn by_source(summary: &Summary, errors: u64) -> Result<(), String> {
    let Summary { records, untrusted, unknown, normalised, unread, .. } = summary;
    let wrapped: u64 = summary.wrapped.iter().map(|wrapped| wrapped.count).sum();
    if untrusted > records || unknown + normalised + unread + wrapped > *records {
        return Err("the summary counts more records by their source than records".into());
    }
    let told: u64 = summary.sources.iter().map(|source| source.count).sum();
    if *unread > errors || told > *unknown {
        return Err("the summary counts more of a part of the records than of all of them".into());
    }
    if summary.sources.iter().any(|source| source.source.is_empty() || source.count == 0) {
        return Err("the summary names a source that it has no records of".into());
    }
    let is_said = |wrapped: &Wrapped| {
        let texts = [&wrapped.what, &wrapped.hint];
        wrapped.first < *records && wrapped.count > 0 && texts.iter().all(|text| !text.is_empty())
    };
    let is_found = |found: &Fieldless| {
        found.first < *records && (1..=*records).contains(&found.count) && found.keys.len() <= 8
    };
    if !summary.wrapped.iter().all(is_said) || !summary.fieldless.iter().all(is_found) {
        return Err("the summary says something of records that aren't there".into());
    }
    Ok(())
}

fn agree(
    answer: &Answer,
    summary: &Summary,
    frames: &[Frame],
    batch_len: usize,
) -> Result<(), String> {
    let alerts = frames.iter().filter(|frame| matches!(frame, Frame::Alert { .. })).count() as u64;
    let errors = frames.len() as u64 - alerts;
    if (summary.matches, summary.errors) != (alerts, errors) {
        return Err("the summary doesn't agree with the frames".into());
    }
    by_source(summary, errors)?;
    if u64::from(answer.count) != alerts {
        return Err(format!("the header counts {} alerts of {alerts}", answer.count));
    }
    let mut least = 0;
    let mut failed = None;
    for frame in frames {
        let (record, offset) = match frame {
            Frame::Alert { record, .. } => (*record, 0),
            Frame::Error { record, offset, .. } => (*record, *offset),
        };
        if record < least || record >= summary.records {
            return Err(format!("record {record} is out of order, or there is no such record"));
        }
        if failed == Some(record) {
            return Err(format!("record {record} has a frame after its error"));
        }
        failed = matches!(frame, Frame::Error { .. }).then_some(record);
        if offset > batch_len as u64 {
            return Err(format!("offset {offset} lies outside the batch of {batch_len} bytes"));
        }
        least = record;
    }
    let nothing_read = summary.records > 0 && errors == summary.records;
    if answer.status != 4 && answer.status != if nothing_read { 2 } else { 0 } {
        return Err(format!("status {} doesn't fit the frames", answer.status));
    }
    Ok(())
}
