//! In: records, and the examples of docs/abi.md. Out: whether what is said of a record closely is true: values stand
//! where they are said to stand, clauses in the rule's document, and counts are those of judging record by record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tocsin_detector::{Detector, Status};

/// The frames of an answer that have a member.
fn frames(text: &[u8], member: &str) -> Vec<Value> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let frames = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    frames.filter_map(|mut frame| frame.get_mut(member).map(Value::take)).collect()
}

fn read(batch: &str) -> Vec<Value> {
    let mut text = Vec::new();
    let answer = Detector::new().read(batch.as_bytes(), &mut text);
    assert_eq!((answer.status, answer.count), (Status::Ok, 0), "{batch}");
    frames(&text, "reading")
}

fn configured(name: &str, text: &str) -> Detector {
    let mut detector = Detector::new();
    let document = json!({"rules": [{"name": name, "text": text}]}).to_string();
    let mut said = Vec::new();
    let answer = detector.configure(document.as_bytes(), &mut said);
    assert_eq!(answer.status, Status::Ok, "{}", String::from_utf8_lossy(&said));
    detector
}

fn rule_id(detector: &Detector) -> String {
    let mut text = Vec::new();
    detector.describe(&mut text);
    let description: Value = serde_json::from_slice(&text).unwrap();
    description["rules"][0]["id"].as_str().unwrap().to_owned()
}

const RECORDS: [&str; 4] = [
    r#"{"eventVersion":"1.08","eventTime":"2026-03-14T09:20:00Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.10","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","userName":"al\u0069ce","principalId":"AIDA:x"},"requestParameters":{"configurationRecorderName":"default","list":[{"a":1},{"a":"ü"}],"deep.key":{"b":null}},"readOnly":false}"#,
    r#"{"@timestamp":"2026-03-14T09:20:00Z","event":{"action":"StopConfigurationRecorder","dataset":"aws.cloudtrail"},"user":{"name":"alice"},"process":{"name":"x"}}"#,
    r#"{"eventName":"A","eventName":"B","eventVersion":"1.08","requestParameters":{"x":1,"x":2}}"#,
    r#"{"eventName":"A","eventVersion":"1.08","errorCode":"AccessDenied","additionalEventData":"text"}"#,
];

#[test]
fn each_value_stands_where_it_is_said_to_stand() {
    for record in RECORDS {
        for reading in read(record) {
            assert_eq!((&reading["start"], &reading["end"]), (&json!(0), &json!(record.len())));
            let mut placed = 0;
            for list in ["ecs", "logpresso", "raw"] {
                for entry in reading[list].as_array().unwrap() {
                    placed += usize::from(is_placed(record, entry, Some(&entry["value"])));
                    for from in entry["from"].as_array().into_iter().flatten() {
                        is_placed(record, from, None);
                    }
                }
            }
            assert!(placed > 5, "{reading}");
        }
    }
}

/// Whether an entry names a place; then it holds JSON, and the value if that is given.
fn is_placed(text: &str, entry: &Value, value: Option<&Value>) -> bool {
    let Some(offset) = entry["offset"].as_u64() else { return false };
    let (offset, length) = (offset as usize, entry["length"].as_u64().unwrap() as usize);
    let found: Value = serde_json::from_str(&text[offset..offset + length]).unwrap();
    assert!(value.is_none_or(|value| *value == found || found.is_boolean()), "{entry} in {text}");
    true
}

fn values<'r>(reading: &'r Value, list: &str, field: &str) -> Vec<&'r Value> {
    let entries = reading[list].as_array().unwrap().iter();
    entries.filter(|entry| entry["field"] == field).map(|entry| &entry["value"]).collect()
}

