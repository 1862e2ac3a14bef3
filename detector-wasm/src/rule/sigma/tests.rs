//! Diagnostics about rule documents, and what becomes of their keys.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use toml::Table;

use tocsin_wire::Options;

use crate::detect::RuleSet;
use crate::query::notice::DiagnosticSeverity;
use crate::rule::Document;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::load::StoredDocument;

fn load(name: &str, text: &str) -> (RuleSet, Vec<Diagnostic>) {
    let (name, text) = (Cow::Owned(name.to_owned()), Cow::Owned(text.to_owned()));
    RuleSet::load(vec![StoredDocument { name, text, list: 0 }], &Options::default())
}

/// The rule that `detection` completes.
fn rule(detection: &str) -> String {
    format!(
        "title: T\nid: 1\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n{}",
        detection.trim_start_matches('\n')
    )
}

/// The id, name and query's text of each rule of a collection.
fn collection(documents: &[&str]) -> Vec<(String, String, usize)> {
    let (set, said) = load("x.yml", &documents.join("\n---\n"));
    assert!(said.iter().all(|found| found.severity == DiagnosticSeverity::Warning), "{said:?}");
    let shown = |rule: &crate::rule::Rule| {
        (rule.id.clone(), rule.name.clone(), rule.query.predicate.clauses().count())
    };
    set.rules.iter().map(shown).collect()
}

#[test]
fn a_collection_shares_what_its_global_document_holds() {
    let global = "action: global\ntitle: T\nid: g\nlevel: high\ndetection:\n  shared: {a: 1}\n  condition: shared and own";
    let own =
        |value: u32| format!("logsource: {{product: p{value}}}\ndetection:\n  own: {{b: {value}}}");
    let rules = collection(&[
        global,
        &own(1),
        &own(2),
        "action: reset",
        "title: U\nid: u\nlogsource: {product: p}\ndetection: {s: {c: 1}, condition: s}",
    ]);
    let expected = [("g", "T", 2), ("g-2", "T", 2), ("u", "U", 1)];
    assert_eq!(rules, expected.map(|(id, name, clauses)| (id.into(), name.into(), clauses)));
    // What a document says itself counts.
    let rules = collection(&[
        global,
        "id: own\ntitle: O\nlogsource: {product: p}\ndetection: {own: {b: 1, c: 2}, condition: own}",
    ]);
    assert_eq!(rules, [("own".into(), "O".into(), 3)]);
}

#[test]
fn a_repeated_document_is_the_one_before_it_with_other_values() {
    let first =
        "title: T\nid: r\nlogsource: {product: p}\ndetection:\n  s: {a: 1, b: 2}\n  condition: s";
    let rules = collection(&[first, "action: repeat\ntitle: U\ndetection:\n  s: {b: 3}"]);
    assert_eq!(rules, [("r".into(), "T".into(), 2), ("r-2".into(), "U".into(), 2)]);
}

