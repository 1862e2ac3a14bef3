//! The frames of an answer to a batch.

use std::borrow::Cow;
use std::fmt::Display;

use memchr::{memchr, memmem};
use serde::Deserialize;

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
        rule: String,
        /// The alert's id.
        id: String,
        /// When the event happened, in milliseconds since 1970, if the record says so.
        time: Option<i64>,
        /// The alert: an object, or for the format `text` a JSON string. It is as the module wrote it: it
        /// has no line end, and nobody has read it again.
        alert: &'a str,
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

/// What stands before an alert, which comes last in its frame. No string holds it: there, quotes are escaped.
const BEFORE_ALERT: &str = ",\"alert\":";

/// An alert's frame without the alert.
#[derive(Deserialize)]
struct Head {
    record: u64,
    rule: String,
    id: String,
    time: Option<i64>,
}

/// Any other frame, before it is known which kind it is.
#[derive(Deserialize)]
struct Other<'a> {
    #[serde(default)]
    record: u64,
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
        let mut rest = std::str::from_utf8(text).map_err(no_frame)?;
        let before_alert = memmem::Finder::new(BEFORE_ALERT);
        let (mut frames, mut summary, mut head) = (Vec::new(), None, String::new());
        while !rest.is_empty() {
            let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let line = rest.get(..end).unwrap_or_default();
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                continue;
            }
            if summary.is_some() {
                return Err(broken("a frame comes after the summary"));
            }
            if let Some(at) = before_alert.find(line.as_bytes()) {
                frames.push(alert(line, at, &mut head)?);
                continue;
            }
            match serde_json::from_str(line).map_err(no_frame)? {
                Other { error: Some(Failure { offset, reason }), record, .. } => {
                    frames.push(Frame::Error { record, offset, reason });
                }
                Other { summary: Some(found), .. } => summary = Some(found),
                _ => return Err(broken("its answer has a frame of an unknown kind")),
            }
        }
        let summary = summary.ok_or_else(|| broken("its answer has no summary"))?;
        Ok(Detection { frames, summary })
    }
}

/// The frame of an alert, which begins at a place of the line. The head is for what stands before.
fn alert<'a>(line: &'a str, at: usize, head: &mut String) -> Result<Frame<'a>, DetectorError> {
    let (before, behind) = line.split_at_checked(at).unwrap_or_default();
    head.clear();
    head.extend([before, "}"]);
    let Head { record, rule, id, time } = serde_json::from_str(head).map_err(no_frame)?;
    let alert = behind.strip_prefix(BEFORE_ALERT).and_then(|behind| behind.strip_suffix('}'));
    let is_whole = |alert: &&str| matches!(alert.as_bytes(), [b'{', .., b'}'] | [b'"', .., b'"']);
    let alert = alert.filter(is_whole);
    let alert = alert.ok_or_else(|| no_frame("its alert is neither an object nor a text"))?;
    Ok(Frame::Alert { record, rule, id, time, alert })
}

fn no_frame(reason: impl Display) -> DetectorError {
    DetectorError::Answer(format!("a line of its answer is no frame: {reason}"))
}
