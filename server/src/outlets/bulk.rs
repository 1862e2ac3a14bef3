//! Elasticsearch's and OpenSearch's `_bulk`: a document for each alert, made once however often it is sent.

use std::collections::BTreeMap;

use hyper::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Client, FailureKind, Outcome, Target, refusal};
use crate::config::Template;
use crate::outbox::Stored;

/// A receiver.
pub struct Bulk {
    pub target: Target,
    pub index: String,
    pub authorization: Option<String>,
    pub template: Option<Template>,
    pub labels: BTreeMap<String, String>,
    pub client: Client,
}

/// What a document takes from an alert.
#[derive(Deserialize)]
struct Alert<'a> {
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    rule: &'a RawValue,
    #[serde(borrow)]
    message: &'a RawValue,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<BTreeMap<String, Item>>,
}

#[derive(Deserialize)]
struct Item {
    status: u16,
    error: Option<Value>,
}

impl Bulk {
    pub async fn send(&mut self, alerts: &[Stored]) -> Outcome {
        let mut connection = match self.client.connect(&self.target).await {
            Ok(connection) => connection,
            Err(reason) => return Outcome::away(reason),
        };
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(self.authorization.clone().map(|value| ("authorization", value)));
        let base = self.target.path.trim_end_matches('/').to_owned();
        if let Some(template) = self.template {
            let path =
                format!("{base}/_index_template/tocsin-{}", self.index.trim_start_matches('.'));
            let body = index_template(template, &self.index).to_string().into_bytes();
            match connection.send(Method::PUT, &path, &headers, body).await {
                Ok(response) if response.status == 200 => self.template = None,
                Ok(response) => {
                    let what = format!(" to the index template: {}", text(&response.body));
                    return Outcome::failed(
                        FailureKind::Away,
                        format!("{}{what}", response.status),
                        None,
                    );
                }
                Err(reason) => return Outcome::away(reason),
            }
        }
        if let Some((_, content_type)) = headers.first_mut() {
            *content_type = "application/x-ndjson".to_owned();
        }
        let body = self.body(alerts);
        match connection.send(Method::POST, &format!("{base}/_bulk"), &headers, body).await {
            Ok(response) if response.status == 200 => read(alerts, &response.body),
            Ok(response) => refusal(
                response.status,
                response.retry_after,
                &format!(": {}", text(&response.body)),
            ),
            Err(reason) => Outcome::away(reason),
        }
    }

    /// `create`, since a data stream takes nothing else, and since the same id is then refused with 409.
    fn body(&self, alerts: &[Stored]) -> Vec<u8> {
        let mut body = Vec::new();
        for alert in alerts {
            let action = json!({"create": {"_index": self.index, "_id": alert.document}});
            body.extend_from_slice(action.to_string().as_bytes());
            body.push(b'\n');
            body.extend_from_slice(self.document(alert).as_bytes());
            body.push(b'\n');
        }
        body
    }

    fn document(&self, stored: &Stored) -> String {
        let millis = stored.time.unwrap_or(0);
        let labels = json!(self.labels);
        match serde_json::from_str::<Alert<'_>>(&stored.body) {
            Ok(alert) => {
                let or_null =
                    |value: Option<&RawValue>| value.map_or("null", RawValue::get).to_owned();
                format!(
                    "{{\"@timestamp\":{millis},\"time\":{},\"alert_id\":{},\"rule\":{},\"message\":{},\"fields\":{},\
                     \"labels\":{labels},\"record\":{}}}",
                    or_null(alert.time),
                    alert.id.get(),
                    alert.rule.get(),
                    alert.message.get(),
                    or_null(alert.fields),
                    or_null(alert.event.filter(|event| event.get().starts_with('{'))),
                )
            }
            Err(_) => {
                json!({"@timestamp": millis, "message": stored.body, "labels": labels}).to_string()
            }
        }
    }
}

