//! `/v1/records`: any shape in, as it is; the answer counts, and stays small.

use std::fmt::Write as _;

use serde_json::Value;

use super::Answer;

/// What the errors of an answer take together, in bytes: some shippers take an answer over 4 KiB, headers
/// included, for a broken one, and send what has been judged again.
const MOST_ERROR_BYTES: usize = 2048;

/// What an error's reason takes.
const MOST_REASON_BYTES: usize = 240;

/// What was judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Records seen, the rejected ones among them.
    pub records: u64,
    /// Alerts raised; those that were raised before among them.
    pub alerts: u64,
    /// Records that couldn't be judged.
    pub rejected: u64,
    /// The first of them: which, and why.
    pub errors: Vec<(u64, String)>,
}

/// The answer to records that were judged, with the alerts if they were asked for.
pub fn accepted(judged: &Judged, alerts: Option<&[String]>) -> Answer {
    let mut text = format!(
        "{{\"records\":{},\"alerts\":{},\"rejected\":{},\"errors\":[",
        judged.records, judged.alerts, judged.rejected
    );
    let begin = text.len();
    for (index, (record, reason)) in judged.errors.iter().enumerate() {
        let error =
            format!("{{\"record\":{record},\"reason\":{}}}", Value::from(shortened(reason)));
        if text.len() - begin + error.len() > MOST_ERROR_BYTES {
            break;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&error);
    }
    text.push(']');
    if let Some(alerts) = alerts {
        let _ = write!(text, ",\"raised\":[{}]", alerts.join(","));
    }
    text.push('}');
    Answer::new(200, "application/json", text.into_bytes())
}

/// An error's answer.
pub fn refused(status: u16, message: &str) -> Answer {
    let body = format!("{{\"error\":{}}}", Value::from(shortened(message)));
    Answer::new(status, "application/json", body.into_bytes())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_REASON_BYTES) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_stays_small() {
        let errors = (0..1000).map(|record| (record, "\u{1F514}\"".repeat(1000))).collect();
        let judged = Judged { records: 1000, alerts: 0, rejected: 1000, errors };
        let answer = accepted(&judged, None);
        assert!(answer.body.len() < 3000, "{}", answer.body.len());
        let text: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(text["rejected"], 1000);
        assert!(!text["errors"].as_array().unwrap().is_empty());
    }

    #[test]
    fn alerts_stand_in_it_only_if_asked_for() {
        let judged = Judged { records: 1, alerts: 1, ..Judged::default() };
        let text = |answer: Answer| String::from_utf8(answer.body).unwrap();
        assert_eq!(
            text(accepted(&judged, None)),
            "{\"records\":1,\"alerts\":1,\"rejected\":0,\"errors\":[]}"
        );
        let inline = text(accepted(&judged, Some(&["{\"id\":\"a\"}".to_owned()])));
        assert!(inline.ends_with(",\"errors\":[],\"raised\":[{\"id\":\"a\"}]}"), "{inline}");
    }
}
