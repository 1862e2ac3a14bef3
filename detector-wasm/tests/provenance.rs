//! What the summary says of where records are from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use tocsin_detector::Detector;

/// The summary of a batch's answer without the counts that every one has.
fn summary(detector: &mut Detector, batch: &str) -> Value {
    let mut text = Vec::new();
    detector.detect(batch.as_bytes(), &mut text);
    let last = String::from_utf8(text).unwrap().lines().last().unwrap().to_owned();
    let mut summary = serde_json::from_str::<Value>(&last).unwrap()["summary"].clone();
    let wrapped = summary.get_mut("wrapped").and_then(Value::as_array_mut);
    for wrapped in wrapped.into_iter().flatten() {
        let hint = wrapped.as_object_mut().unwrap().remove("hint").unwrap();
        assert!(!hint.as_str().unwrap().is_empty());
    }
    for common in ["records", "matches", "errors"] {
        summary.as_object_mut().unwrap().remove(common);
    }
    summary
}

const CALL: &str = r#"{"eventVersion":"1.08","eventName":"DescribeInstances"}"#;

#[test]
fn records_of_cloudtrail_need_no_words() {
    let batch = format!("{CALL}\n{{\"Records\":[{CALL},{CALL}]}}\n{{\"digestS3Object\":\"a\"}}\n");
    assert_eq!(summary(&mut Detector::new(), &batch), json!({}));
}

#[test]
fn other_records_are_counted_by_what_their_keys_tell() {
    let fieldless = |first: u64, keys: &[&str]| json!({"count": 1, "first": first, "keys": keys});
    let cases = [
        (r#"{"event":{"action":"a"}}"#, json!({"normalised": 1})),
        (r#"{"event_name":"a"}"#, json!({"normalised": 1})),
        ("not JSON", json!({"unread": 1})),
        (r#"{"a":1,"b":{"c":2}}"#, json!({"unknown": 1, "fieldless": fieldless(0, &["a", "b"])})),
        (
            r#"{"EventID":1}"#,
            json!({"unknown": 1, "sources": [{"source": "windows", "count": 1}], "fieldless": fieldless(0, &["EventID"])}),
        ),
        (
            r#"{"Event":{"System":{"EventID":1}}}"#,
            json!({"unknown": 1, "sources": [{"source": "windows", "count": 1}], "fieldless": fieldless(0, &["Event"])}),
        ),
        (
            r#"{"class_uid":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}"#,
            json!({
                "unknown": 1, "sources": [{"source": "ocsf", "count": 1}],
                "fieldless": fieldless(0, &["class_uid", "b", "c", "d", "e", "f", "g", "h"]),
            }),
        ),
    ];
    for (record, expected) in cases {
        assert_eq!(summary(&mut Detector::new(), record), expected, "{record}");
    }
}

#[test]
fn what_is_wrapped_and_not_opened_is_counted_by_its_kind() {
    let wrapped = |what: &str, count: u64| json!([{"what": what, "count": count, "first": 0}]);
    let kinesis = r#"{"kinesis":{"data":"e30="},"eventSource":"aws:kinesis","eventVersion":"1.0","eventName":"aws:kinesis:record"}"#;
    let notice =
        r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}"#;
    let cases = [
        (format!("{{\"Records\":[{kinesis},{kinesis}]}}"), "Kinesis records", 2),
        (format!("{{\"Records\":[{notice}]}}"), "S3 notices", 1),
        (format!("{notice}\n{notice}\n"), "S3 notices", 2),
        (
            r#"{"eventSource":"aws:kafka","records":{"t-0":[{"value":"e30="}]}}"#.into(),
            "events of a Kafka trigger",
            1,
        ),
        (
            r#"{"eventSource":"SelfManagedKafka","records":{}}"#.into(),
            "events of a Kafka trigger",
            1,
        ),
        (
            r#"{"Records":[{"eventSource":"aws:sqs","body":"hello"}]}"#.into(),
            "records of a Lambda trigger",
            1,
        ),
        (r#"{"awslogs":{"data":"H4sI"}}"#.into(), "CloudWatch Logs events for Lambda", 1),
        (r#"{"requestId":"r","records":[{"data":"e30="}]}"#.into(), "Data Firehose requests", 1),
        (
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[]}}}]}]}]}"#.into(),
            "OpenTelemetry log records whose body is a map",
            1,
        ),
    ];
    for (batch, what, count) in cases {
        let expected = json!({"wrapped": wrapped(what, count)});
        assert_eq!(summary(&mut Detector::new(), &batch), expected, "{batch}");
    }
    let opened = format!("{{\"Records\":[{{\"eventSource\":\"aws:sqs\",\"body\":{CALL}}}]}}");
    assert_eq!(summary(&mut Detector::new(), &opened), json!({}), "{opened}");
}

#[test]
fn records_in_which_no_rule_finds_a_field_are_counted_even_if_they_are_passed_over() {
    let mut detector = Detector::new();
    let rule = "title: t\nid: t\nlevel: low\nlogsource: {product: windows}\ndetection:\n  s: {Image|endswith: needle.exe}\n  condition: s\n";
    let rules = json!({"rules": [{"name": "r.yml", "text": rule}]}).to_string();
    detector.configure(rules.as_bytes(), &mut Vec::new());
    let batch = format!("{CALL}\n{CALL}\n");
    let expected = json!({"fieldless": {"count": 2, "first": 0, "keys": []}});
    assert_eq!(summary(&mut detector, &batch), expected);
    let windows = r#"{"EventID":1,"Image":"x"}"#;
    assert_eq!(
        summary(&mut detector, &format!("{windows}\n{batch}")),
        json!({"unknown": 1, "sources": [{"source": "windows", "count": 1}], "fieldless": {"count": 2, "first": 0, "keys": []}})
    );
}

#[test]
fn long_and_strange_keys_are_bounded() {
    let record = format!("{{\"{}\":1,\"\\u0000\\\"\":2}}", "k".repeat(100_000));
    let found = summary(&mut Detector::new(), &record);
    assert_eq!(found["fieldless"]["keys"], json!(["\u{0}\""]));
}
