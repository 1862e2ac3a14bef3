//! The text of a rule document and of its tests in, the tests out.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use tocsin_wire::{Diagnostic, Document};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::toml_text::{self, Unread};

/// How the name of a document ends that holds the tests of the rule document beside it.
pub const ENDING: &str = ".tests.toml";

/// The keys that a test may have.
const KEYS: [&str; 7] = ["name", "matches", "record", "file", "message", "severity", "fields"];

/// The severities that an alert may have.
const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// How deep a value nests that a test expects.
const DEEPEST: usize = 8;

/// The way to records that stand in files: given the document that a test stands in and the name that it gives, the
/// bytes, or why there are none.
pub type Records<'r> = &'r dyn Fn(&str, &str) -> Result<Vec<u8>, String>;

/// A record and what a rule must make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// What the test shows, in a few words.
    pub name: String,
    /// The document that the test stands in, and the line where it begins.
    pub place: (String, usize),
    /// The record's bytes.
    pub record: Vec<u8>,
    /// Whether the rule raises an alert.
    pub matches: bool,
    /// The alert's message.
    pub message: Option<String>,
    /// The alert's severity.
    pub severity: Option<String>,
    /// Fields of the alert and the values they must have. Others aren't compared.
    pub fields: Map<String, Value>,
}

/// The name of the document that holds the tests of a rule document, if it isn't the same.
#[must_use]
pub fn beside(document: &str) -> String {
    let name = document.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match name.rfind('.') {
        Some(at) if at > 0 => document.len() - name.len() + at,
        _ => document.len(),
    };
    document.get(..stem).unwrap_or(document).to_owned() + ENDING
}

/// Whether a document holds exceptions for rules of other documents, or a filter of Sigma's, and no rule of its own.
#[must_use]
pub fn holds_exceptions(document: &Document) -> bool {
    let name = document.name.to_ascii_lowercase();
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        let has = |key: &str| {
            let mut lines = document.text.lines();
            lines.any(|line| {
                line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
            })
        };
        return has("filter") && !has("detection");
    }
    toml_text::parse(&document.text).is_ok_and(|root| {
        let root = root.get_ref();
        root.contains_key("exceptions") && !root.contains_key("rule")
    })
}

/// The tests of a rule document, and of the document beside it if there is one, in the order in which they stand.
/// `record` gives the records that tests name by their files.
///
/// # Errors
/// What is wrong with the tests. What is wrong with the rule is for the detector to say.
pub fn read(
    document: &Document,
    beside: Option<&Document>,
    record: Records<'_>,
) -> Result<Vec<RuleTest>, Vec<Diagnostic>> {
    let mut reader = Reader { record, tests: Vec::new(), wrong: Vec::new() };
    // A rule that isn't TOML at all is no document of tests.
    if document.name.ends_with(".toml")
        && let Ok(root) = toml_text::parse(&document.text)
    {
        reader.document(document, root.get_ref());
    }
    if let Some(beside) = beside {
        match toml_text::parse(&beside.text) {
            Ok(root) => reader.document(beside, root.get_ref()),
            Err(Unread { range, message }) => {
                reader.wrong(beside, Wrong::new(range, "test-table", message));
            }
        }
    }
    if reader.wrong.is_empty() { Ok(reader.tests) } else { Err(reader.wrong) }
}

/// What is wrong with a test.
struct Wrong {
    range: Range<usize>,
    code: &'static str,
    message: String,
}

impl Wrong {
    fn new(range: Range<usize>, code: &'static str, message: impl Into<String>) -> Wrong {
        Wrong { range, code, message: message.into() }
    }

    fn kind(range: Range<usize>, key: &str, expected: &str) -> Wrong {
        Wrong::new(range, "test-table", format!("`{key}` must be {expected}"))
    }
}