#[test]
fn fields_have_the_names_of_each_vocabulary() {
    let [reading] = &read(RECORDS[0])[..] else { panic!("it has one reading") };
    assert_eq!(values(reading, "ecs", "user.name"), ["alice"]);
    assert_eq!(values(reading, "ecs", "event.outcome"), ["success"]);
    assert_eq!(values(reading, "logpresso", "user"), ["alice"]);
    assert_eq!(values(reading, "raw", "userIdentity.userName"), ["alice"]);
    let flattened = "aws.cloudtrail.flattened.request_parameters";
    assert_eq!(
        values(reading, "ecs", &format!("{flattened}.configurationRecorderName")),
        ["default"]
    );
    assert_eq!(values(reading, "ecs", &format!("{flattened}.list.a")), [&json!(1), &json!("ü")]);
    let [normalised] = &read(RECORDS[1])[..] else { panic!("it has one reading") };
    assert_eq!(normalised["shape"], "normalised");
    assert_eq!(values(normalised, "ecs", "user.name"), ["alice"]);
    assert_eq!(values(normalised, "raw", "process.name"), ["x"]);
}

#[test]
fn what_parsers_differ_on_has_two_readings() {
    let readings = read(RECORDS[2]);
    let seen: Vec<_> = readings
        .iter()
        .map(|reading| {
            let flattened = "aws.cloudtrail.flattened.request_parameters.x";
            let [action, x] =
                ["event.action", flattened].map(|field| values(reading, "ecs", field));
            (
                reading["duplicates"].as_str().unwrap(),
                action,
                x,
                values(reading, "raw", "eventName"),
            )
        })
        .collect();
    let (a, b, one, two) = (json!("A"), json!("B"), json!(1), json!(2));
    assert_eq!(
        seen,
        [("last", vec![&b], vec![&two], vec![&b]), ("first", vec![&a], vec![&one], vec![&a]),]
    );
}

