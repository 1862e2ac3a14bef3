//! The frames of an answer to a batch: one JSON object a line.
//!
//! ```text
//! {"record":3,"rule":"...","id":"...","time":1688989356000,"alert":{...}}
//! {"record":4,"error":{"offset":5210,"reason":"..."}}
//! {"errors":{"count":7,"first":5,"last":90,"reason":"..."}}
//! {"summary":{"records":120,"matches":1,"errors":1}}
//! ```
//!
//! The module writes them with [`alert`], [`error`] and [`summary`]; a host reads a line with
//! [`Reader::read`]. An alert is passed through as the text that it is: it comes last in its frame, so a reader
//! needn't parse it to find its end.

use std::borrow::Cow;

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::Facts;

/// What stands before an alert. No string holds it: in strings, quotes are escaped.
const BEFORE_ALERT: &str = ",\"alert\":";

/// What a frame holds of an alert besides itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertHead<'a> {
    /// Index of the record in the batch, from 0.
    pub record: u64,
    /// The rule's id.
    pub rule: Cow<'a, str>,
    /// The alert's id.
    pub id: Cow<'a, str>,
    /// When the event happened, in milliseconds since 1970, if the record says so.
    pub time: Option<i64>,
    /// The byte of the batch where the record begins (for a record inside an envelope's text, where that text
    /// begins); only with the option `facts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Who did what from where; only with the option `facts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Box<Facts>>,
}

/// Why a record couldn't be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordError<'a> {
    /// The byte of the batch where reading failed.
    pub offset: u64,
    /// What was expected there.
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
    /// What kind of error it is, where it isn't one of reading: the same from version to version.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Cow<'a, str>>,
    /// The id of the rule that couldn't judge the record, where it is about one.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Cow<'a, str>>,
}

impl<'a> RecordError<'a> {
    /// A record that couldn't be read.
    #[must_use]
    pub fn unread(offset: u64, reason: Cow<'a, str>) -> RecordError<'a> {
        RecordError { offset, reason, code: None, rule: None }
    }
}

/// Errors of one reason that have no frames of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors<'a> {
    /// How many.
    pub count: u64,
    /// Index of the first record that they are about.
    pub first: u64,
    /// Index of the last one.
    pub last: u64,
    /// What was expected there.
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
}

/// What a batch held. Of the records some are `unread`, `wrapped`, `normalised` or `unknown`; all others have the log
/// source's own form.
///
/// The module itself never asks for the lists when it reads a summary, and code that reads them is bytes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Records seen, the failed ones among them.
    pub records: u64,
    /// Alerts.
    pub matches: u64,
    /// Errors: records that couldn't be read, and rules that couldn't judge one.
    pub errors: u64,
    /// Records in envelopes of senders that aren't trusted: no rule for CloudTrail has judged them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub untrusted: u64,
    /// Records in a form that isn't known: rules read them by the names that they have.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unknown: u64,
    /// Those of them whose keys tell another source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_family = "wasm", serde(skip_deserializing))]
    pub sources: Vec<FromSource>,
    /// Records in the names of a vocabulary that a shipper has translated them to.
    #[serde(default, skip_serializing_if = "is_none")]
    pub normalised: u64,
    /// Records that couldn't be read.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unread: u64,
    /// Records that are wrapped around others in a way that isn't opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_family = "wasm", serde(skip_deserializing))]
    pub wrapped: Vec<Wrapped>,
    /// Records that hold none of the fields that rules name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_family = "wasm", serde(skip_deserializing))]
    pub fieldless: Option<Fieldless>,
}

/// Records of a source that isn't the one that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Deserialize))]
pub struct FromSource {
    /// What it is called.
    pub source: String,
    /// How many.
    pub count: u64,
}

/// Records of one kind that are wrapped around others and weren't opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Deserialize))]
pub struct Wrapped {
    /// What they are.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Index of the first of them.
    pub first: u64,
    /// What to do.
    pub hint: String,
}

/// Records that hold none of the fields that rules name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_family = "wasm"), derive(Deserialize))]
pub struct Fieldless {
    /// How many.
    pub count: u64,
    /// Index of the first of them.
    pub first: u64,
    /// The first keys at its top; none if it was passed over unread.
    pub keys: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A rule selects a record.
    Alert {
        /// Which one.
        head: AlertHead<'a>,
        /// The alert: an object, or for the format `text` a JSON string, as the module wrote it.
        alert: &'a str,
    },
    /// A record couldn't be read.
    Error {
        /// Index of the record in the batch, from 0.
        record: u64,
        /// Why.
        error: RecordError<'a>,
    },
    /// More errors of one reason.
    Errors(Errors<'a>),
    /// The last line.
    Summary(Summary),
}

/// Appends the frame of an alert, which `write` appends.
pub fn alert(head: &AlertHead<'_>, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    object(head, out);
    // Its closing brace comes behind the alert.
    out.pop();
    out.extend_from_slice(BEFORE_ALERT.as_bytes());
    write(out);
    out.extend_from_slice(b"}\n");
}

/// Appends the frame of a record that couldn't be read.
pub fn error(record: u64, error: &RecordError<'_>, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct Line<'a> {
        record: u64,
        error: &'a RecordError<'a>,
    }
    object(&Line { record, error }, out);
    out.push(b'\n');
}

/// Appends the frame of errors that have none of their own.
pub fn errors(errors: &Errors<'_>, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct Line<'a> {
        errors: &'a Errors<'a>,
    }
    object(&Line { errors }, out);
    out.push(b'\n');
}

/// Appends the last frame.
pub fn summary(summary: &Summary, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct Line<'a> {
        summary: &'a Summary,
    }
    object(&Line { summary }, out);
    out.push(b'\n');
}

