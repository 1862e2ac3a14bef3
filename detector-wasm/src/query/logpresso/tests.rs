//! Runs the tables in `tests/logpresso`: what queries select and compute, and their diagnostics.

mod properties;

use std::fs;
use std::path::Path;

use toml::{Table, Value as Toml};

use super::compile;
use crate::event::capture::{Captures, Duplicates};
use crate::event::view::Shape;
use crate::event::{Event, Fields};
use crate::query::Query;
use crate::query::notice::{DiagnosticSeverity, Notice};

/// A query ready to judge records.
struct Judge {
    fields: Fields,
    query: Query,
}

impl Judge {
    fn new(query: &str) -> Result<Judge, Vec<Notice>> {
        let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
        compile(query, &[], &mut fields, &mut notices)
            .map(|query| Judge { fields, query })
            .ok_or(notices)
    }

    /// Gives the record to `see` in every reading of its equal keys, until it says true.
    fn readings(
        &self,
        record: &str,
        shape: Shape,
        see: &mut dyn FnMut(&Query, &Event<'_>) -> bool,
    ) -> bool {
        let mut captures = Captures::default();
        let end = captures.read(&self.fields.layout, record.as_bytes(), 0);
        assert_eq!(end.ok(), Some(record.len()), "no JSON: {record}");
        let readings = [Duplicates::Last, Duplicates::First];
        let readings = readings.iter().take(if captures.has_duplicates() { 2 } else { 1 });
        let (text, fields) = (record.as_bytes(), &self.fields);
        readings.into_iter().any(|duplicates| {
            let (captures, duplicates) = (&captures, *duplicates);
            see(&self.query, &Event { text, captures, fields, shape, duplicates })
        })
    }

    fn selects(&self, record: &str, shape: Shape) -> bool {
        self.readings(record, shape, &mut |query, event| query.selects(event))
    }

    /// What a name stands for, as JSON.
    fn value(&self, name: &str, record: &str, shape: Shape) -> String {
        let mut json = Vec::new();
        self.readings(record, shape, &mut |query, event| {
            let operand = query.named(name).expect("the query gives no such name");
            query.value(operand, event).write_json(&mut json);
            true
        });
        String::from_utf8(json).unwrap()
    }
}

/// The cases of a folder's tables, each with its file's name and the table.
fn cases(folder: &str, each: &mut dyn FnMut(&str, &Table, &Table)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "toml")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let table: Table = fs::read_to_string(file)
            .unwrap()
            .parse()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for case in table["case"].as_array().unwrap() {
            each(name, &table, case.as_table().unwrap());
        }
    }
}

fn text<'t>(case: &'t Table, key: &str) -> Option<&'t str> {
    case.get(key).map(|value| value.as_str().unwrap())
}

fn texts<'t>(case: &'t Table, key: &str) -> impl Iterator<Item = &'t str> {
    case.get(key)
        .and_then(Toml::as_array)
        .into_iter()
        .flatten()
        .map(|value| value.as_str().unwrap())
}

/// A case's record, or else its file's.
fn record<'t>(file: &'t Table, case: &'t Table) -> (&'t str, Shape) {
    let of = |table: &'t Table| {
        let raw = text(table, "raw").map(|raw| (raw, Shape::Raw));
        raw.or(text(table, "record").map(|record| (record, Shape::Normalised)))
    };
    of(case).or(of(file)).unwrap_or(("{}", Shape::Normalised))
}

