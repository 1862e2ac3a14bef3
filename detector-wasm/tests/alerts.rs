//! The alert formats: each record of `tests/alerts` against its golden files, and the native alerts
//! against the published schema.
//!
//! `CASE.record` is a record; `CASE.json`, `.text`, `.ecs` and `.ocsf` are its alerts, one a line.
//! `TOCSIN_BLESS=1 cargo test -p tocsin-detector --test alerts` writes them anew: read the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use tocsin_detector::{Detector, Status};

#[path = "support/repeated_key.rs"]
mod repeated_key;

const FORMATS: [&str; 4] = ["json", "text", "ecs", "ocsf"];

/// Records whose own objects have a key twice, which a copy byte for byte has as well.
const REPEATED: [&str; 2] = ["repeated_keys", "first_key_counts"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/alerts")
}

/// Every record's name and bytes.
fn cases() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let records = files.filter(|path| path.extension().is_some_and(|end| end == "record"));
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let mut cases: Vec<_> = records.map(|path| (name(&path), fs::read(&path).unwrap())).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// The alert for readers that refuse a lone surrogate, as serde_json does: the native copy of a record
/// keeps its escapes, and this one is in `hostile_strings`.
fn readable(alert: &str) -> String {
    alert.replace(r"\ud800", r"\ufffd")
}

fn parse(alert: &str) -> Value {
    serde_json::from_str(&readable(alert)).expect(alert)
}

fn configure(detector: &mut Detector, document: &Value) {
    let mut text = Vec::new();
    let answer = detector.configure(document.to_string().as_bytes(), &mut text);
    assert_eq!(answer.status, Status::Ok, "{}", String::from_utf8_lossy(&text));
}

fn detector(format: &str) -> Detector {
    let mut detector = Detector::new();
    configure(&mut detector, &json!({ "options": { "format": format } }));
    detector
}

/// The alerts of a batch, each as the bytes that its frame holds.
fn alerts(detector: &mut Detector, batch: &[u8]) -> Vec<String> {
    let mut text = Vec::new();
    let answer = detector.detect(batch, &mut text);
    let text = String::from_utf8(text).unwrap();
    assert_eq!(answer.status, Status::Ok, "{text}");
    let alert = |frame: &str| {
        let (_, alert) = frame.split_once(",\"alert\":")?;
        Some(alert.strip_suffix('}').unwrap().to_owned())
    };
    let alerts: Vec<String> = text.lines().filter_map(alert).collect();
    assert_eq!(alerts.len(), answer.count as usize, "{text}");
    alerts
}

#[test]
fn golden_files() {
    let bless = std::env::var_os("TOCSIN_BLESS").is_some();
    let mut different = Vec::new();
    for format in FORMATS {
        let mut detector = detector(format);
        for (case, record) in cases() {
            let mut lines = String::new();
            for alert in alerts(&mut detector, &record) {
                match format {
                    "text" => lines.push_str(&serde_json::from_str::<String>(&alert).unwrap()),
                    _ => lines.push_str(&alert),
                }
                lines.push('\n');
            }
            let path = folder().join(format!("{case}.{format}"));
            if bless {
                fs::write(&path, &lines).unwrap();
            } else if fs::read_to_string(&path).unwrap_or_default() != lines {
                different.push(format!("{}\n  is now: {lines}", path.display()));
            }
        }
    }
    assert!(different.is_empty(), "TOCSIN_BLESS=1 writes them anew\n{}", different.join("\n"));
}

/// Stores refuse a key that stands twice, and a line break would make two lines of an alert.
#[test]
fn an_alert_is_one_line_in_which_no_key_stands_twice() {
    for format in FORMATS {
        let mut detector = detector(format);
        for (case, record) in cases() {
            let alerts = alerts(&mut detector, &record);
            assert!(!alerts.is_empty(), "{case}");
            for alert in alerts {
                assert!(!alert.contains(['\n', '\r']), "{case}.{format}: {alert}");
                let repeated = repeated_key::find(&readable(&alert)).expect(&alert);
                let copy = format == "json" && REPEATED.contains(&&*case);
                match repeated {
                    Some(path) if copy => assert!(path.starts_with("event."), "{path}"),
                    repeated => assert_eq!((copy, repeated), (false, None), "{case}.{format}"),
                }
            }
        }
    }
}

/// The ids and the records that alert are the same in every format, and the fields that one format
/// needs are gone after it.
#[test]
fn the_format_changes_nothing_but_the_alert() {
    let mut switched = Detector::new();
    for format in ["ecs", "json", "ocsf", "text", "json"] {
        configure(&mut switched, &json!({ "options": { "format": format } }));
        let mut fresh = detector(format);
        for (case, record) in cases() {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            switched.detect(&record, &mut one);
            fresh.detect(&record, &mut other);
            assert_eq!(one, other, "{case}, {format}");
        }
    }
    let id = |format, pointer, record: &[u8]| -> Vec<String> {
        let alerts = alerts(&mut detector(format), record);
        let id =
            |alert: &String| parse(alert).pointer(pointer).unwrap().as_str().unwrap().to_owned();
        alerts.iter().map(id).collect()
    };
    for (_, record) in cases() {
        let ids = id("json", "/id", &record);
        assert_eq!(ids, id("ecs", "/kibana.alert.uuid", &record));
        assert_eq!(ids, id("ocsf", "/finding_info/uid", &record));
    }
}