struct Reader<'r> {
    record: Records<'r>,
    tests: Vec<RuleTest>,
    wrong: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn wrong(&mut self, document: &Document, Wrong { range, code, message }: Wrong) {
        self.wrong.push(Diagnostic::error(&document.name, &document.text, range, code, &message));
    }

    /// Adds the tests of one document; whatever else it holds is for others.
    fn document(&mut self, document: &Document, root: &DeTable<'_>) {
        let Some(tests) = root.get("test") else { return };
        let Some(tests) = tests.get_ref().as_array() else {
            self.wrong(document, Wrong::kind(tests.span(), "test", "a list of tables: `[[test]]`"));
            return;
        };
        for test in tests {
            let Some(table) = test.get_ref().as_table() else {
                let wrong = Wrong::kind(test.span(), "test", "a list of tables: `[[test]]`");
                self.wrong(document, wrong);
                continue;
            };
            match self.test(document, table, test.span()) {
                Ok(test) => self.tests.push(test),
                Err(wrong) => self.wrong(document, wrong),
            }
        }
    }

    fn test(
        &self,
        document: &Document,
        table: &DeTable<'_>,
        span: Range<usize>,
    ) -> Result<RuleTest, Wrong> {
        if let Some((key, _)) = table.iter().find(|(key, _)| !KEYS.contains(&&**key.get_ref())) {
            let (shown, known) = (key.get_ref(), KEYS.map(|key| format!("`{key}`")).join(", "));
            let message = format!("a test has no key `{shown}`; its keys are {known}");
            return Err(Wrong::new(key.span(), "test-table", message));
        }
        let missing =
            |key: &str| Wrong::new(span.clone(), "test-table", format!("the test has no `{key}`"));
        let name = text(table, "name")?.ok_or_else(|| missing("name"))?;
        if self.tests.iter().any(|test| test.name == *name.0) {
            let message = "another test of the rule has this name";
            return Err(Wrong::new(name.1, "test-same-name", message));
        }
        let matches = table.get("matches").ok_or_else(|| missing("matches"))?;
        let matches = matches
            .get_ref()
            .as_bool()
            .ok_or_else(|| Wrong::kind(matches.span(), "matches", "`true` or `false`"))?;
        let expects = ["message", "severity", "fields"].into_iter().find_map(|key| table.get(key));
        if let (false, Some(expects)) = (matches, expects) {
            let message = "a test that expects no alert can't expect anything of the alert";
            return Err(Wrong::new(expects.span(), "test-table", message));
        }
        let severity = text(table, "severity")?;
        if let Some((severity, range)) = &severity
            && !SEVERITIES.contains(severity)
        {
            let message = format!(
                "there is no severity `{severity}`; there are {}",
                SEVERITIES.map(|known| format!("`{known}`")).join(", ")
            );
            return Err(Wrong::new(range.clone(), "test-table", message));
        }
        let line = Diagnostic::error(&document.name, &document.text, span.clone(), "", "").line;
        Ok(RuleTest {
            record: self.record(document, table, name.1)?,
            name: name.0.to_owned(),
            place: (document.name.clone(), line),
            matches,
            message: text(table, "message")?.map(|(text, _)| text.to_owned()),
            severity: severity.map(|(text, _)| text.to_owned()),
            fields: fields(table)?,
        })
    }

    /// The record of a test, which stands in it or has a name.
    fn record(
        &self,
        document: &Document,
        table: &DeTable<'_>,
        name_at: Range<usize>,
    ) -> Result<Vec<u8>, Wrong> {
        match (text(table, "record")?, text(table, "file")?) {
            (Some((record, _)), None) => Ok(record.as_bytes().to_vec()),
            (None, Some((file, range))) => (self.record)(&document.name, file)
                .map_err(|message| Wrong::new(range, "test-record", message)),
            (Some(_), Some((_, range))) => {
                let message = "the test has a `record` and a `file`; it judges one record";
                Err(Wrong::new(range, "test-record", message))
            }
            (None, None) => {
                let message = "the test has no record: write it as `record`, or its path as `file`";
                Err(Wrong::new(name_at, "test-record", message))
            }
        }
    }
}

/// A text and its place, if the key is there.
fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Result<Option<(&'t str, Range<usize>)>, Wrong> {
    let Some(value) = table.get(key) else { return Ok(None) };
    match value.get_ref().as_str() {
        Some(text) => Ok(Some((text, value.span()))),
        None => Err(Wrong::kind(value.span(), key, "a string")),
    }
}

/// What the test expects of the alert's fields.
fn fields(table: &DeTable<'_>) -> Result<Map<String, Value>, Wrong> {
    let Some(fields) = table.get("fields") else { return Ok(Map::new()) };
    match json(fields, DEEPEST)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(Wrong::kind(fields.span(), "fields", "a table")),
    }
}