#[test]
fn a_record_in_a_text_is_shown_with_its_text() {
    let batch = json!({"message": RECORDS[0]}).to_string();
    let [reading] = &read(&batch)[..] else { panic!("it has one reading") };
    assert_eq!(reading["origin"], batch.find(r#""{\"event"#).unwrap());
    assert_eq!(reading["text"], RECORDS[0]);
    assert_eq!(reading["start"], 0);
}

#[test]
fn a_hostile_record_has_a_bounded_reading() {
    let deep =
        format!(r#"{{"eventName":"A","x":{}1{}}}"#, r#"{"kk":"#.repeat(50_000), "}".repeat(50_000));
    let wide = format!(r#"{{"eventName":"A","x":[{}0]}}"#, r#"{"k":1},"#.repeat(200_000));
    let arrays = format!(r#"{{"eventName":"A","x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let long =
        format!(r#"{{"eventName":"A","{}":1,"y":"{}"}}"#, "k".repeat(5_000), "v".repeat(100_000));
    for (record, left_out) in [(deep, 1), (wide, 100_000), (arrays, 1), (long, 1)] {
        let mut text = Vec::new();
        Detector::new().read(record.as_bytes(), &mut text);
        let [reading] = &frames(&text, "reading")[..] else { panic!("it has one reading") };
        assert!(reading["left_out"].as_u64().unwrap() >= left_out, "{}", reading["left_out"]);
        assert!(text.len() < (5 << 20), "{}", text.len());
    }
}

/// What the clauses of a rule look like in its document.
fn clauses(name: &str, document: &str) -> Vec<String> {
    let mut detector = configured(name, document);
    let mut text = Vec::new();
    let id = rule_id(&detector);
    detector.explain(id.as_bytes(), RECORDS[0].as_bytes(), &mut text);
    let [explanation] = &frames(&text, "explanation")[..] else { panic!("{name}") };
    let nodes = explanation["nodes"].as_array().unwrap().iter();
    let shown = nodes.map(|node| {
        let place = |key: &str| node["place"][key].as_u64().unwrap() as usize;
        format!("{}: {}", node["kind"].as_str().unwrap(), &document[place("start")..place("end")])
    });
    shown.collect()
}

fn toml_rule(language: &str, query: &str) -> String {
    format!(
        "# é\n[rule]\nrule_id = \"r\"\nname = \"N\"\nlanguage = \"{language}\"\nseverity = \"low\"\nquery = {query}\n"
    )
}

#[test]
fn clauses_stand_where_they_are_said_to_stand_in_the_document() {
    for query in [
        r#"'event.action: "é" and user.name: x'"#,
        "'''\nevent.action: \"é\" and user.name: x\n'''",
        "\"\"\"\nevent.action: \\\n   \"é\" and user.name: x\"\"\"",
    ] {
        let document = toml_rule("kuery", query);
        let shown = clauses("r.toml", &document);
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert!(
            shown[0].starts_with("all: event.action") && shown[0].ends_with("user.name: x"),
            "{shown:?}"
        );
        assert_eq!(shown[2], "clause: user.name: x");
    }
    let escaped = toml_rule("kuery", r#""event.action: \"\u00e9\" and\tuser.name: x""#);
    assert_eq!(
        clauses("r.toml", &escaped),
        [
            r#"all: event.action: \"\u00e9\" and\tuser.name: x"#,
            r#"clause: event.action: \"\u00e9\""#,
            "clause: user.name: x",
        ]
    );
    let logpresso =
        toml_rule("logpresso", "'''search event_name == \"A\"\n| search user == \"b\"'''");
    let shown = clauses("r.toml", &logpresso);
    assert!(shown.contains(&"clause: user == \"b\"".to_owned()), "{shown:?}");
    let sigma = "# é\ntitle: T\nid: 5f3cd0a4-0000-4000-8000-000000000000\nlogsource:\n  product: aws\n  service: cloudtrail\n\
                 detection:\n  selection:\n    eventName:\n      - A\n      - 'B'\n    userAgent|contains: x\n  condition: selection\nlevel: low\n";
    assert_eq!(
        clauses("r.yml", sigma),
        [
            "all: eventName:\n      - A\n      - 'B'\n    userAgent|contains: x",
            "clause: eventName:\n      - A\n      - 'B'",
            "clause: userAgent|contains: x",
        ]
    );
}

#[test]
fn counts_are_those_of_explaining_each_record() {
    let query =
        "'event.action: StopConfigurationRecorder and not user.name: x or event.outcome: failure'";
    let mut detector = configured("r.toml", &toml_rule("kuery", query));
    let batch = RECORDS.join("\n") + "\n{broken\n";
    let (mut explained, mut covered, mut judged) = (Vec::new(), Vec::new(), Vec::new());
    detector.explain(b"r", batch.as_bytes(), &mut explained);
    let detected = detector.detect(batch.as_bytes(), &mut judged);
    let answer = detector.coverage(batch.as_bytes(), &mut covered);
    assert_eq!(answer, detected);
    assert_eq!(frames(&covered, "summary"), frames(&judged, "summary"));
    assert_eq!(frames(&covered, "error"), frames(&judged, "error"));
    let [coverage] = &frames(&covered, "coverage")[..] else { panic!("one rule") };
    let explanations = frames(&explained, "explanation");
    let count =
        |test: &dyn Fn(&Value) -> bool| json!(explanations.iter().filter(|one| test(one)).count());
    assert_eq!(coverage["records"], count(&|_| true));
    assert_eq!(coverage["selected"], count(&|one| one["selects"] == true));
    assert_eq!(coverage["alerts"], answer.count);
    for (place, node) in coverage["nodes"].as_array().unwrap().iter().enumerate() {
        assert_eq!(node["true"], count(&|one| one["nodes"][place]["truth"] == true), "{node}");
        assert_eq!(node["false"], count(&|one| one["nodes"][place]["truth"] == false), "{node}");
        if node["kind"] == "clause" {
            assert_eq!(
                node["missing"],
                count(&|one| one["nodes"][place]["missing"] == true),
                "{node}"
            );
            assert_eq!(node["field"], explanations[0]["nodes"][place]["field"]);
        }
    }
}

/// Whether an answer holds all that an example shows: of lists, each element shown.
fn holds(answer: &Value, example: &Value) -> bool {
    match (answer, example) {
        (Value::Object(answer), Value::Object(example)) => example
            .iter()
            .all(|(key, example)| answer.get(key).is_some_and(|answer| holds(answer, example))),
        (Value::Array(answer), Value::Array(example)) => {
            example.iter().all(|example| answer.iter().any(|answer| holds(answer, example)))
        }
        _ => answer == example,
    }
}

#[test]
fn the_page_shows_a_reading_as_it_is() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/abi.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("<!-- example: read ").unwrap();
    let (record, rest) = rest.split_once(" -->\n```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let mut text = Vec::new();
    Detector::new().read(record.as_bytes(), &mut text);
    let reading = &frames(&text, "reading")[0];
    assert!(holds(reading, &example["reading"]), "{reading}");
}

#[test]
fn the_page_shows_the_vocabulary_as_it_is() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/abi.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("<!-- example: vocabulary -->\n```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    let mut text = Vec::new();
    Detector::new().vocabulary(&mut text);
    let vocabulary: Value = serde_json::from_slice(&text).unwrap();
    assert!(holds(&vocabulary, &example), "{vocabulary}");
    assert!(text.len() < 128 << 10, "it has {} bytes", text.len());
}

#[test]
fn the_page_shows_the_record_keys_as_they_are() {
    let page = include_str!("../../docs/abi.md");
    let (_, rest) = page.split_once("<!-- example: record_keys -->\n```json\n").unwrap();
    let example: Value = serde_json::from_str(rest.split_once("```").unwrap().0).unwrap();
    let mut text = Vec::new();
    Detector::new().record_keys(&mut text);
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap(), example);
}

#[test]
fn a_field_of_the_vocabulary_is_one_that_a_reading_has() {
    let mut text = Vec::new();
    Detector::new().vocabulary(&mut text);
    let vocabulary: Value = serde_json::from_slice(&text).unwrap();
    let [reading] = &read(RECORDS[0])[..] else { panic!("it has one reading") };
    let objects = vocabulary["objects"].as_array().unwrap();
    for list in ["ecs", "logpresso"] {
        for entry in reading[list].as_array().unwrap() {
            let name = entry["field"].as_str().unwrap();
            let mut fields = vocabulary["fields"][list].as_array().unwrap().iter();
            let in_object = |object: &Value| name.starts_with(object["prefix"].as_str().unwrap());
            assert!(
                fields.any(|field| field["name"] == name) || objects.iter().any(in_object),
                "{name}"
            );
        }
    }
}

fn tested(run: &Value) -> (Status, u32, Value) {
    let mut text = Vec::new();
    let answer = Detector::new().test(run.to_string().as_bytes(), &mut text);
    (answer.status, answer.count, serde_json::from_slice(&text).unwrap())
}

#[test]
fn the_page_shows_a_run_of_tests_as_it_is() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/abi.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("<!-- example: test -->").unwrap();
    let mut examples = rest
        .split("```json\n")
        .skip(1)
        .map(|block| serde_json::from_str::<Value>(block.split("```").next().unwrap()).unwrap());
    let (run, answer) = (examples.next().unwrap(), examples.next().unwrap());
    assert_eq!(tested(&run), (Status::Ok, 1, answer));
}

#[test]
fn a_run_of_tests_says_what_is_wrong_with_it() {
    let rule = toml_rule("kuery", "'event.action: A'");
    let run = |document: &str, tests: &str| json!({"document": {"name": "r.toml", "text": document}, "tests": {"name": "r.tests.toml", "text": tests}});
    let (status, count, said) =
        tested(&run(&rule, "[[test]]\nname = 'a'\nmatches = true\nfile = 'x.json'\n"));
    assert_eq!((status, count), (Status::BadConfiguration, 1));
    assert_eq!(said["diagnostics"][0]["code"], "test-record");
    let (status, _, said) = tested(&run(&rule.replace("event.action", "(event.action"), ""));
    assert_eq!(
        (status, &said["diagnostics"][0]["code"]),
        (Status::BadConfiguration, &json!("kql-unclosed-group"))
    );
    let (status, _, said) = tested(&json!({"document": 1}));
    assert_eq!(status, Status::BadArgument, "{said}");
    // One rule judges, whatever the detector is configured with, and a rule that is set aside has tests, too.
    let aside = rule.replace("severity", "enabled = false\nseverity");
    let record = r#"{"eventVersion":"1.08","eventName":"A"}"#;
    let test =
        |record: &str| format!("[[test]]\nname = 'a'\nmatches = true\nrecord = '''{record}'''\n");
    let (status, count, said) = tested(&run(&aside, &test(record)));
    assert_eq!(
        (status, count, &said["tests"][0]["passed"]),
        (Status::Ok, 0, &json!(true)),
        "{said}"
    );
    let (_, count, said) = tested(&run(&rule, &test("{")));
    assert_eq!(
        (count, &said["tests"][0]["differences"][0]["kind"]),
        (1, &json!("unreadable")),
        "{said}"
    );
}

/// A rule that multiplies what its author wrote by what a record's author wrote.
const COSTLY: &str = r"title: Costly
id: 5f0c0e3b-8f6c-4d3a-9a3e-0d8a2c1f7b61
logsource: {product: aws, service: cloudtrail}
detection:
  agent: {userAgent|re: '(a{1,30}){30}b'}
  name: {eventName: StopLogging}
  condition: agent or name
level: low
";

fn record(name: &str, agent: usize) -> String {
    // A text without the last letter is passed over before the expression is asked.
    let agent = format!("b{}", "a".repeat(agent));
    format!(r#"{{"eventVersion":"1.08","eventName":"{name}","userAgent":"{agent}"}}"#)
}

#[test]
fn what_takes_too_many_steps_is_undecided_and_said() {
    let mut detector = configured("costly.yml", COSTLY);
    let rule = rule_id(&detector);
    // One that is cheap, one that can't be decided, and one that its other clause decides.
    let batch = [record("GetUser", 10), record("GetUser", 100_000), record("StopLogging", 100_000)]
        .join("\n");
    let (mut judged, mut explained, mut covered) = (Vec::new(), Vec::new(), Vec::new());
    let detected = detector.detect(batch.as_bytes(), &mut judged);
    assert_eq!((detected.status, detected.count), (Status::Ok, 1));
    let [error] = &frames(&judged, "error")[..] else { panic!("one error") };
    assert_eq!((&error["code"], &error["rule"]), (&json!("rule-budget"), &json!(rule)));

    detector.explain(rule.as_bytes(), batch.as_bytes(), &mut explained);
    let verdict = |of: &Value, truth: &str| (of[truth].clone(), of["undecided"] == true);
    let explanations = frames(&explained, "explanation");
    let whole: Vec<_> = explanations.iter().map(|one| verdict(one, "selects")).collect();
    assert_eq!(whole, [(json!(false), false), (json!(false), true), (json!(true), false)]);
    let agents: Vec<_> =
        explanations.iter().map(|one| verdict(&one["nodes"][1], "truth")).collect();
    assert_eq!(agents, [(json!(false), false), (json!(false), true), (json!(false), true)]);

    assert_eq!(detector.coverage(batch.as_bytes(), &mut covered), detected);
    assert_eq!(frames(&covered, "error"), frames(&judged, "error"));
    assert_eq!(frames(&covered, "summary"), frames(&judged, "summary"));
    let [coverage] = &frames(&covered, "coverage")[..] else { panic!("one rule") };
    let undecided = |place: usize| coverage["nodes"][place]["undecided"].clone();
    assert_eq!([undecided(0), undecided(1), undecided(2)], [json!(1), json!(2), Value::Null]);
}

#[test]
fn an_explanation_says_that_the_sender_is_not_trusted() {
    let query = "'event.action: StopLogging'";
    let mut detector = configured("r.toml", &toml_rule("kuery", query));
    for (source, untrusted) in [("aws.config", Value::Null), ("com.example.anybody", json!(true))] {
        let envelope = format!(
            r#"{{"detail-type":"x","source":"{source}","account":"1","region":"r","detail":{}}}"#,
            record("StopLogging", 1)
        );
        let mut explained = Vec::new();
        detector.explain(b"r", envelope.as_bytes(), &mut explained);
        let [explanation] = &frames(&explained, "explanation")[..] else { panic!("one record") };
        assert_eq!(
            (&explanation["selects"], &explanation["untrusted"]),
            (&json!(true), &untrusted)
        );
    }
}