#[test]
fn logpresso_cases() {
    let (mut count, mut sentences) = (0, 0);
    let mut wrong = Vec::new();
    cases("logpresso", &mut |name, file, case| {
        let says = text(case, "says").unwrap();
        let (record, shape) = record(file, case);
        let judge = |query: &str| {
            Judge::new(query)
                .unwrap_or_else(|notices| panic!("{name}: {says}: {query}: {notices:?}"))
        };
        sentences += 1;
        for (key, expected) in [("matches", true), ("misses", false)] {
            for query in texts(case, key) {
                // A bare condition is a search.
                let whole =
                    if query.starts_with('|') { query.into() } else { format!("search {query}") };
                if judge(&whole).selects(record, shape) != expected {
                    wrong.push(format!("{name}: {says}: {query}: not {expected:?}"));
                }
                if !query.starts_with('|') {
                    // And means the same when it is computed first.
                    let computed = judge(&format!("eval x = if({query}, true, false) | search x"));
                    if computed.selects(record, shape) != expected {
                        wrong.push(format!("{name}: {says}: computed: {query}: not {expected:?}"));
                    }
                }
                count += 1;
            }
        }
        for (expression, expected) in
            case.get("gives").and_then(Toml::as_table).into_iter().flatten()
        {
            let value = judge(&format!("eval it = {expression}")).value("it", record, shape);
            if value != expected.as_str().unwrap() {
                wrong.push(format!("{name}: {says}: {expression}: {value}, not {expected:?}"));
            }
            count += 1;
        }
        if let Some(query) = text(case, "query") {
            let judge = judge(query);
            for (key, expected) in case["values"].as_table().unwrap() {
                let value = judge.value(key, record, shape);
                if value != expected.as_str().unwrap() {
                    wrong.push(format!("{name}: {says}: {key}: {value}, not {expected:?}"));
                }
            }
            if case.contains_key("output") {
                let output: Vec<&str> = texts(case, "output").collect();
                assert_eq!(
                    judge.query.output.as_deref().unwrap_or_default(),
                    output,
                    "{name}: {says}"
                );
            }
            count += 1;
        }
    });
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(sentences >= 100 && count >= 250, "{sentences} sentences, {count} queries");
}

#[test]
fn logpresso_diagnostics() {
    let mut count = 0;
    cases("logpresso/diagnostics", &mut |file, _, case| {
        let query = text(case, "query").unwrap();
        let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
        let usable = compile(query, &[], &mut fields, &mut notices).is_some();
        let [notice] = notices.as_slice() else { panic!("{file}: {query}: {notices:?}") };
        let marks = text(case, "marks").unwrap();
        let marked = marks.len() - marks.trim_start().len()..marks.len();
        let offset = |place| query.char_indices().nth(place).map_or(query.len(), |(at, _)| at);
        // The end of the query is marked by a caret behind it.
        let span = offset(marked.start)..offset(marked.end);
        assert_eq!(Some(notice.code), text(case, "code"), "{file}: {query}: {notice:?}");
        assert_eq!(Some(&*notice.message), text(case, "message"), "{file}: {query}");
        assert_eq!(notice.hint.as_deref(), text(case, "hint"), "{file}: {query}");
        assert_eq!(notice.span, span, "{file}: {query}");
        assert_eq!(usable, notice.severity == DiagnosticSeverity::Warning, "{file}: {query}");
        count += 1;
    });
    assert!(count >= 30, "{count}");
}

#[test]
fn examples_of_functions_are_true() {
    const RECORD: &str = r#"{"eventTime":"2026-03-14T09:20:00Z","eventName":"StopLogging","requestParameters":{"name":"trail"}}"#;
    let mut wrong = Vec::new();
    for function in super::functions::all() {
        let doc = function.doc;
        assert!(doc.signature.starts_with(&format!("{}(", function.name)), "{}", function.name);
        assert!(!doc.meaning.is_empty() && !doc.examples.is_empty(), "{}", function.name);
        for (call, value) in doc.examples {
            assert!(call.contains(&format!("{}(", function.name)), "{call}");
            let found = match Judge::new(&format!("| eval r = {call}")) {
                Ok(judge) => judge.value("r", RECORD, Shape::Raw),
                Err(notices) => format!("{notices:?}"),
            };
            if found != *value {
                wrong.push(format!("{call} is {found}, not {value}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_shows_the_functions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/logpresso.md");
    let page = fs::read_to_string(&path).unwrap();
    let cell = |text: &str| text.replace('|', "\\|");
    let mut table = String::from("| function | meaning | for example |\n|---|---|---|\n");
    for function in super::functions::all() {
        let doc = function.doc;
        let examples = doc.examples.iter().map(|(call, value)| format!("`{call}` is `{value}`"));
        let examples = examples.collect::<Vec<_>>().join("; ");
        let row = [format!("`{}`", doc.signature), doc.meaning.to_owned(), examples];
        table += &format!("| {} |\n", row.map(|text| cell(&text)).join(" | "));
    }
    let (before, rest) = page.split_once("<!-- table: functions -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let filled = format!("{before}<!-- table: functions -->\n{table}<!-- end -->{after}");
    if std::env::var_os("TOCSIN_BLESS").is_some() {
        fs::write(&path, &filled).unwrap();
    } else {
        assert!(
            page == filled,
            "docs/logpresso.md isn't what functions say of themselves; TOCSIN_BLESS=1 writes it"
        );
    }
}