/// Each case: a document, or a detection at line 5 of one, and its diagnostics, line by line:
/// severity, code, place, the marked text, the message, and after `;` the hint.
#[test]
fn sigma_diagnostics() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sigma/diagnostics/rules.toml");
    let table: Table = fs::read_to_string(file).unwrap().parse().unwrap();
    let cases = table["case"].as_array().unwrap();
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for case in cases {
        let text = |key| case.get(key).and_then(toml::Value::as_str);
        let document = text("rule").map_or_else(|| rule(text("detection").unwrap()), str::to_owned);
        let (rules, diagnostics) = load("x.yml", &document);
        let said: Vec<String> = diagnostics.iter().map(|found| show(found, &document)).collect();
        if said.join("\n") != text("says").unwrap().trim() {
            wrong.push(format!("{document}\n{}\n", said.join("\n")));
        }
        let loads = case.get("rules").and_then(toml::Value::as_integer);
        let usable = diagnostics.iter().all(|found| found.severity == DiagnosticSeverity::Warning);
        assert_eq!(rules.rules.len() as i64, loads.unwrap_or(i64::from(usable)), "{document}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn show(found: &Diagnostic, document: &str) -> String {
    let line = document.lines().nth(found.line - 1).unwrap_or_default();
    let end = if found.end_line == found.line { found.end_column } else { usize::MAX };
    let marked: String = line.chars().take(end - 1).skip(found.column - 1).collect();
    let hint = found.hint.as_deref().map_or_else(String::new, |hint| format!("; {hint}"));
    let (severity, code) = (found.severity, &found.code);
    let place = format!("{}:{}", found.line, found.column);
    format!("{severity} {code} {place} `{marked}` {}{hint}", found.message)
}

/// A rule with every key that means something.
const TRAIL: &str = "
title: Trail stopped
id: 4db60cc0-36fb-42b7-9b58-a5b53019fb74
status: test
description: |
    Somebody stopped a trail.
references:
    - https://attack.mitre.org/techniques/T1562/008/
author: A. Author, somebody else
license: DRL-1.1
date: 2024-01-02
tags:
    - attack.defense-evasion
    - attack.t1562.008
logsource:
    product: aws
    service: cloudtrail
detection:
    selection:
        eventName: StopLogging
    condition: selection
fields: [eventName, userIdentity.arn]
falsepositives: Maintenance
level: informational
custom: {a: [b]}
";

#[test]
fn the_keys_of_a_rule() {
    let (rules, diagnostics) = load("trail.yaml", TRAIL);
    assert_eq!(diagnostics, []);
    let rule = &rules.rules[0];
    assert_eq!(rule.id, "4db60cc0-36fb-42b7-9b58-a5b53019fb74");
    assert_eq!(rule.name, "Trail stopped");
    assert_eq!(rule.language.name(), "sigma");
    assert_eq!(rule.severity.name(), "low");
    assert_eq!(rule.description, "Somebody stopped a trail.");
    assert_eq!(rule.author, ["A. Author", "somebody else"]);
    assert_eq!(rule.false_positives, ["Maintenance"]);
    assert_eq!(rule.references.len(), 1);
    assert_eq!(rule.tags.len(), 2);
    assert_eq!(rule.threat[0].tactic.id, "TA0005");
    assert_eq!(rule.threat[0].technique[0].subtechnique[0].name, "Disable or Modify Cloud Logs");
    assert_eq!(rule.reads, ["eventName"]);
    let output: Vec<&str> = rule.output.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(output, ["eventName", "userIdentity.arn"]);
    assert!(rule.text.starts_with("detection:") && rule.text.ends_with("condition: selection"));
}

/// The whole way: from the document through the module's interface to the alert.
#[test]
fn a_rule_raises_an_alert() {
    let mut detector = crate::Detector::new();
    let rules = serde_json::json!({ "rules": [{ "name": "trail.yml", "text": TRAIL }] });
    let mut answer = Vec::new();
    let configured = detector.configure(rules.to_string().as_bytes(), &mut answer);
    assert_eq!(configured.status, crate::Status::Ok, "{}", String::from_utf8_lossy(&answer));
    let record = |name: &str| {
        format!(
            r#"{{"eventVersion":"1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"{name}","userIdentity":{{"type":"Root","arn":"arn:aws:iam::1:root"}}}}"#
        )
    };
    let mut frames = Vec::new();
    let batch = [record("StopLogging"), record("StartLogging")].join("\n");
    assert_eq!(detector.detect(batch.as_bytes(), &mut frames).count, 1);
    let frames = String::from_utf8(frames).unwrap();
    let line = frames.lines().next().unwrap();
    let alert: serde_json::Value = serde_json::from_str(line).unwrap();
    let alert = &alert["alert"];
    assert_eq!(alert["rule"]["language"], "sigma");
    assert_eq!(alert["rule"]["threat"][0]["technique"][0]["id"], "T1562");
    assert_eq!(alert["fields"]["userIdentity.arn"], "arn:aws:iam::1:root");
}

#[test]
fn without_fields_an_alert_shows_the_usual_ones_or_those_that_are_read() {
    let shown = |source: &str| {
        let text = format!(
            "title: T\nid: 1\nlogsource: {source}\ndetection: {{s: {{b: 1, a: 2}}, condition: s}}\n"
        );
        let (rules, _) = load("x.yml", &text);
        rules.rules[0].output.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown("{product: okta}"), ["b", "a"]);
    assert_eq!(shown("{product: aws, service: cloudtrail}")[6], "eventName");
}

#[test]
fn which_documents_are_yaml() {
    for (name, text, expected) in [
        ("a.yml", "[rule]", true),
        ("A.YAML", "", true),
        ("a.toml", "title: x", false),
        ("a", "title: x\ndetection:\n", true),
        ("a", "# c\n---\ntitle: x", true),
        ("a", "[rule]\nname = 'x'", false),
        ("a", "[metadata]\nq = '''\ntitle: x\n'''\n[[rule.threat]]\n", false),
        ("a", "", false),
        ("a.txt", "detection:", true),
    ] {
        assert_eq!(super::is_yaml(Document { name, text }), expected, "{name} {text}");
    }
}

#[test]
fn rules_beside_a_refused_or_broken_one_load() {
    let good = |id: u8| {
        format!("title: T\nid: {id}\nlogsource: {{}}\ndetection: {{s: {{a: b}}, condition: s}}\n")
    };
    let text = format!(
        "{}---\ncorrelation: {{type: event_count}}\n---\ntitle: [\n---\n{}---\ntitle: T\nid: 3\n---\n{}",
        good(1),
        good(2),
        good(4)
    );
    let (rules, diagnostics) = load("many.yml", &text);
    let ids: Vec<&str> = rules.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "4"]);
    let codes: Vec<&str> = diagnostics.iter().map(|found| &*found.code).collect();
    assert_eq!(
        codes,
        [
            "sigma-no-logsource",
            "sigma-correlation",
            "yaml-syntax",
            "sigma-no-logsource",
            "sigma-no-logsource",
            "rule-missing-key",
            "sigma-no-logsource"
        ]
    );
}

