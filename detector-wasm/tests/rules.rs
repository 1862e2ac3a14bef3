//! Rule documents and records in, alerts and diagnostics out: exceptions, overrides, rules that are
//! refused, rules that don't fit together. The cases are the files of `tests/rules`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tocsin_detector::{Detector, Status};

/// Documents, and what comes of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    /// Names and texts of documents, in order.
    documents: Vec<(String, String)>,
    /// `SEVERITY CODE DOCUMENT:LINE:COLUMN` of each diagnostic.
    #[serde(default)]
    diagnostics: Vec<String>,
    /// A text that each diagnostic's message contains.
    #[serde(default)]
    messages: Vec<String>,
    /// The option `now`.
    now: Option<i64>,
    /// Whether the configuration is refused.
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    record: String,
    /// `ID SEVERITY RISK NAME` of each alert.
    alerts: Vec<String>,
}

fn run(case: &Case) {
    let says = &case.says;
    let documents = case.documents.iter().map(|(name, text)| json!({ "name": name, "text": text }));
    let mut configuration = json!({ "rules": documents.collect::<Vec<_>>() });
    if let Some(now) = case.now {
        configuration["options"] = json!({ "now": now });
    }
    let configuration = configuration.to_string();
    let mut detector = Detector::new();
    let mut answer = Vec::new();
    let status = detector.configure(configuration.as_bytes(), &mut answer).status;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let answer: Value = serde_json::from_str(&text).unwrap();
    let found = answer["diagnostics"].as_array().unwrap();
    let shown: Vec<String> = found
        .iter()
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap().to_owned();
            let place = format!("{}:{}:{}", word("document"), one["line"], one["column"]);
            format!("{} {} {place}", word("severity"), word("code"))
        })
        .collect();
    assert_eq!(shown, case.diagnostics, "{says}: {text}");
    for (one, message) in found.iter().zip(&case.messages) {
        assert!(one["message"].as_str().unwrap().contains(message), "{says}: {one}");
    }
    let expected = if case.refused { Status::BadConfiguration } else { Status::Ok };
    assert_eq!(status, expected, "{says}: {text}");
    for record in &case.records {
        let mut frames = Vec::new();
        detector.detect(record.record.as_bytes(), &mut frames);
        let frames = String::from_utf8(frames).unwrap();
        let alerts: Vec<String> = frames
            .lines()
            .filter_map(|line| {
                let rule = &serde_json::from_str::<Value>(line).unwrap()["alert"]["rule"];
                let word = |key: &str| rule[key].as_str().map(str::to_owned);
                let (id, severity, name) = (word("id")?, word("severity")?, word("name")?);
                Some(format!("{id} {severity} {} {name}", rule["risk_score"]))
            })
            .collect();
        assert_eq!(alerts, record.alerts, "{says}: {}: {frames}", record.record);
    }
}

#[test]
fn every_case_of_the_folder() {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Case>,
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        file.case.iter().for_each(run);
    }
}
