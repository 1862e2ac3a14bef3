//! In: a case. Out: nothing, or in what the native answers differ from what the case and the pages say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::case::{self, Case, Id};
use crate::description;
use crate::frames::{self, Frame, Frames};
use crate::runtimes::{Answer, Guest, Native, Runtime};
use crate::subject::Module;

/// Holds the native run to the case and to the interface's pages.
///
/// # Errors
/// Every difference, a line each.
pub fn native(case: &Case) -> Result<(), String> {
    let mut detector = Native.start(&Module::embedded())?;
    if configure(case, &mut *detector)?.is_some_and(|answer| answer.status != 0) {
        return Ok(());
    }
    let languages = languages(&mut *detector)?;
    let answer = detector.detect(&case.batch)?;
    let frames = frames::read(&answer, case.batch.len())
        .map_err(|error| format!("{error}\n{}", shown(&answer)))?;
    let mut wrong = String::new();
    compare(&mut wrong, "status", &answer.status, &case.says.status);
    compare(&mut wrong, "records", &frames.records, &case.says.records);
    errors(&mut wrong, case, &frames);
    alerts(&mut wrong, case, &frames, &languages)?;
    if case.says.split {
        split(&mut wrong, case, &answer, &mut *detector)?;
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{wrong}\nthe answer:\n{}", shown(&answer))) }
}

/// Configures as the case says, and compares what is refused.
fn configure(case: &Case, detector: &mut dyn Guest) -> Result<Option<Answer>, String> {
    let Some(document) = case.configuration()? else { return Ok(None) };
    let answer = detector.configure(&document)?;
    let found = if matches!(answer.status, 0 | 3) { refusals(&answer)? } else { Vec::new() };
    if found != case.says.refused || answer.status != if found.is_empty() { 0 } else { 3 } {
        return Err(format!("expected {:?} refused:\n{}", case.says.refused, shown(&answer)));
    }
    Ok(Some(answer))
}

/// A configuration's errors, as `CODE LINE:COLUMN`.
fn refusals(answer: &Answer) -> Result<Vec<String>, String> {
    #[derive(serde::Deserialize)]
    struct Configured {
        diagnostics: Vec<Diagnostic>,
    }
    #[derive(serde::Deserialize)]
    struct Diagnostic {
        severity: String,
        code: String,
        line: u32,
        column: u32,
    }
    let configured: Configured =
        serde_json::from_slice(&answer.text).map_err(|error| error.to_string())?;
    let errors = configured.diagnostics.iter().filter(|found| found.severity == "error");
    Ok(errors.map(|found| format!("{} {}:{}", found.code, found.line, found.column)).collect())
}

fn errors(wrong: &mut String, case: &Case, frames: &Frames) {
    let found = frames.frames.iter().filter_map(|frame| match frame {
        Frame::Error { record, offset, reason } => Some((*record, *offset, reason.as_str())),
        Frame::Alert { .. } => None,
    });
    let found: Vec<_> = found.collect();
    let expected = case.says.errors.iter();
    let expected: Vec<_> =
        expected.map(|error| (error.record, error.offset.unwrap_or(0), &*error.reason)).collect();
    compare(wrong, "errors (record, offset, reason)", &found, &expected);
}

/// The language of each rule, by its id.
fn languages(detector: &mut dyn Guest) -> Result<BTreeMap<String, String>, String> {
    let rules = description::rules(detector)?;
    Ok(rules.into_iter().map(|rule| (rule.id, rule.language)).collect())
}

fn alerts(
    wrong: &mut String,
    case: &Case,
    frames: &Frames,
    languages: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut expected = case.says.alerts.iter();
    let mut names = Vec::new();
    for frame in &frames.frames {
        let Frame::Alert { record, rule, .. } = frame else { continue };
        let expected = expected.next();
        let name = match expected {
            Some(expected) if expected.rule == *rule => rule,
            _ => languages.get(rule).unwrap_or(rule),
        };
        let name = format!("{name} {record}");
        if let Some(expected) = expected {
            let mut differences = String::new();
            alert(&mut differences, expected, frame)
                .map_err(|error| format!("alert `{name}`: {error}"))?;
            wrong.extend(differences.lines().map(|line| format!("`{name}`: {line}\n")));
        }
        names.push(name);
    }
    let expected = case.says.alerts.iter();
    let expected: Vec<_> =
        expected.map(|alert| format!("{} {}", alert.rule, alert.record)).collect();
    compare(wrong, "alerts", &names, &expected);
    Ok(())
}

/// Compares what a case says of an alert.
fn alert(wrong: &mut String, expected: &case::Alert, frame: &Frame) -> Result<(), String> {
    let Frame::Alert { rule, id, alert, .. } = frame else { return Ok(()) };
    if let Some(of) = &expected.id {
        compare(wrong, "id", id, &digest(of, rule)?);
    }
    if let Some(text) = &expected.text {
        let found: String = serde_json::from_str(alert.get()).map_err(|error| error.to_string())?;
        compare(wrong, "text", &found, text);
    }
    let wanted = (
        &expected.message,
        &expected.time,
        &expected.fields,
        expected.event()?,
        &expected.envelope,
    );
    if let (None, None, None, None, None) = &wanted {
        return Ok(());
    }
    let found: frames::Alert =
        serde_json::from_str(alert.get()).map_err(|error| error.to_string())?;
    compare(wrong, "id inside the alert", &found.id, id);
    let (message, time, fields, event, envelope) = wanted;
    if let Some(message) = message {
        compare(wrong, "message", &found.message, message);
    }
    if let Some(time) = time {
        compare(wrong, "time", &found.time.as_deref(), &Some(&**time));
    }
    if let Some(fields) = fields {
        compare(wrong, "fields", &found.fields.get(), &&*compact(fields)?);
    }
    if let Some(event) = event {
        compare(wrong, "event", &found.event.get(), &&*String::from_utf8_lossy(&event));
    }
    if let Some(envelope) = envelope {
        let found = found.envelope.as_ref().map(|found| found.get());
        compare(wrong, "envelope", &found, &Some(&*compact(envelope)?));
    }
    Ok(())
}

/// The id of an alert, as `docs/alerts.md` says it is made.
fn digest(of: &Id, rule: &str) -> Result<String, String> {
    let mut hash = Sha256::new();
    match of {
        Id::Event { account, event } => {
            hash.update("tocsin-event:");
            part(&mut hash, account.as_bytes());
            part(&mut hash, event.as_bytes());
        }
        Id::Bytes { bytes } => {
            hash.update("tocsin-record:");
            part(&mut hash, &case::batch::bytes(bytes)?);
        }
    }
    part(&mut hash, rule.as_bytes());
    Ok(format!("{:x}", hash.finalize()))
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update(format!("{}:", bytes.len()));
    hash.update(bytes);
    hash.update(",");
}

/// JSON without the blanks between its tokens; the order of keys stays.
fn compact(json: &str) -> Result<String, String> {
    serde_json::from_str::<&RawValue>(json).map_err(|error| format!("{json}: {error}"))?;
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for letter in json.chars() {
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        if quoted || !letter.is_whitespace() {
            out.push(letter);
        }
    }
    Ok(out)
}

/// Cut at its line ends, the batch must give the same frames.
fn split(
    wrong: &mut String,
    case: &Case,
    whole: &Answer,
    detector: &mut dyn Guest,
) -> Result<(), String> {
    let (mut joined, mut records, mut offset) = (Vec::new(), 0, 0);
    for line in case.batch.split_inclusive(|byte| *byte == b'\n') {
        let answer = detector.detect(line)?;
        let mut part = frames::read(&answer, line.len())?;
        part.shift(records, offset);
        records += part.records;
        offset += line.len() as u64;
        joined.extend(part.frames);
    }
    let whole = frames::read(whole, case.batch.len())?;
    compare(wrong, "records, line by line", &records, &whole.records);
    let text = |frames: &[Frame], place| frames.get(place).map(|frame| format!("{frame:?}"));
    for place in 0..joined.len().max(whole.frames.len()) {
        let what = format!("frame {place}, line by line");
        compare(wrong, &what, &text(&joined, place), &text(&whole.frames, place));
    }
    Ok(())
}

fn compare<A, B>(wrong: &mut String, what: &str, found: &A, expected: &B)
where
    A: std::fmt::Debug + PartialEq<B>,
    B: std::fmt::Debug,
{
    if found != expected {
        // Writing to a string can't fail.
        let short = |text: String| text.chars().take(600).collect::<String>();
        let (found, expected) = (short(format!("{found:?}")), short(format!("{expected:?}")));
        let _ = writeln!(wrong, "{what}\n  expected {expected}\n  found    {found}");
    }
}

fn shown(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.text);
    let mut shown = format!("status {}, count {}\n", answer.status, answer.count);
    for line in text.lines() {
        shown.extend(line.chars().take(2_000));
        shown.push('\n');
    }
    shown
}