#[test]
fn a_document_full_of_mistakes_gets_a_bounded_answer() {
    let (_, diagnostics) = load("x.yml", &"---\n[\n".repeat(100_000));
    assert!(diagnostics.len() <= 52);
    let text = rule(&format!("  s:\n{}  condition: s\n", "    - {a|b: c}\n".repeat(5_000)));
    let (_, diagnostics) = load("x.yml", &text);
    assert_eq!(diagnostics.last().unwrap().code, "sigma-more");
    assert!(diagnostics.len() <= 52);
}

/// The ids of the rules that alert on a record.
fn alerting(documents: &[&str], options: &str, record: &str) -> String {
    let mut detector = crate::Detector::new();
    let document = |(place, text): (usize, &&str)| serde_json::json!({ "name": format!("{place}.yml"), "text": text });
    let documents: Vec<_> = documents.iter().enumerate().map(document).collect();
    let options: serde_json::Value = serde_json::from_str(options).unwrap();
    let configuration = serde_json::json!({ "rules": documents, "options": options });
    let mut answer = Vec::new();
    let configured = detector.configure(configuration.to_string().as_bytes(), &mut answer);
    assert_eq!(configured.status, crate::Status::Ok, "{}", String::from_utf8_lossy(&answer));
    let mut frames = Vec::new();
    detector.detect(record.as_bytes(), &mut frames);
    let frames = String::from_utf8(frames).unwrap();
    let rule = |line: &str| Some(line.split_once("\"rule\":\"")?.1.split('"').next()?.to_owned());
    frames.lines().filter_map(rule).collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_narrow_the_rules_they_name() {
    let whoami = "title: whoami\nid: w\nname: who\nlogsource: {category: test, product: x}\n\
        detection: {s: {c|contains: whoami}, condition: s}\n";
    let id = "title: id\nid: i\nlogsource: {category: other}\n\
        detection: {s: {c|contains: whoami}, condition: s}\n";
    let filter = |rules: &str, source: &str| {
        format!(
            "title: F\nlogsource: {source}\nfilter:\n  rules: {rules}\n  selection: {{u: build}}\n  condition: not selection\n"
        )
    };
    let (build, other) = (r#"{"c":"whoami","u":"build"}"#, r#"{"c":"whoami","u":"bob"}"#);
    for (rules, source, left) in [
        ("[w]", "{category: test}", "i"),
        ("[who, i]", "{category: test}", "i"),
        ("whoami", "{product: x}", "i"),
        ("any", "{category: test}", "i"),
        ("[]", "{category: other}", "w"),
        ("any", "{}", ""),
        ("[w]", "{category: other}", "w i"),
        ("[nobody]", "{}", "w i"),
    ] {
        let filter = filter(rules, source);
        assert_eq!(alerting(&[whoami, id, &filter], "{}", build), left, "{rules} {source}");
        assert_eq!(alerting(&[&filter, whoami, id], "{}", other), "w i", "{rules} {source}");
    }
}

#[test]
fn a_rule_without_an_id_has_one_made_of_title_and_log_source() {
    let rule = |title: &str, source: &str| {
        let text = format!(
            "title: {title}\nlogsource: {source}\ndetection: {{s: {{a: b}}, condition: s}}\n"
        );
        load("x.yml", &text).0.rules[0].id.clone()
    };
    let id = rule("T", "{product: aws, service: cloudtrail}");
    assert_eq!(id, "sigma-057c9cfedc1acc3d87078b42f2982355");
    assert_eq!(rule("T", "{service: cloudtrail, product: aws, definition: x}"), id);
    assert_ne!(rule("U", "{product: aws, service: cloudtrail}"), id);
    assert_ne!(rule("T", "{product: aws}"), id);
}

/// Which rules judge which records: `c` is for CloudTrail, `a` for all of AWS, `z` for Zeek, `w` for Windows'
/// processes, `n` for nothing in particular. Each selects whatever lacks two fields.
#[test]
fn a_record_is_judged_by_the_rules_of_its_source() {
    let rule = |id: &str, source: &str| {
        format!(
            "title: {id}\nid: {id}\nlogsource: {source}\ndetection: {{s: {{query: x}}, t: {{host: y}}, condition: not s and not t}}\n"
        )
    };
    let documents = [
        rule("c", "{product: aws, service: cloudtrail}"),
        rule("a", "{product: AWS}"),
        rule("z", "{product: zeek, service: dns}"),
        rule("w", "{product: windows, category: process_creation}"),
        rule("n", "{}"),
    ];
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let windows = r#"{"logsource":{"product":"Windows"}}"#;
    let security = r#"{"logsource":{"product":"windows","service":"security"}}"#;
    for (record, options, expected) in [
        ("{TRAIL}", "{}", "c a n"),
        (r#"{TRAIL,"userIdentity":{"EventID":1}}"#, "{}", "c a n"),
        // A shipper's keys tell nothing, unless a rule for other logs reads them.
        (r#"{TRAIL,"@timestamp":1,"tags":[]}"#, "{}", "c a n"),
        (r#"{TRAIL,"host":1}"#, "{}", "c a z w n"),
        // The writer of a log may add CloudTrail's keys to other ones.
        (r#"{TRAIL,"EventID":1}"#, "{}", "c a z w n"),
        (r#"{TRAIL,"id.orig_h":1}"#, "{}", "c a z w n"),
        (r#"{TRAIL,"Event\u0049D":1}"#, "{}", "c a z w n"),
        (r#"{"eventName":"X","eventSource":"y"}"#, "{}", "c a z w n"),
        (r#"{"EventID":1}"#, "{}", "c a z w n"),
        (r#"{"EventID":1}"#, windows, "w n"),
        (r#"{"EventID":1}"#, security, "w n"),
        ("{TRAIL}", windows, "c a n"),
        (r#"{TRAIL,"EventID":1}"#, windows, "c a w n"),
        (r#"{"EventID":1}"#, r#"{"logsource":{}}"#, "c a z w n"),
    ] {
        let trail = r#""eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"X""#;
        let record = record.replace("TRAIL", trail);
        assert_eq!(alerting(&documents, options, &record), expected, "{record} {options}");
    }
}

#[test]
fn rules_that_are_set_aside_run_if_asked_for() {
    let rule = "title: T\nid: t\nstatus: deprecated\nlogsource: {}\n\
        detection: {s: {a: b}, condition: s}\n";
    assert_eq!(alerting(&[rule], "{}", r#"{"a":"b"}"#), "");
    assert_eq!(alerting(&[rule], r#"{"inactive":true}"#, r#"{"a":"b"}"#), "t");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any document gives rules or reasons, and a rule that is left out has one.
    #[test]
    fn any_document(
        changes in prop::collection::vec((0..TRAIL.len(), 0..20usize, "\\PC{0,4}|\n---\n|[\\[{:'\"|>&*!%@-] ?|\n {0,4}"), 0..6)
    ) {
        let mut text = TRAIL.to_owned();
        for (at, cut, piece) in changes {
            let place = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let range = place(at).unwrap_or(0)..place(at + cut).unwrap_or(0);
            text.replace_range(range, &piece);
        }
        let (rules, diagnostics) = load("x.yml", &text);
        assert!(!rules.rules.is_empty() || diagnostics.iter().any(|found| found.severity != DiagnosticSeverity::Warning), "{text}");
        for found in diagnostics {
            assert!(found.line >= 1 && found.line <= text.lines().count() + 1, "{found:?}");
        }
    }
}
