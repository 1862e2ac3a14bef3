//! OTLP logs as protobuf: a log record for each alert.

use std::collections::BTreeMap;

use hyper::Method;

use super::{Client, FailureKind, Outcome, Target, refusal};
use crate::inlets::otlp::{AnyValue, KeyValue, OtlpRecord, ValueCase, read_response, request};
use crate::outbox::Stored;

/// A receiver.
pub struct Otlp {
    pub target: Target,
    pub authorization: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub client: Client,
}

impl Otlp {
    pub async fn send(&mut self, alerts: &[Stored]) -> Outcome {
        let mut connection = match self.client.connect(&self.target).await {
            Ok(connection) => connection,
            Err(reason) => return Outcome::away(reason),
        };
        let mut headers = vec![("content-type", "application/x-protobuf".to_owned())];
        headers.extend(self.authorization.clone().map(|value| ("authorization", value)));
        let body = request(alerts.iter().map(|alert| self.record(alert)).collect());
        match connection.send(Method::POST, &self.target.path, &headers, body).await {
            Ok(response) if (200..300).contains(&response.status) => {
                match read_response(&response.body) {
                    // The answer doesn't say which ones were rejected: sent one by one they show it.
                    Some((rejected, reason)) if rejected > 0 => Outcome::failed(
                        FailureKind::Split,
                        format!("{rejected} rejected: {reason}"),
                        None,
                    ),
                    _ => Outcome {
                        delivered: alerts.iter().map(|alert| alert.seq).collect(),
                        ..Outcome::default()
                    },
                }
            }
            Ok(response) => refusal(response.status, response.retry_after, ""),
            Err(reason) => Outcome::away(reason),
        }
    }

    fn record(&self, alert: &Stored) -> OtlpRecord {
        let nanos =
            alert.time.and_then(|millis| u64::try_from(millis).ok()?.checked_mul(1_000_000));
        let mut attributes = vec![
            KeyValue::text("event.name", "tocsin.alert"),
            KeyValue::text("tocsin.alert.id", &alert.document),
            KeyValue::text("tocsin.rule.id", &alert.rule),
        ];
        attributes.extend(self.labels.iter().map(|(key, value)| KeyValue::text(key, value)));
        OtlpRecord {
            time_unix_nano: nanos.unwrap_or(0),
            // WARN: an alert is no failure of the program that logs it.
            severity_number: 13,
            severity_text: "WARN".to_owned(),
            body: Some(AnyValue { value: Some(ValueCase::StringValue(alert.body.clone())) }),
            attributes,
            ..OtlpRecord::default()
        }
    }
}
