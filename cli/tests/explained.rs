//! `tocsin explain`: verdicts clause by clause.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Folder, tocsin};

const ELASTIC: &str = "fbd44836-0d69-4004-a0b4-03c20370c435";

fn explain(rule: &str, record: &str, more: &[&str]) -> (i32, String, String) {
    let folder = Folder::new();
    let path = folder.file("record.json", record);
    let ran = tocsin().args(["explain", "--rule", rule]).args(more).arg(path).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

#[test]
fn each_clause_has_its_verdict_its_value_and_where_that_stands() {
    let record = r#"{"eventVersion":"1.08","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","errorCode":"AccessDenied"}"#;
    let (code, text, said) = explain(ELASTIC, record, &[]);
    assert_eq!(code, 0, "{said}");
    let expected = r#"record 1: not selected
false   all of
true      event.dataset:aws.cloudtrail
            event.dataset = "aws.cloudtrail"
true      event.provider:config.amazonaws.com
            event.provider = "config.amazonaws.com"  from eventSource, byte 37
true      event.action:StopConfigurationRecorder
            event.action = "StopConfigurationRecorder"  from eventName, byte 72
false     event.outcome:success
            event.outcome = "failure"  worked out from errorCode, eventName
"#;
    assert_eq!(text, expected);
}

#[test]
fn a_field_that_is_missing_is_told_from_one_with_another_value() {
    let (_, text, _) = explain(ELASTIC, r#"{"eventVersion":"1.08"}"#, &[]);
    assert!(text.contains("missing   event.action:StopConfigurationRecorder"), "{text}");
    assert!(text.contains("event.action is missing"), "{text}");
}

#[test]
fn a_computed_value_is_shown_and_json_says_the_same() {
    let rule = "logpresso-aws-configuration-recorder-stopped";
    let record = r#"{"eventVersion":"1.08","eventName":"StartConfigurationRecorder"}"#;
    let (code, text, _) = explain(rule, record, &["--json"]);
    assert_eq!(code, 0);
    let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
    let node = &frame["explanation"]["nodes"][0];
    assert_eq!(frame["record"], 0);
    assert_eq!(frame["explanation"]["selects"], false);
    assert_eq!(node["text"], r#"event_name == "StopConfigurationRecorder""#);
    assert_eq!(node["values"][0]["value"], "StartConfigurationRecorder");
    assert_eq!(node["values"][0]["path"], "eventName");
}

#[test]
fn what_cannot_be_explained_is_said() {
    let (code, _, said) = explain("no-such-rule", "{}", &[]);
    assert_eq!(code, 2);
    assert!(said.contains("no-such-rule"), "{said}");
    let (code, text, _) = explain(ELASTIC, "{", &[]);
    assert_eq!(code, 1);
    assert!(text.starts_with("record 1: can't be read: byte 1:"), "{text}");
}
