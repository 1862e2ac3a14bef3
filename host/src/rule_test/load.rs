//! A rule document in, the tests that stand in it and beside it out.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use super::record_file;
use crate::detector::{Diagnostic, Document};

/// How the name of a file ends that holds the tests of the rule file beside it.
pub const ENDING: &str = ".tests.toml";

/// A rule document and its tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTests {
    /// The rule, or rules.
    pub document: Document,
    /// The tests, in the order in which they stand.
    pub tests: Vec<RuleTest>,
}

/// A record and what a rule must make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// What the test shows, in a few words.
    pub name: String,
    /// The file that the test stands in, and the line where it begins.
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

/// A file with tests in it; whatever else it holds is somebody else's.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    test: Vec<Spanned<Table>>,
}

/// A `[[test]]` table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: Spanned<String>,
    matches: bool,
    record: Option<Spanned<String>>,
    file: Option<Spanned<PathBuf>>,
    message: Option<Spanned<String>>,
    severity: Option<Spanned<Severity>>,
    fields: Option<Spanned<Map<String, Value>>>,
}

/// The severities that an alert may have.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl RuleTests {
    /// Finds the tests of a rule document, whose name is its path.
    ///
    /// # Errors
    /// What is wrong with the tests. What is wrong with the rule is for the module to say.
    pub fn read(document: Document) -> Result<RuleTests, Vec<Diagnostic>> {
        let path = PathBuf::from(&document.name);
        let (mut tests, mut wrong) = (Vec::new(), Vec::new());
        let has_tables = path.extension().is_some_and(|ending| ending == "toml");
        // If it isn't TOML at all, the module says so.
        if has_tables && toml::de::DeTable::parse(&document.text).is_ok() {
            read_tables(&document.name, &document.text, &mut tests, &mut wrong);
        }
        let beside = path.with_extension("tests.toml");
        match record_file::read_regular(&beside) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                read_tables(&beside.display().to_string(), &text, &mut tests, &mut wrong);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let name = beside.display().to_string();
                wrong.push(Diagnostic::error(&name, "", 0..0, "test-file", &error.to_string()));
            }
        }
        if wrong.is_empty() { Ok(RuleTests { document, tests }) } else { Err(wrong) }
    }
}

/// Whether a document holds exceptions for rules of other documents, and no rule of its own.
pub fn holds_exceptions(document: &Document) -> bool {
    toml::de::DeTable::parse(&document.text).is_ok_and(|root| {
        let root = root.get_ref();
        root.contains_key("exceptions") && !root.contains_key("rule")
    })
}

/// The tests of one file, added to those of its rule.
fn read_tables(name: &str, text: &str, tests: &mut Vec<RuleTest>, wrong: &mut Vec<Diagnostic>) {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let range = error.span().unwrap_or(0..0);
            wrong.push(Diagnostic::error(name, text, range, "test-table", error.message()));
            return;
        }
    };
    for table in file.test {
        let at = table.span();
        let known =
            tests.iter().any(|test: &RuleTest| test.name == *table.get_ref().name.get_ref());
        let test = match known {
            true => Err(Wrong::new(
                table.get_ref().name.span(),
                "test-same-name",
                "another test of the rule has this name".to_owned(),
            )),
            false => table.into_inner().into_test(Path::new(name)),
        };
        match test {
            Ok(test) => {
                let line = Diagnostic::error(name, text, at, "", "").line;
                tests.push(RuleTest { place: (name.to_owned(), line), ..test });
            }
            Err(Wrong { range, code, message }) => {
                wrong.push(Diagnostic::error(name, text, range, code, &message));
            }
        }
    }
}

/// What is wrong with a test.
struct Wrong {
    range: Range<usize>,
    code: &'static str,
    message: String,
}

impl Wrong {
    fn new(range: Range<usize>, code: &'static str, message: String) -> Wrong {
        Wrong { range, code, message }
    }
}

impl Table {
    fn into_test(self, path: &Path) -> Result<RuleTest, Wrong> {
        let name_at = self.name.span();
        let expects = [
            self.message.as_ref().map(Spanned::span),
            self.severity.as_ref().map(Spanned::span),
            self.fields.as_ref().map(Spanned::span),
        ];
        if let (false, Some(range)) = (self.matches, expects.into_iter().flatten().next()) {
            let message = "a test that expects no alert can't expect anything of the alert";
            return Err(Wrong::new(range, "test-table", message.to_owned()));
        }
        let record = match (self.record, self.file) {
            (Some(record), None) => record.into_inner().into_bytes(),
            (None, Some(file)) => {
                let range = file.span();
                record_file::read(path, &file.into_inner())
                    .map_err(|message| Wrong::new(range, "test-record", message))?
            }
            (Some(_), Some(file)) => {
                let message = "the test has a `record` and a `file`; it judges one record";
                return Err(Wrong::new(file.span(), "test-record", message.to_owned()));
            }
            (None, None) => {
                let message = "the test has no record: write it as `record`, or its path as `file`";
                return Err(Wrong::new(name_at, "test-record", message.to_owned()));
            }
        };
        Ok(RuleTest {
            name: self.name.into_inner(),
            place: Default::default(),
            record,
            matches: self.matches,
            message: self.message.map(Spanned::into_inner),
            severity: self.severity.map(|severity| severity.into_inner().name().to_owned()),
            fields: self.fields.map(Spanned::into_inner).unwrap_or_default(),
        })
    }
}
