//! A test and the answer to its record in, how they differ out.

use serde::Deserialize;
use serde_json::{Map, Value};
use tocsin_wire::{Frame, Summary};

use crate::RuleTest;

/// A difference of expected and actual.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Difference {
    /// An alert was expected and none came.
    NoAlert,
    /// No alert was expected, and this one came.
    Alert {
        /// The alert's message.
        message: String,
    },
    /// A part of the alert is another one.
    Part {
        /// `message`, `severity`, or the name of a field.
        name: String,
        /// What the test expects.
        expected: Value,
        /// What the alert has; nothing if it has no such field.
        actual: Option<Value>,
    },
    /// The record can't be read.
    Unreadable {
        /// The byte of the record where reading failed.
        offset: u64,
        /// What was expected there.
        reason: String,
    },
    /// A test is about one record, and this one holds another number of them.
    Records(u64),
    /// The document has no rule that runs.
    NoRule,
    /// The detector gave no answer.
    Detector(String),
}

impl Difference {
    /// What kind it is: the same from version to version.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Difference::NoAlert => "no-alert",
            Difference::Alert { .. } => "alert",
            Difference::Part { .. } => "part",
            Difference::Unreadable { .. } => "unreadable",
            Difference::Records(_) => "records",
            Difference::NoRule => "no-rule",
            Difference::Detector(_) => "detector",
        }
    }
}

/// The parts of an alert that tests look at.
#[derive(Deserialize)]
struct Alert {
    message: String,
    rule: AlertRule,
    fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct AlertRule {
    severity: String,
}

/// How the answer to a test's record, in the format `json`, differs from what the test expects.
#[must_use]
pub fn differences(test: &RuleTest, frames: &[Frame<'_>], summary: &Summary) -> Vec<Difference> {
    let mut alerts = Vec::new();
    for frame in frames {
        match frame {
            Frame::Alert { alert, .. } => alerts.push(*alert),
            Frame::Error { error, .. } => {
                let reason = match &error.rule {
                    Some(rule) => format!("rule {rule}: {}", error.reason),
                    None => error.reason.clone().into_owned(),
                };
                return vec![Difference::Unreadable { offset: error.offset, reason }];
            }
            Frame::Errors(_) | Frame::Summary(_) => {}
        }
    }
    if summary.records != 1 {
        return vec![Difference::Records(summary.records)];
    }
    let alerts: Result<Vec<Alert>, _> = alerts.into_iter().map(serde_json::from_str).collect();
    match alerts {
        Err(error) => vec![Difference::Detector(format!("an alert is none: {error}"))],
        Ok(alerts) if test.matches => fitting(test, &alerts),
        Ok(alerts) => {
            alerts.into_iter().map(|alert| Difference::Alert { message: alert.message }).collect()
        }
    }
}

/// How the alert that fits best differs. A document may hold several rules.
fn fitting(test: &RuleTest, alerts: &[Alert]) -> Vec<Difference> {
    let best = alerts.iter().map(|alert| parts(test, alert)).min_by_key(Vec::len);
    best.unwrap_or_else(|| vec![Difference::NoAlert])
}

/// The parts of an alert that differ from those that the test names.
fn parts(test: &RuleTest, alert: &Alert) -> Vec<Difference> {
    let text = |text: &str| Some(Value::from(text));
    let whole = [
        ("message", test.message.as_deref().and_then(text), text(&alert.message)),
        ("severity", test.severity.as_deref().and_then(text), text(&alert.rule.severity)),
    ];
    let fields = test.fields.iter().map(|(name, expected)| {
        (name.as_str(), Some(expected.clone()), alert.fields.get(name).cloned())
    });
    whole
        .into_iter()
        .chain(fields)
        .filter_map(|(name, expected, actual)| {
            let expected = expected?;
            (actual.as_ref() != Some(&expected)).then(|| Difference::Part {
                name: name.to_owned(),
                expected,
                actual,
            })
        })
        .collect()
}