/// Numbers and texts as JSON; writing them to memory can't fail.
fn object(value: &impl Serialize, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, value);
}

/// Reads frames; made once for an answer.
#[derive(Debug)]
pub struct Reader {
    before_alert: Finder<'static>,
    head: String,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { before_alert: Finder::new(BEFORE_ALERT), head: String::new() }
    }
}

impl Reader {
    /// The frame that a line is; the line has no line end.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read<'a>(&mut self, line: &'a str) -> Result<Frame<'a>, String> {
        match self.before_alert.find(line.as_bytes()) {
            Some(at) => self.alert(line, at),
            None => other(line),
        }
    }

    fn alert<'a>(&mut self, line: &'a str, at: usize) -> Result<Frame<'a>, String> {
        let (before, behind) = line.split_at_checked(at).unwrap_or_default();
        self.head.clear();
        self.head.extend([before, "}"]);
        let head: AlertHead<'static> =
            serde_json::from_str(&self.head).map_err(|error| error.to_string())?;
        let alert = behind.strip_prefix(BEFORE_ALERT).and_then(|behind| behind.strip_suffix('}'));
        let is_whole =
            |alert: &&str| matches!(alert.as_bytes(), [b'{', .., b'}'] | [b'"', .., b'"']);
        let alert = alert.filter(is_whole);
        let alert = alert.ok_or_else(|| "its alert is neither an object nor a text".to_owned())?;
        Ok(Frame::Alert { head, alert })
    }
}

/// A frame that holds no alert.
fn other(line: &str) -> Result<Frame<'_>, String> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(default)]
        record: u64,
        #[serde(borrow)]
        error: Option<RecordError<'a>>,
        #[serde(borrow)]
        errors: Option<Errors<'a>>,
        summary: Option<Summary>,
    }
    match serde_json::from_str(line).map_err(|error| error.to_string())? {
        Line { error: Some(error), record, .. } => Ok(Frame::Error { record, error }),
        Line { errors: Some(errors), .. } => Ok(Frame::Errors(errors)),
        Line { summary: Some(summary), .. } => Ok(Frame::Summary(summary)),
        _ => Err("it is of an unknown kind".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(rule: &str, time: Option<i64>) -> AlertHead<'_> {
        AlertHead { record: 3, rule: rule.into(), id: "ab".into(), time, offset: None, facts: None }
    }

    fn with_facts(user: &str) -> AlertHead<'_> {
        let facts = Facts { user: Some(user.into()), ..Facts::default() };
        AlertHead { offset: Some(7), facts: Some(Box::new(facts)), ..head("r", None) }
    }

    #[test]
    fn what_is_written_is_read() {
        let hostile = "a \"rule\",\"alert\":{}\n\u{2028}";
        for (head, body) in [
            (head("r", Some(1)), r#"{"alert":{"alert":{}}}"#),
            (head("r", None), r#"",\"alert\":""#),
            (head(hostile, Some(-1)), "{}"),
            (with_facts(hostile), "{}"),
        ] {
            let mut line = Vec::new();
            alert(&head, &mut line, |out| out.extend_from_slice(body.as_bytes()));
            let line = String::from_utf8(line).unwrap();
            let line = line.strip_suffix('\n').unwrap();
            assert!(!line.contains('\n'), "{line}");
            let frame = Reader::default().read(line).unwrap();
            assert_eq!(frame, Frame::Alert { head, alert: body });
        }
    }

    #[test]
    fn the_lines_are_those_of_the_page() {
        let mut text = Vec::new();
        alert(&head("r", None), &mut text, |out| out.extend_from_slice(b"{}"));
        error(4, &RecordError::unread(5210, "x".into()), &mut text);
        let (code, rule) = (Some("rule-budget".into()), Some("r".into()));
        error(5, &RecordError { code, rule, ..RecordError::unread(1, "x".into()) }, &mut text);
        errors(&Errors { count: 2, first: 6, last: 9, reason: "y".into() }, &mut text);
        summary(&Summary { records: 120, matches: 1, errors: 1, ..Summary::default() }, &mut text);
        let expected = r#"{"record":3,"rule":"r","id":"ab","time":null,"alert":{}}
{"record":4,"error":{"offset":5210,"reason":"x"}}
{"record":5,"error":{"offset":1,"reason":"x","code":"rule-budget","rule":"r"}}
{"errors":{"count":2,"first":6,"last":9,"reason":"y"}}
{"summary":{"records":120,"matches":1,"errors":1}}
"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        for line in
            ["", "{}", "{\"alert\":1}", "{\"record\":1,\"rule\":\"r\",\"id\":\"i\",\"alert\":1}"]
        {
            assert!(Reader::default().read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn keys_that_a_newer_module_adds_are_passed_over() {
        let line = r#"{"record":3,"rule":"r","new":[1],"id":"ab","time":null,"alert":{}}"#;
        assert!(matches!(Reader::default().read(line), Ok(Frame::Alert { .. })));
        let line = r#"{"summary":{"records":1,"matches":0,"errors":0,"new":2},"more":1}"#;
        assert!(matches!(Reader::default().read(line), Ok(Frame::Summary(_))));
    }
}
