//! What the fuzz targets share: a text becomes a rule, and a rule that loads judges a record.
//!
//! `cargo fuzz run --sanitizer none TARGET` from `detector-wasm`, with the folder of the same name
//! under `fuzz/corpus` to begin with.

use std::cell::RefCell;

use tocsin_detector::{Detector, Status};

thread_local! {
    /// One detector for all inputs: a configuration replaces the one before it whole.
    static DETECTOR: RefCell<Detector> = RefCell::new(Detector::new());
}

const RECORD: &[u8] = br#"{"eventVersion":"1.08","eventName":"StopConfigurationRecorder",
"eventSource":"config.amazonaws.com","userIdentity":{"type":"Root"},"requestParameters":{"a":[1,{"b":"c"}]}}"#;

/// Configures a detector with one document. If that succeeds, judging must too.
pub fn document(name: &str, text: &str) {
    let document = serde_json::json!({ "rules": [{ "name": name, "text": text }] }).to_string();
    DETECTOR.with_borrow_mut(|detector| {
        let mut answer = Vec::new();
        let status = detector.configure(document.as_bytes(), &mut answer).status;
        assert!(matches!(status, Status::Ok | Status::BadConfiguration), "{status:?}");
        if status == Status::Ok {
            answer.clear();
            assert_eq!(detector.detect(RECORD, &mut answer).status, Status::Ok);
        }
    });
}

/// Judges a batch by the embedded rules: the frames, and how many alerts the answer counts.
pub fn batch(batch: &[u8]) -> (String, usize) {
    DETECTOR.with_borrow_mut(|detector| {
        let mut frames = Vec::new();
        let count = detector.detect(batch, &mut frames).count as usize;
        (String::from_utf8(frames).expect("frames are text"), count)
    })
}

/// A rule in TOML with this query; JSON's strings are TOML's basic strings.
pub fn query(language: &str, query: &str) {
    let query = serde_json::Value::from(query);
    document(
        "rule.toml",
        &format!(
            "[rule]\nrule_id = 'r'\nname = 'n'\nseverity = 'low'\nlanguage = '{language}'\nquery = {query}\n"
        ),
    );
}
