//! Runs the tables in `tests/sigma`: which records detections select.

mod properties;

use std::fs;
use std::path::Path;

use toml::{Table, Value as Toml};

use super::{Source, compile, yaml};
use crate::event::capture::{Captures, Duplicates};
use crate::event::view::Shape;
use crate::event::{Event, Fields};
use crate::query::Query;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;

/// Compiles the detection of a document.
fn compiled(text: &str, fields: &mut Fields) -> (Option<Query>, Vec<Notice>) {
    let (tree, roots, faults) = yaml::parse(text, 1);
    let mut notes = DiagnosticSink::new(super::NOTICES);
    faults.into_iter().for_each(|fault| notes.add(fault));
    let detection = roots.first().and_then(|root| tree.get(*root, "detection"));
    let query = detection.and_then(|detection| {
        compile(
            Source { tree: &tree, text, detection, other_key: None, top_keys: &[] },
            fields,
            &mut notes,
        )
    });
    (query, notes.finish())
}

/// A whole detection, or a single search of which the condition is made.
fn document(case: &str) -> String {
    if case.contains("condition:") {
        let lines: Vec<String> = case.trim().lines().map(|line| format!("  {line}\n")).collect();
        format!("detection:\n{}", lines.concat())
    } else {
        format!("detection:\n  search: {case}\n  condition: search\n")
    }
}

/// Whether the query selects the record in any reading of its equal keys. Whose names the keys are
/// mustn't matter: Sigma's rules speak in the record's own.
fn selects(query: &Query, fields: &Fields, record: &str) -> bool {
    let mut captures = Captures::default();
    let text = record.as_bytes();
    assert_eq!(
        captures.read(&fields.layout, text, 0).ok(),
        Some(record.len()),
        "no JSON: {record}"
    );
    let readings = [Duplicates::Last, Duplicates::First];
    let readings = &readings[..if captures.has_duplicates() { 2 } else { 1 }];
    let verdict = |shape| {
        readings.iter().any(|duplicates| {
            let (captures, duplicates) = (&captures, *duplicates);
            query.selects(&Event { text, captures, fields, shape, duplicates })
        })
    };
    let raw = verdict(Shape::Raw);
    assert_eq!(raw, verdict(Shape::Normalised), "{record}");
    raw
}

/// The cases of a folder, each with its file's name.
fn cases(folder: &str, mut each: impl FnMut(&str, &Table)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml")) {
        let table: Table = fs::read_to_string(file).unwrap().parse().unwrap();
        for case in table["case"].as_array().unwrap() {
            each(file.file_name().unwrap().to_str().unwrap(), case.as_table().unwrap());
        }
    }
}

