//! In: the case files of `tests/ecs`. Out: whether each record has the fields that its case expects.
//!
//! A case's `record` is read from the file's own bytes, so that escapes and keys that stand twice stay as
//! they are written. `expect` maps a field to its value, to a list of values, or to null for none;
//! `expect_first` does so for the reading in which the first of equal keys counts. `shape` is `raw` unless
//! it says `normalised`; `vocabulary` is ECS unless it says `logpresso`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::CLOUDTRAIL;
use crate::event::capture::{Captures, Duplicates};
use crate::event::mapping::FieldSource;
use crate::event::view::Shape;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, Fields, Value};

/// Field names, and whether some case expects a value or none.
type Seen = BTreeMap<String, (bool, bool)>;

fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ecs");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Judges all expectations of a case in one reading; says what differs.
fn judge(
    case: &Value<'_>,
    expect: &Value<'_>,
    reading: Duplicates,
    seen: &mut Seen,
) -> Vec<String> {
    let Some(Value::Object(record)) = case.member("record") else {
        return vec!["no record".into()];
    };
    let says = |key, text| case.member(key).is_some_and(|value| value.is_text(text));
    let shape = if says("shape", "normalised") { Shape::Normalised } else { Shape::Raw };
    let vocabulary =
        if says("vocabulary", "logpresso") { Vocabulary::Logpresso } else { Vocabulary::Ecs };
    let mut fields = Fields::new(&CLOUDTRAIL.mappings);
    let mut wanted = Vec::new();
    expect.members(&mut |name, value| {
        let id = fields.want(vocabulary, &name.decode());
        wanted.push((name.decode().into_owned(), id, elements(&value)));
        false
    });
    let mut captures = Captures::default();
    assert_eq!(captures.read(&fields.layout, record, 0), Ok(record.len()));
    let mut differences = Vec::new();
    if captures.has_duplicates() != case.member("expect_first").is_some() {
        differences.push(format!("a repeated key is seen: {}", captures.has_duplicates()));
    }
    let event =
        Event { text: record, captures: &captures, fields: &fields, shape, duplicates: reading };
    for (name, id, expected) in wanted {
        let mut found = Vec::new();
        event.any(id, &mut |value| {
            found.push(print(value));
            false
        });
        if found != expected {
            differences.push(format!("{name}: expected {expected:?}, found {found:?}"));
        }
        let (value, none) = seen.entry(name).or_default();
        *(if expected.is_empty() { none } else { value }) = true;
    }
    differences
}

/// The elements of an expected value; null has none.
fn elements(value: &Value<'_>) -> Vec<String> {
    let mut elements = Vec::new();
    value.any_element(&mut |element| {
        if *element != Value::Null {
            elements.push(print(element));
        }
        false
    });
    elements
}

/// A value so that a text, a truth value and a number can't be confused.
fn print(value: &Value<'_>) -> String {
    match value {
        Value::Text(_) | Value::Computed(_) => format!("{:?}", value.text().unwrap()),
        Value::Object(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.text().unwrap_or_default().into_owned(),
    }
}

#[test]
fn records_have_the_fields_that_the_cases_expect() {
    let mut seen = Seen::new();
    let (mut cases, mut failures) = (0, Vec::new());
    for (path, text) in files() {
        let file = Value::exact(text.trim().as_bytes()).unwrap();
        file.any_element(&mut |case| {
            let name = case.member("name").and_then(|name| name.text()).expect("a case has a name");
            for (key, reading) in
                [("expect", Duplicates::Last), ("expect_first", Duplicates::First)]
            {
                if let Some(expect) = case.member(key) {
                    let differences = judge(case, &expect, reading, &mut seen);
                    failures
                        .extend(differences.iter().map(|what| format!("{path}: {name}: {what}")));
                }
            }
            cases += 1;
            false
        });
    }
    assert!(cases > 0 && failures.is_empty(), "{}", failures.join("\n"));
    for row in CLOUDTRAIL.mappings.ecs.rows {
        let (value, none) = seen.get(row.name).copied().unwrap_or_default();
        assert!(value || matches!(row.source, FieldSource::Absent(_)), "no case has {}", row.name);
        assert!(none || always(row.name), "no case lacks {}", row.name);
    }
}

/// Whether a raw record always has the field.
fn always(name: &str) -> bool {
    let source = CLOUDTRAIL.mappings.ecs.row(name).map(|row| row.source);
    matches!(source, Some(FieldSource::Constant(_)))
        || matches!(name, "event.outcome" | "event.type")
}
