//! Runs the tables in `tests/kql`: what queries match, and their diagnostics.

mod properties;
mod reference;

use std::fs;
use std::path::Path;

use toml::{Table, Value as Toml};

use super::compile;
use crate::event::capture::{Captures, Duplicates};
use crate::event::view::Shape;
use crate::event::{Event, Fields};
use crate::query::Query;
use crate::query::notice::DiagnosticSeverity;

/// A query ready to judge records.
struct Judge {
    fields: Fields,
    query: Query,
}

impl Judge {
    fn new(query: &str) -> Judge {
        let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
        match compile(query, &mut fields, &mut notices) {
            Some(query) => Judge { fields, query },
            None => panic!("{query}: {notices:?}"),
        }
    }

    /// Whether the query selects the record in any reading of its equal keys.
    fn selects(&self, record: &str, shape: Shape) -> bool {
        let mut captures = Captures::default();
        let end = captures.read(&self.fields.layout, record.as_bytes(), 0);
        assert_eq!(end.ok(), Some(record.len()), "no JSON: {record}");
        let readings = [Duplicates::Last, Duplicates::First];
        let several = captures.has_duplicates()
            || self.query.predicate.looks_anywhere()
                && captures.has_duplicates_anywhere(record.as_bytes());
        let readings = readings.iter().take(if several { 2 } else { 1 });
        let fields = &self.fields;
        readings.into_iter().any(|duplicates| {
            let (captures, duplicates) = (&captures, *duplicates);
            let text = record.as_bytes();
            self.query.selects(&Event { text, captures, fields, shape, duplicates })
        })
    }
}

/// The tables of a folder, each with its file's name.
fn tables(folder: &str, mut each: impl FnMut(&str, &Table)) {
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

fn text<'t>(case: &'t Table, key: &str) -> Option<&'t str> {
    case.get(key).map(|value| value.as_str().unwrap())
}

#[test]
fn kql_cases() {
    let (mut judged, mut wrong) = (0, Vec::new());
    tables("kql", |file, case| {
        let says = text(case, "says").unwrap();
        let (record, shape) = match (text(case, "record"), text(case, "raw")) {
            (Some(record), None) => (record, Shape::Normalised),
            (None, Some(record)) => (record, Shape::Raw),
            _ => panic!("{file}: {says}: one of `record` and `raw`"),
        };
        for (key, expected) in [("matches", true), ("misses", false)] {
            for query in case.get(key).and_then(Toml::as_array).into_iter().flatten() {
                let query = query.as_str().unwrap();
                judged += 1;
                if Judge::new(query).selects(record, shape) != expected {
                    wrong.push(format!("{file}: {says}: `{query}` should be in `{key}`"));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn kql_diagnostics() {
    tables("kql/diagnostics", |file, case| {
        let query = text(case, "query").unwrap();
        let (mut fields, mut notices) = (Fields::new(&crate::source::SOURCE.mappings), Vec::new());
        let usable = compile(query, &mut fields, &mut notices).is_some();
        let [notice] = notices.as_slice() else { panic!("{file}: {query}: {notices:?}") };
        let marks = text(case, "marks").unwrap();
        let marked = marks.len() - marks.trim_start().len()..marks.len();
        let offset = |place| query.char_indices().nth(place).map_or(query.len(), |(at, _)| at);
        assert_eq!(Some(notice.code), text(case, "code"), "{file}: {query}: {notice:?}");
        assert_eq!(Some(&*notice.message), text(case, "message"), "{file}: {query}");
        assert_eq!(notice.hint.as_deref(), text(case, "hint"), "{file}: {query}");
        let span = offset(marked.start)..offset(marked.end);
        // The end of the query is marked by a caret of its own.
        let span = if span.start == query.len() { query.len()..query.len() } else { span };
        assert_eq!(notice.span, span, "{file}: {query}");
        assert_eq!(usable, notice.severity == DiagnosticSeverity::Warning, "{file}: {query}");
    });
}
