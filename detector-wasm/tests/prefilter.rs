//! What is passed over could not have raised an alert: with the option `strict` and without it, any
//! rules say the same of any records, however their texts are spelled, nested, repeated and ordered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use serde_json::json;
use tocsin_detector::Detector;

/// Words that rules ask for and records hold; some are parts of others, or differ by letters' case.
const WORDS: [&str; 14] = [
    "StopConfigurationRecorder",
    "stopconfigurationrecorder",
    "StopConfigurationRecorders",
    "DeleteTrail",
    "DELETETRAIL",
    "ConsoleLogin",
    "CheckMfaKind",
    "config.amazonaws.com",
    "iam.amazonaws.com",
    "x/y\"z\\StopLogging",
    "AccessDenied",
    "12345678",
    "1.2345678e7",
    "Disable",
];

/// A query in one of the languages, as a rule document.
fn document(number: usize, kind: usize, words: &[usize]) -> serde_json::Value {
    let word = |at: usize| WORDS[words[at % words.len()] % WORDS.len()];
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let kql = |text: &str| format!("\"{}\"", quoted(text));
    let toml = |query: &str, language: &str| {
        format!(
            "[rule]\nname = \"r{number}\"\nrule_id = \"r{number}\"\ntype = \"query\"\nlanguage = \"{language}\"\nseverity = \"low\"\nrisk_score = 1\nquery = '''\n{query}\n'''\n"
        )
    };
    let (name, text) = match kind {
        0 => ("toml", toml(&format!("event.action: {}", kql(word(0))), "kuery")),
        1 => (
            "toml",
            toml(
                &format!(
                    "event.action: ({} or {}) and not event.provider: {}",
                    kql(word(0)),
                    kql(word(1)),
                    kql(word(2))
                ),
                "kuery",
            ),
        ),
        2 => (
            "toml",
            toml(
                &format!(
                    "event.provider: {} or aws.cloudtrail.error_code: {}",
                    kql(word(0)),
                    kql(word(1))
                ),
                "kuery",
            ),
        ),
        3 => (
            "toml",
            toml(
                &format!(
                    "not (not event.action: {} or not event.provider: {})",
                    kql(word(0)),
                    kql(word(1))
                ),
                "kuery",
            ),
        ),
        4 => ("toml", toml("event.action: Stop*Recorder or event.action: *Trail", "kuery")),
        5 => (
            "toml",
            toml(
                &format!("# search event_name == \"{}\"", quoted(word(0)))
                    .replace("# search", "search"),
                "logpresso",
            ),
        ),
        6 => (
            "toml",
            toml(
                &format!(
                    "search in(event_name, \"{}\", \"*{}\")",
                    quoted(word(0)),
                    quoted(word(1))
                ),
                "logpresso",
            ),
        ),
        7 => (
            "yml",
            format!(
                "title: r{number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    eventName: {}\n  b:\n    requestParameters|contains: {}\n  condition: a or b\nlevel: low\n",
                json!(word(0)),
                json!(word(1)),
            ),
        ),
        _ => (
            "yml",
            format!(
                "title: r{number}\nid: 00000000-0000-4000-8000-{number:012}\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  a:\n    eventName|endswith: {}\n    eventSource|startswith:\n      - {}\n      - {}\n  condition: a\nlevel: low\n",
                json!(word(0)),
                json!(word(1)),
                json!(word(2)),
            ),
        ),
    };
    json!({ "name": format!("r{number}.{name}"), "text": text })
}

/// A string of JSON for a text, each character spelled by the next number.
fn spell(text: &str, spelling: &[u8]) -> String {
    let mut spelling = spelling.iter().cycle();
    let mut out = String::from("\"");
    for c in text.chars() {
        match (*spelling.next().unwrap(), c) {
            (0..=8, c) if c.is_ascii() => out.push_str(&format!("\\u{:04x}", c as u32)),
            (9..=11, c) if c.is_ascii() => out.push_str(&format!("\\u{:04X}", c as u32)),
            (_, '"' | '\\') => out.extend(['\\', c]),
            (_, c) if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            _ => out.push(c),
        }
    }
    out + "\""
}

/// What a record is made of.
#[derive(Debug, Clone)]
struct Plan {
    words: Vec<usize>,
    spelling: Vec<u8>,
    order: Vec<usize>,
    shape: usize,
    ending: usize,
}