/// As many items as were sent, each with a status of its own.
fn read(alerts: &[Stored], body: &[u8]) -> Outcome {
    let answer: Answer = match serde_json::from_slice(body) {
        Ok(answer) => answer,
        Err(error) => return Outcome::away(format!("the answer isn't _bulk's: {error}")),
    };
    if answer.items.len() != alerts.len() {
        let reason =
            format!("{} documents were sent and {} answered", alerts.len(), answer.items.len());
        return Outcome::failed(FailureKind::Failing, reason, None);
    }
    let mut outcome = Outcome::default();
    for (alert, item) in alerts.iter().zip(answer.items) {
        let Some(item) = item.into_values().next() else { continue };
        let reason = || format!("{}: {}", item.status, item.error.clone().unwrap_or_default());
        match item.status {
            // 409: it is there already.
            200..=299 | 409 => outcome.delivered.push(alert.seq),
            429 | 500..=599 => outcome.failure = Outcome::away(reason()).failure,
            _ => outcome.dead.push((alert.seq, reason())),
        }
    }
    outcome
}

/// Documents of this index: the record and its fields are one field each, whatever keys they have. A dynamic
/// mapping would learn a field for each key, and refuse records once there are too many, or of two types.
fn index_template(product: Template, index: &str) -> Value {
    let flat = match product {
        Template::Opensearch => json!({"type": "flat_object"}),
        Template::Elasticsearch => json!({"type": "flattened", "ignore_above": 8191}),
    };
    json!({
        "index_patterns": [index],
        "priority": 200,
        "template": {"mappings": {"dynamic": false, "properties": {
            "@timestamp": {"type": "date", "format": "strict_date_optional_time||epoch_millis"},
            "alert_id": {"type": "keyword"},
            "message": {"type": "text"},
            "rule": {"properties": {
                "id": {"type": "keyword"}, "name": {"type": "keyword"}, "severity": {"type": "keyword"},
            }},
            "labels": flat, "fields": flat, "record": flat,
        }}},
    })
}

/// The begin of an answer, for the log.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..body.len().min(300)).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(seq: i64) -> Stored {
        let body =
            r#"{"id":"a","time":null,"rule":{"id":"r"},"message":"m","fields":{},"event":{"x":1}}"#;
        Stored {
            seq,
            document: format!("a{seq}"),
            rule: "r".into(),
            time: Some(5),
            body: body.into(),
        }
    }

    #[test]
    fn each_item_is_settled_by_its_own_status() {
        let alerts: Vec<Stored> = (0..5).map(stored).collect();
        let items = [201, 409, 400, 429, 200]
            .map(|status| json!({"create": {"status": status, "error": {"type": "t"}}}));
        let outcome = read(&alerts, json!({"errors": true, "items": items}).to_string().as_bytes());
        assert_eq!(outcome.delivered, [0, 1, 4]);
        assert_eq!(outcome.dead.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [2]);
        assert_eq!(outcome.failure.unwrap().kind, FailureKind::Away);
    }

    #[test]
    fn fewer_items_than_documents_are_no_success() {
        let outcome = read(&[stored(0)], b"{\"errors\":false,\"items\":[]}");
        assert!(outcome.delivered.is_empty() && outcome.failure.is_some());
    }

    #[test]
    fn a_document_holds_the_record_under_one_key() {
        let bulk = Bulk {
            target: Target::parse("http://x/").unwrap(),
            index: "alerts".into(),
            authorization: None,
            template: None,
            labels: BTreeMap::from([("team".into(), "x".into())]),
            client: Client::new(Vec::new()),
        };
        let document: Value = serde_json::from_str(&bulk.document(&stored(1))).unwrap();
        assert_eq!(document["record"], json!({"x": 1}));
        assert_eq!(document["labels"]["team"], "x");
        let body = String::from_utf8(bulk.body(&[stored(1)])).unwrap();
        assert!(
            body.starts_with("{\"create\":{\"_id\":\"a1\",\"_index\":\"alerts\"}}\n")
                && body.ends_with("}\n"),
            "{body}"
        );
    }
}