#[test]
fn sigma_cases() {
    let (mut judged, mut wrong) = (0, Vec::new());
    cases("sigma", |file, case| {
        let (says, record) = (case["says"].as_str().unwrap(), case["record"].as_str().unwrap());
        for (key, expected) in [("matches", true), ("misses", false)] {
            for search in case.get(key).and_then(Toml::as_array).into_iter().flatten() {
                let search = search.as_str().unwrap();
                let mut fields = Fields::new(&crate::source::SOURCE.mappings);
                let (query, notices) = compiled(&document(search), &mut fields);
                judged += 1;
                match query {
                    None => wrong.push(format!("{file}: {says}: `{search}`: {notices:?}")),
                    Some(query) if selects(&query, &fields, record) != expected => {
                        wrong.push(format!("{file}: {says}: `{search}` should be in `{key}`"));
                    }
                    Some(_) => {}
                }
            }
        }
    });
    assert!(judged > 300, "{judged} cases");
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The text that each clause's span holds, which explanations show.
#[test]
fn clauses_know_their_place() {
    let text = "title: é\ndetection:\n  s:\n    a|contains:\n      - x\n      - y\n    'b|all': [1, 2]\n  condition: s\n";
    let mut fields = Fields::new(&crate::source::SOURCE.mappings);
    let (query, _) = compiled(text, &mut fields);
    let detection = &text[text.find("detection").unwrap()..];
    let query = query.unwrap();
    let spans: Vec<&str> =
        query.predicate.clauses().map(|clause| &detection[clause.span.clone()]).collect();
    assert_eq!(spans, ["a|contains:\n      - x\n      - y", "1", "2"]);
}

/// A list of any length is one clause.
#[test]
fn a_long_list_is_one_clause() {
    let values: Vec<String> = (0..100_000).map(|n| format!("v{n}")).collect();
    let text = document(&format!("{{a: [{}]}}", values.join(",")));
    let mut fields = Fields::new(&crate::source::SOURCE.mappings);
    let (query, _) = compiled(&text, &mut fields);
    let query = query.unwrap();
    assert_eq!(query.predicate.clauses().count(), 1);
    assert!(selects(&query, &fields, r#"{"a":"V99999"}"#));
    assert!(!selects(&query, &fields, r#"{"a":"v100000"}"#));
}

/// Texts that are made to take long, or much stack. None of them may.
#[test]
fn hostile_documents() {
    let condition = |text: String| format!("detection:\n  s: {{a: b}}\n  condition: {text}\n");
    let many = |part: &str, count: usize| part.repeat(count);
    for (name, text, code) in [
        ("not", condition(many("not ", 250_000) + "s"), None),
        ("not without end", condition(many("not ", 250_000)), Some("sigma-condition")),
        ("open", condition(many("(", 1_000_000)), Some("sigma-deep")),
        ("nested", condition(many("(", 900) + "s" + &many(")", 900)), None),
        ("and", condition(many("s and ", 20_000) + "s"), None),
        ("or", condition(many("s or ", 210_000) + "s"), Some("sigma-condition-too-large")),
        ("of", condition(many("1 of s* or ", 20_000) + "s"), None),
        ("flow", format!("detection: {}", many("[", 1_000_000)), Some("yaml-deep")),
        ("block", format!("detection:\n  {}", many("- ", 500_000)), Some("yaml-deep")),
        ("keys", many("? ", 500_000), Some("yaml-deep")),
        (
            "searches",
            format!(
                "detection:\n{}",
                (0..2_000).map(|n| format!(" s{n}: x\n")).collect::<String>()
            ),
            Some("sigma-too-many-searches"),
        ),
        (
            "fields",
            document(&format!(
                "[{}]",
                (0..2_000).map(|n| format!("{{f{n}: x}},")).collect::<String>()
            )),
            Some("sigma-too-many-fields"),
        ),
        (
            "dots",
            document(&format!("{{? '{}': x}}", many("a.", 400_000))),
            Some("sigma-field-name"),
        ),
        (
            "regexes",
            document(&format!("{{a|re: [{}]}}", many("'(a|b)*c',", 1_000))),
            Some("sigma-too-many-regexes"),
        ),
        (
            "regex",
            document(&format!("{{a|re: '{}'}}", many("(a*)*", 180_000))),
            Some("sigma-regex"),
        ),
        ("power", document("{a|re: '((a{99}){99}){99}'}"), Some("sigma-regex")),
        (
            "dashes",
            document(&format!("{{a|windash: '{}'}}", many(" -a", 300_000))),
            Some("sigma-value"),
        ),
        ("stars", document(&format!("{{a: '{}'}}", many("*a", 400_000))), None),
        ("modifiers", document(&format!("{{? 'a{}': x}}", many("|all", 200_000))), None),
        (
            "bad modifier",
            document(&format!("{{? 'a|{}': x}}", many("x", 900_000))),
            Some("sigma-unknown-modifier"),
        ),
        ("maps", document(&format!("[{}]", many("{a: b},", 20_000))), None),
        ("maps half", document(&format!("[{}]", many("{a: b},", 65_000))), None),
        (
            "bombs",
            (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
                let former = many(&format!("*a{}, ", level - 1), 10);
                text + &format!("a{level}: &a{level} [{former}]\n")
            }),
            Some("yaml-alias"),
        ),
    ] {
        let (_, notices) = compiled(&text, &mut Fields::new(&crate::source::SOURCE.mappings));
        let found = notices
            .iter()
            .find(|notice| notice.severity != crate::query::notice::DiagnosticSeverity::Warning);
        assert_eq!(found.map(|notice| notice.code), code, "{name}");
        assert!(notices.len() <= 52, "{name}");
    }
}