fn plan() -> impl Strategy<Value = Plan> {
    let words = proptest::collection::vec(0usize..WORDS.len() + 3, 6);
    let spelling = proptest::collection::vec(any::<u8>(), 1..40);
    let order = proptest::collection::vec(0usize..9, 2..10);
    (words, spelling, order, 0usize..12, 0usize..12).prop_map(
        |(words, spelling, order, shape, ending)| Plan { words, spelling, order, shape, ending },
    )
}

/// One line of a batch, or a few.
fn line(plan: &Plan) -> String {
    let word = |at: usize| *WORDS.get(plan.words[at]).unwrap_or(&"GetObject");
    let text = |at: usize| spell(word(at), &plan.spelling);
    let nested = format!("{{\"eventVersion\":\"1\",\"eventName\":{}}}", text(4));
    let members = [
        format!("\"eventName\":{}", text(0)),
        format!("\"eventSource\": {}", text(1)),
        format!("\"errorCode\":{}", text(2)),
        format!("{}:{}", spell("eventName", &plan.spelling), text(3)),
        format!(
            "\"requestParameters\":{{\"a\":[{},{{\"b\":{}}}],\"n\":{{\"eventName\":{}}}}}",
            text(2),
            text(3),
            text(4)
        ),
        format!("\"userAgent\":{}", text(5)),
        format!("\"message\":{}", spell(&nested, &plan.spelling)),
        format!("\"eventID\":{}", 12_345_678),
        "\"resources\":null".to_owned(),
    ];
    let chosen = plan.order.iter().map(|place| members[*place].as_str());
    let first = std::iter::once("\"eventVersion\":\"1.08\"").filter(|_| plan.shape != 1);
    let record = format!("{{{}}}", first.chain(chosen).collect::<Vec<_>>().join(","));
    match plan.shape {
        2 => format!("{{\"log\":{}}}", spell(&record, &plan.spelling)),
        3 => format!(
            "{{\"log\":{}}}",
            spell(&format!("{{\"Message\":{}}}", spell(&record, &plan.spelling)), &[255])
        ),
        4 => format!("{{\"Records\":[{record},{record}]}}"),
        5 => format!("[{record},\n{record}]"),
        6 => record.replace(",\"", ",\n\"").replacen('{', "{\n", 1),
        7 => format!("{{\"version\":\"0\",\"detail-type\":\"x\",\"detail\":{record}}}"),
        _ => record,
    }
}

fn batch(plans: &[Plan]) -> String {
    let endings = ["\r\n", "\n\n", " \n"];
    plans.iter().map(|plan| line(plan) + endings.get(plan.ending).unwrap_or(&"\n")).collect()
}

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

fn detector(rules: &[serde_json::Value], strict: bool) -> Detector {
    let mut detector = Detector::new();
    let document = json!({ "rules": rules, "options": { "strict": strict } }).to_string();
    let mut answer = Vec::new();
    let status = detector.configure(document.as_bytes(), &mut answer).status;
    assert_eq!(status as u32, 0, "{}", String::from_utf8_lossy(&answer));
    detector
}

fn frames(detector: &mut Detector, batch: &str) -> String {
    let mut text = Vec::new();
    detector.detect(batch.as_bytes(), &mut text);
    String::from_utf8(text).unwrap()
}

fn rules() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let rule = (0usize..9, proptest::collection::vec(0usize..WORDS.len(), 3));
    proptest::collection::vec(rule, 1..4).prop_map(|rules| {
        rules
            .iter()
            .enumerate()
            .map(|(number, (kind, words))| document(number, *kind, words))
            .collect()
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
        let strict = frames(&mut detector(&rules, true), &batch);
        let mut default = detector(&rules, false);
        prop_assert_eq!(&frames(&mut default, &batch), &strict, "{}", batch);
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
        let strict = frames(&mut detector(&rules, true), &batch);
        prop_assert_eq!(&frames(&mut detector(&rules, false), &batch), &strict, "{}", batch);
    }

    #[test]
    fn wrong_marks_hide_no_alert(
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
        let mut text = Vec::new();
        detector(&rules, false).detect_marked(batch.as_bytes(), &marks, &mut text);
        let default = alerts(&String::from_utf8(text).unwrap());
        let strict = alerts(&frames(&mut detector(&rules, true), &batch));
        for alert in &strict {
            prop_assert!(default.contains(alert), "{}\n{:?}\n{:?}", batch, strict, default);
        }
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
        let batch = String::from_utf8(batch).unwrap();
        let strict = alerts(&frames(&mut detector(&rules, true), &batch));
        let default = alerts(&frames(&mut detector(&rules, false), &batch));
        for alert in &strict {
            prop_assert!(default.contains(alert), "{}\n{:?}\n{:?}", batch, strict, default);
        }
    }
}