/// A value as JSON has it.
fn json(value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Value, Wrong> {
    let wrong = |message: &str| Wrong::new(value.span(), "test-table", message);
    let Some(deeper) = depth.checked_sub(1) else {
        return Err(wrong("the value nests too deep"));
    };
    Ok(match value.get_ref() {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(truth) => Value::from(*truth),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            Value::from(number.map_err(|_| wrong("the number has no room in 64 bits"))?)
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            Value::Number(number.ok_or_else(|| wrong("JSON has no such number"))?)
        }
        DeValue::Datetime(_) => return Err(wrong("JSON has no dates: write it in quotes")),
        DeValue::Array(list) => {
            Value::Array(list.iter().map(|one| json(one, deeper)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => {
            let mut members = Map::new();
            for (key, value) in table.iter() {
                members.insert(key.get_ref().to_string(), json(value, deeper)?);
            }
            Value::Object(members)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Document {
        Document { name: "r.toml".into(), text: text.into() }
    }

    fn none(_: &str, name: &str) -> Result<Vec<u8>, String> {
        Err(format!("{name}: there are no files here"))
    }

    #[test]
    fn tests_stand_in_the_rule_and_beside_it() {
        let own = rule(
            "[rule]\n[[test]]\nname = \"a\"\nmatches = true\nrecord = '{}'\nseverity = \"low\"\n\
             fields = {n = 1, \"a.b\" = [\"x\", 2.5], deep = {er = false}}\n",
        );
        let beside = Document {
            name: "r.tests.toml".into(),
            text: "\n[[test]]\nname = \"b\"\nmatches = false\nfile = \"b.json\"\n".into(),
        };
        let record = |tests: &str, name: &str| Ok(format!("{tests} {name}").into_bytes());
        let tests = read(&own, Some(&beside), &record).unwrap();
        let [a, b] = tests.as_slice() else { panic!("{tests:?}") };
        assert_eq!((a.place.1, a.matches, a.record.as_slice()), (2, true, &b"{}"[..]));
        let fields = serde_json::json!({"n": 1, "a.b": ["x", 2.5], "deep": {"er": false}});
        assert_eq!(Value::Object(a.fields.clone()), fields);
        assert_eq!((b.place.1, b.record.as_slice()), (2, &b"r.tests.toml b.json"[..]));
        assert_eq!(
            (super::beside("x.d/r.yml"), super::beside("r")),
            ("x.d/r.tests.toml".into(), "r.tests.toml".into())
        );
    }

    #[test]
    fn each_wrong_test_is_named_with_its_place() {
        let text = "[[test]]\nname = \"a\"\nmatches = 1\n[[test]]\nmatches = true\n[[test]]\nname = \"b\"\n\
                    matches = true\nrecord = '{}'\nfields = {at = 2026-03-14}\n[[test]]\nname = \"c\"\nmatch = true\n\
                    [[test]]\nname = \"d\"\nmatches = true\nfile = \"d.json\"\n";
        let wrong = read(&rule(text), None, &none).unwrap_err();
        let said: Vec<_> = wrong.iter().map(|one| (one.line, &*one.code, &*one.message)).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert_eq!(said[0], (3, "test-table", "`matches` must be `true` or `false`"));
        assert_eq!(said[1], (4, "test-table", "the test has no `name`"));
        assert_eq!(said[2].0, 10);
        assert_eq!(said[3].0, 13);
        assert_eq!(said[4], (17, "test-record", "d.json: there are no files here"));
    }

    #[test]
    fn exceptions_and_filters_are_for_rules_of_other_documents() {
        for (name, text, expected) in [
            ("e.toml", "[[exceptions]]\n", true),
            ("r.toml", "[rule]\n[[exceptions]]\n", false),
            ("f.yml", "title: F\nfilter:\n  rules: any\n", true),
            ("f.YAML", "filter : {}\n", true),
            ("r.yml", "detection:\n  filter:\n    a: b\n", false),
            ("r.yml", "filter: x\ndetection: {}\n", false),
        ] {
            let document = Document { name: name.into(), text: text.into() };
            assert_eq!(holds_exceptions(&document), expected, "{name} {text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let dots = format!("[[test]]\nfields.{} = 1\n", ["a"; 100].join("."));
        assert!(read(&rule(&dots), None, &none).unwrap().is_empty());
        let beside = Document { name: "r.tests.toml".into(), text: dots };
        assert!(read(&rule(""), Some(&beside), &none).is_err());
        let deep = format!(
            "[[test]]\nname = \"a\"\nmatches = true\nrecord = ''\nfields = {{a = {}1{}}}\n",
            "[".repeat(20),
            "]".repeat(20)
        );
        assert!(read(&rule(&deep), None, &none).is_err());
    }
}
