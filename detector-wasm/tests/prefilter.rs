//! What is passed over could not have raised an alert: with the option `strict` and without it, any
//! rules say the same of any records, however their texts are spelled, nested, repeated and ordered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde_json::json;
use tocsin_detector::Detector;

#[path = "support/generated.rs"]
mod generated;

use generated::{batch, documents, plan};

fn detector(rules: &[serde_json::Value], strict: bool) -> Detector {
    let mut detector = Detector::new();
    let document = json!({ "rules": rules, "options": { "strict": strict } }).to_string();
    let mut answer = Vec::new();
    let status = detector.configure(document.as_bytes(), &mut answer).status;
    assert_eq!(status as u32, 0, "{}", String::from_utf8_lossy(&answer));
    detector
}

fn frames(detector: &mut Detector, batch: &[u8]) -> String {
    let mut text = Vec::new();
    detector.detect(batch, &mut text);
    String::from_utf8(text).unwrap()
}

fn rules() -> impl Strategy<Value = Vec<serde_json::Value>> {
    documents().prop_map(|documents| {
        let json = |(name, text)| json!({ "name": name, "text": text });
        documents.into_iter().map(json).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn strict_or_not_the_frames_are_the_same(
        rules in rules(),
        plans in proptest::collection::vec(plan(), 1..6),
    ) {
        let batch = batch(&plans);
        let strict = frames(&mut detector(&rules, true), batch.as_bytes());
        let mut default = detector(&rules, false);
        prop_assert_eq!(&frames(&mut default, batch.as_bytes()), &strict, "{}", batch);
        if default.rules_out(batch.as_bytes()) {
            prop_assert!(!strict.contains("\"alert\":"), "{}", batch);
        }
    }

    #[test]
    fn lines_that_the_caller_counts_are_judged_the_same(
        rules in rules(),
        mut plans in proptest::collection::vec(plan(), 1..6),
        cr in any::<bool>(),
    ) {
        plans.iter_mut().for_each(|plan| (plan.shape, plan.ending) = (0, if cr { 0 } else { 9 }));
        let batch = batch(&plans);
        let strict = frames(&mut detector(&rules, true), batch.as_bytes());
        let mut text = Vec::new();
        detector(&rules, false).detect_lines(batch.as_bytes(), plans.len() as u32, &mut text);
        prop_assert_eq!(&String::from_utf8(text).unwrap(), &strict, "{}", batch);
    }

    #[test]
    fn broken_records_hide_no_alert(
        rules in rules(),
        plans in proptest::collection::vec(plan(), 1..6),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..5), 1..4),
    ) {
        let mut batch = batch(&plans).into_bytes();
        for (at, kind) in &cuts {
            let at = at.index(batch.len());
            match kind {
                0 => { batch.remove(at); }
                1 => batch[at] = b'"',
                2 => batch[at] = b'\n',
                3 => batch.insert(at, b'}'),
                _ => batch.truncate(at.max(1)),
            }
            if batch.is_empty() { batch.push(b' ') }
        }
        let alerts = |frames: &str| -> Vec<String> {
            let lines = frames.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            lines.filter(|frame| frame.get("alert").is_some()).map(|frame| frame["id"].to_string()).collect()
        };
        let strict = alerts(&frames(&mut detector(&rules, true), &batch));
        let default = alerts(&frames(&mut detector(&rules, false), &batch));
        for alert in &strict {
            prop_assert!(default.contains(alert), "{}\n{:?}\n{:?}", String::from_utf8_lossy(&batch), strict, default);
        }
    }
}
