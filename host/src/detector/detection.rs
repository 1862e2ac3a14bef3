//! The frames of an answer to a batch.

use std::borrow::Cow;

use memchr::memchr;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::DetectorError;

/// The answer to a batch. It borrows from the module's memory.
#[derive(Debug)]
pub struct Detection<'a> {
    /// Alerts and errors in the order of the records.
    pub frames: Vec<Frame<'a>>,
    /// What the batch held.
    pub summary: Summary,
}

/// One finding in a batch.
#[derive(Debug)]
pub enum Frame<'a> {
    /// A rule matched a record.
    Alert {
        /// Index of the record in the batch, from 0.
        record: u64,
        /// The rule's id.
        rule: Cow<'a, str>,
        /// The alert's id.
        id: Cow<'a, str>,
        /// When the event happened, in milliseconds since 1970, if the record says so.
        time: Option<i64>,
        /// The alert: an object, or for the format `text` a JSON string.
        alert: &'a RawValue,
    },
    /// A record couldn't be read.
    Error {
        /// Index of the record in the batch, from 0.
        record: u64,
        /// The byte of the batch where reading failed.
        offset: u64,
        /// What was expected there.
        reason: Cow<'a, str>,
    },
}

/// What a batch held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Summary {
    /// Records seen, the failed ones among them.
    pub records: u64,
    /// Alerts.
    pub matches: u64,
    /// Records that couldn't be read.
    pub errors: u64,
}

/// A line of the answer, before it is known which kind it is.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    record: u64,
    #[serde(borrow, default)]
    rule: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    time: Option<i64>,
    #[serde(borrow)]
    alert: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<Failure<'a>>,
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct Failure<'a> {
    offset: u64,
    #[serde(borrow)]
    reason: Cow<'a, str>,
}

impl<'a> Detection<'a> {
    pub(super) fn read(text: &'a [u8]) -> Result<Detection<'a>, DetectorError> {
        let broken = |reason: &str| DetectorError::Answer(reason.to_owned());
        let mut frames = Vec::new();
        let mut summary = None;
        let mut rest = text;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                continue;
            }
            let line: Line<'a> = serde_json::from_slice(line)
                .map_err(|error| broken(&format!("a line of its answer is no frame: {error}")))?;
            match line {
                _ if summary.is_some() => return Err(broken("a frame comes after the summary")),
                Line { alert: Some(alert), record, rule, id, time, .. } => {
                    frames.push(Frame::Alert { record, rule, id, time, alert });
                }
                Line { error: Some(Failure { offset, reason }), record, .. } => {
                    frames.push(Frame::Error { record, offset, reason });
                }
                Line { summary: Some(found), .. } => summary = Some(found),
                _ => return Err(broken("its answer has a frame of an unknown kind")),
            }
        }
        let summary = summary.ok_or_else(|| broken("its answer has no summary"))?;
        Ok(Detection { frames, summary })
    }
}
