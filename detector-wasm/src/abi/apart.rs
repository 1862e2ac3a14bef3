//! In: the frames of an answer to a batch. Out: its alerts, one a line, in the same bytes of memory, and what
//! couldn't be judged apart from them (`docs/abi.md`, `tocsin_alerts`).
//!
//! A host that passes alerts on needs no parser then, and sees by one length that something wasn't judged.

use std::borrow::Cow;

use super::frame::{Line, frame, line};
use crate::{Answer, Status};

/// What stands for errors where the memory has no room for what they say.
const FULL: &[u8] = b"{\"reason\":\"the memory has no room for this\"}\n";

/// What stands for errors where the module doesn't say any.
const UNKNOWN: &[u8] = b"{\"reason\":\"the batch isn't judged, by a defect of the module\"}\n";

/// What an answer says beside its alerts.
#[derive(Debug)]
pub(super) struct Apart {
    /// How many alerts there are.
    pub(super) alerts: u32,
    /// A line each; never empty if anything wasn't judged.
    pub(super) errors: Cow<'static, [u8]>,
    /// How many errors there are: more than lines where some have none of their own.
    pub(super) errors_count: u32,
    /// How many records were seen.
    pub(super) records: u32,
}

/// Leaves the alerts in the text, a line each.
pub(super) fn apart(answer: Answer, text: &mut Vec<u8>) -> Apart {
    let (mut alerts, mut records, mut counted) = (0_u32, 0, 0);
    let (mut lines, mut kept) = (0_u32, true);
    let mut errors = Vec::new();
    let (mut read, mut end) = (0, 0);
    while let Some(line) = line(text, read) {
        read = line.end + 1;
        match frame(text, line.clone()) {
            Some(Line::Alert(alert)) => {
                let length = alert.len();
                // Always forward: a frame is longer than its alert.
                text.copy_within(alert, end);
                end += length;
                if let Some(line_end) = text.get_mut(end) {
                    *line_end = b'\n';
                    end += 1;
                }
                alerts = alerts.saturating_add(1);
            }
            Some(Line::Summary(says)) => {
                let says = text.get(says).unwrap_or_default();
                records = number(says, b"\"records\":");
                counted = number(says, b"\"errors\":");
            }
            Some(Line::Error(_) | Line::Errors) | None => {
                lines = lines.saturating_add(1);
                kept &= append(&mut errors, text.get(line.start..read)).is_some();
            }
        }
    }
    // A refusal is a text without a line end.
    if let Some(refusal) = text.get(read..).filter(|refusal| !refusal.is_empty()) {
        lines = lines.saturating_add(1);
        kept &= append(&mut errors, Some(refusal)).is_some()
            && append(&mut errors, Some(b"\n")).is_some();
    }
    text.truncate(end);
    let errors = match answer.status {
        _ if !kept && errors.is_empty() => Cow::Borrowed(FULL),
        Status::LimitExceeded if errors.is_empty() => Cow::Borrowed(FULL),
        Status::Ok => Cow::Owned(errors),
        _ if errors.is_empty() => Cow::Borrowed(UNKNOWN),
        _ => Cow::Owned(errors),
    };
    let errors_count = counted.max(lines).max(u32::from(!errors.is_empty()));
    Apart { alerts, errors, errors_count, records }
}

/// Appends, if there is room.
fn append(text: &mut Vec<u8>, more: Option<&[u8]>) -> Option<()> {
    let more = more?;
    text.try_reserve(more.len()).ok()?;
    text.extend_from_slice(more);
    Some(())
}

/// The number behind a key of the summary, which stands before its texts.
fn number(summary: &[u8], key: &[u8]) -> u32 {
    let place = summary.windows(key.len()).position(|window| window == key);
    let digits = place.and_then(|place| summary.get(place + key.len()..)).unwrap_or_default();
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u32, digit| {
        number.saturating_mul(10).saturating_add(u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::{FULL, UNKNOWN, apart};
    use crate::{Answer, Detector, Status};

    /// Both embedded rules alert on it.
    const STOP: &str =
        r#"{"eventName":"StopConfigurationRecorder","eventSource":"config.amazonaws.com"}"#;

    /// Alerts, errors, and how many errors and records there are.
    fn judged(batch: &[u8]) -> (String, String, u32, u32) {
        let mut text = Vec::new();
        let answer = Detector::new().detect(batch, &mut text);
        let found = apart(answer, &mut text);
        let alerts = String::from_utf8(text).unwrap();
        assert_eq!(alerts.lines().count() as u32, found.alerts);
        let errors = String::from_utf8(found.errors.into_owned()).unwrap();
        (alerts, errors, found.errors_count, found.records)
    }

    fn frames(batch: &[u8]) -> String {
        let mut text = Vec::new();
        Detector::new().detect(batch, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn alerts_are_those_of_the_frames_and_stand_alone() {
        let batch = format!("{STOP}\n{{}}\n{STOP}\n");
        let (alerts, errors, count, records) = judged(batch.as_bytes());
        let frames = frames(batch.as_bytes());
        let expected: String = frames
            .lines()
            .filter_map(|line| line.split_once(",\"alert\":"))
            .map(|(_, alert)| format!("{}\n", alert.strip_suffix('}').unwrap()))
            .collect();
        assert_eq!(alerts, expected);
        assert_eq!(alerts.lines().count(), 4);
        assert_eq!((errors.as_str(), count, records), ("", 0, 3));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        for batch in ["", "{}", r#"{"eventVersion":"1.08","eventName":"DescribeInstances"}"#] {
            let (alerts, errors, count, _) = judged(batch.as_bytes());
            assert_eq!((alerts.as_str(), errors.as_str(), count), ("", "", 0), "{batch}");
        }
    }

    #[test]
    fn errors_stand_apart_as_the_frames_have_them() {
        let batch = format!("{STOP}\n{{\"eventName\":\n{STOP}\n");
        let (alerts, errors, count, records) = judged(batch.as_bytes());
        assert_eq!((alerts.lines().count(), count, records), (4, 1, 3));
        assert!(frames(batch.as_bytes()).contains(&errors));
        assert!(errors.starts_with("{\"record\":1,\"error\":{") && errors.ends_with("}\n"));
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        let (alerts, errors, count, _) = judged(b"hello");
        assert_eq!((alerts.as_str(), count), ("", 1));
        assert!(errors.contains("\"error\":"), "{errors}");
    }

    #[test]
    fn no_status_but_ok_is_silent() {
        let says = |status, mut text: Vec<u8>| {
            let found = apart(Answer { status, count: 0 }, &mut text);
            (text, found.errors.into_owned(), found.errors_count)
        };
        assert_eq!(says(Status::LimitExceeded, vec![]), (vec![], FULL.to_vec(), 1));
        assert_eq!(says(Status::Internal, vec![]), (vec![], UNKNOWN.to_vec(), 1));
        let refusal = b"{\"reason\":\"too large\"}";
        let line = [refusal.as_slice(), b"\n"].concat();
        assert_eq!(says(Status::LimitExceeded, refusal.to_vec()), (vec![], line, 1));
        assert_eq!(says(Status::Ok, vec![]), (vec![], vec![], 0));
    }
}