/// What is too large or too deep for an object is kept as text, and the alert comes all the same.
#[test]
fn what_does_not_fit_is_kept_as_text() {
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 20));
    let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for object in [large, deep] {
        let raw = format!(
            r#"{{"eventName":"StopConfigurationRecorder","eventVersion":"1","requestParameters":{object}}}"#
        );
        let normalised = format!(
            r#"{{"event.kind":"event","event":{{"action":"StopConfigurationRecorder","provider":"config.amazonaws.com"}},"event_name":"StopConfigurationRecorder","more":{object}}}"#
        );
        for record in [raw, normalised] {
            for (format, kept) in [("ecs", "event.original"), ("ocsf", "raw_data")] {
                let alerts = alerts(&mut detector(format), record.as_bytes());
                assert!(!alerts.is_empty());
                for alert in alerts {
                    assert_eq!(repeated_key::find(&alert).unwrap(), None, "{format}");
                    let alert = parse(&alert);
                    assert_eq!(alert[kept], json!(record), "{format}");
                    let (action, data) = match format {
                        "ecs" => ("/event/action", "/aws/cloudtrail/flattened"),
                        _ => ("/evidences/0/api/operation", "/evidences/0/data"),
                    };
                    assert_eq!(alert.pointer(action), Some(&json!("StopConfigurationRecorder")));
                    assert_eq!(alert.pointer(data), None);
                }
            }
        }
    }
}

fn schema() -> Validator {
    let schema = include_str!("../../docs/alert.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

fn native() -> Vec<Value> {
    let mut detector = detector("json");
    let alerts = cases().into_iter().flat_map(|(_, record)| alerts(&mut detector, &record));
    alerts.map(|alert| parse(&alert)).collect()
}

#[test]
fn native_alerts_are_what_the_schema_says() {
    let schema = schema();
    let rule = r#"
        [rule]
        rule_id = "bare"
        name = "A rule that says as little as it may"
        severity = "low"
        language = "kuery"
        query = 'event.action: *'
    "#;
    let mut bare = Detector::new();
    configure(&mut bare, &json!({ "rules": [{ "name": "bare.toml", "text": rule }] }));
    let mut alerts: Vec<Value> =
        alerts(&mut bare, br#"{"eventName":"A"}"#).iter().map(|alert| parse(alert)).collect();
    assert_eq!(alerts.len(), 1);
    alerts.extend(native());
    for alert in alerts {
        let errors: Vec<String> = schema.iter_errors(&alert).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{alert}\n{}", errors.join("\n"));
    }
}

/// Without any of an alert's keys, or with one more, it is no alert any more.
#[test]
fn the_schema_refuses_broken_alerts() {
    let schema = schema();
    let alert = native().into_iter().next().unwrap();
    let mut broken = 0;
    for object in objects(&alert, String::new()) {
        let keys: BTreeSet<String> =
            alert.pointer(&object).unwrap().as_object().unwrap().keys().cloned().collect();
        for key in keys {
            let mut less = alert.clone();
            less.pointer_mut(&object).unwrap().as_object_mut().unwrap().remove(&key);
            assert!(!schema.is_valid(&less), "{object}/{key} can be missing");
            let mut wrong = alert.clone();
            let value = wrong.pointer_mut(&format!("{object}/{key}")).unwrap();
            *value = json!([[]]);
            assert!(!schema.is_valid(&wrong), "{object}/{key} can be a list of lists");
            broken += 2;
        }
        let mut more = alert.clone();
        more.pointer_mut(&object).unwrap()["more"] = json!("x");
        assert!(!schema.is_valid(&more), "{object} can have another key");
        broken += 1;
    }
    // The alert, its rule, and of the rule's threat the threat, tactic, technique, sub-technique.
    assert_eq!(broken, 2 * (6 + 9 + 3 + 3 + 4 + 3) + 6);
    for (pointer, value) in [
        ("/id", json!("6F")),
        ("/time", json!(1)),
        ("/rule/severity", json!("grave")),
        ("/rule/risk_score", json!(101)),
        ("/rule/version", json!(-1)),
    ] {
        let mut wrong = alert.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&wrong), "{pointer}");
    }
}

/// The pointers of all objects whose keys the schema fixes.
fn objects(value: &Value, pointer: String) -> Vec<String> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if !matches!(key.as_str(), "fields" | "event") {
                    found.extend(objects(value, format!("{pointer}/{key}")));
                }
            }
            found.push(pointer);
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                found.extend(objects(item, format!("{pointer}/{place}")));
            }
        }
        _ => {}
    }
    found
}

/// Whether all that `part` has, `whole` has.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(a, b)| contains(a, b))
        }
        _ => whole == part,
    }
}

#[test]
fn the_page_shows_real_alerts() {
    let page = include_str!("../../docs/alerts.md");
    let golden = |end: &str| fs::read_to_string(folder().join(format!("iam_user.{end}"))).unwrap();
    // Behind that heading the page shows a line that is no alert.
    let page = page.split("## Scheduled alerts").next().unwrap();
    let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
    let ends = ["json", "text", "ecs", "ocsf"];
    assert_eq!(blocks.len(), ends.len());
    for (block, end) in blocks.into_iter().zip(ends) {
        let (kind, block) = block.split_once('\n').unwrap();
        let golden = golden(end);
        if kind == "text" {
            assert!(golden.contains(block), "{block}");
            continue;
        }
        let shown: Value = serde_json::from_str(block).unwrap();
        let real = golden.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        assert!(real.into_iter().any(|real| contains(&real, &shown)), "{end}");
    }
    let whole: Value =
        serde_json::from_str(page.split("```json\n").nth(1).unwrap().split("```").next().unwrap())
            .unwrap();
    assert!(schema().is_valid(&whole), "the first example is a whole alert");
}
