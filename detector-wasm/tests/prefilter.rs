//! What is passed over could not have raised an alert: with the option `strict` and without it, any
//! rules say the same of any records, however their texts are spelled, nested, repeated and ordered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde_json::json;
use tocsin_detector::Detector;

#[path = "support/generated.rs"]
mod generated;

use generated::{Plan, batch, documents, line, plan};

/// The same records as elements of a list.
fn list(plans: &[Plan], frame: usize) -> String {
    let elements: Vec<String> = plans.iter().map(line).collect();
    match frame {
        0 => format!("[{}]", elements.join(",")),
        1 => format!("{{\"Records\":[{}]}}\n", elements.join(",")),
        2 => format!(" {{ \"Records\" : [\n{}\n], \"more\": [1]}}", elements.join(" ,\n ")),
        _ => format!("[{}]\n{{\"Records\":[{}]}}", elements.join(","), elements.join(",")),
    }
}

/// The ids of alerts, in their order.
fn alerts(frames: &str) -> Vec<String> {
    let frames =
        frames.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let alerts = frames.filter(|frame| frame.get("alert").is_some());
    alerts.map(|frame| frame["id"].to_string()).collect()
}

/// Each alert of the strict frames is among the default ones.
fn none_is_missing(batch: &[u8], default: &str, strict: &str) -> Result<(), TestCaseError> {
    let (default, strict) = (alerts(default), alerts(strict));
    for alert in &strict {
        let batch = String::from_utf8_lossy(batch);
        prop_assert!(default.contains(alert), "{}\n{:?}\n{:?}", batch, strict, default);
    }
    Ok(())
}

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
    fn strict_or_not_the_frames_of_a_list_are_the_same(
        rules in rules(),
        plans in proptest::collection::vec(plan(), 1..6),
        frame in 0usize..4,
    ) {
        let batch = list(&plans, frame);
        let strict = frames(&mut detector(&rules, true), batch.as_bytes());
        prop_assert_eq!(&frames(&mut detector(&rules, false), batch.as_bytes()), &strict, "{}", batch);
    }

    #[test]
    fn wrong_marks_do_no_harm(
        rules in rules(),
        plans in proptest::collection::vec(plan(), 1..6),
        frame in 0usize..5,
        marks in proptest::collection::vec((any::<prop::sample::Index>(), 0u32..4), 0..12),
    ) {
        let batch = if frame < 4 { list(&plans, frame) } else { batch(&plans) };
        // Half of them lie where something begins or ends.
        let places: Vec<usize> = batch.match_indices(['{', '}', '\n']).map(|(at, _)| at).collect();
        let mark = |(at, bits): &(prop::sample::Index, u32)| {
            let at = if bits & 1 == 0 { *at.get(&places) } else { at.index(batch.len()) };
            (at as u32 | bits >> 1 << 31 | (bits & 1) << 30).to_le_bytes()
        };
        let marks: Vec<[u8; 4]> = marks.iter().map(mark).collect();
        let (mut misled, mut text) = (detector(&rules, false), Vec::new());
        let answer = misled.detect_marked(batch.as_bytes(), &marks, &mut text);
        prop_assert_eq!(alerts(std::str::from_utf8(&text).unwrap()).len(), answer.count as usize);
        // The next batch is judged as ever.
        let fresh = frames(&mut detector(&rules, false), batch.as_bytes());
        prop_assert_eq!(frames(&mut misled, batch.as_bytes()), fresh);
    }

    #[test]
    fn broken_records_hide_no_alert(
        rules in rules(),
        plans in proptest::collection::vec(plan(), 1..6),
        frame in 0usize..8,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..5), 1..4),
    ) {
        let batch = if frame < 4 { list(&plans, frame) } else { batch(&plans) };
        let mut batch = batch.into_bytes();
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
        let strict = frames(&mut detector(&rules, true), &batch);
        none_is_missing(&batch, &frames(&mut detector(&rules, false), &batch), &strict)?;
    }
}
