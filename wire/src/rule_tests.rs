//! What `test` takes, and what it answers.

use serde::{Deserialize, Serialize};

use crate::{Diagnostic, Document};

/// A rule document and its tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRun {
    /// The rule, or rules, and the tests that stand in the same document.
    pub document: Document,
    /// The document beside it that holds tests, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Document>,
    /// Exceptions that stand in documents of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Document>,
    /// The records that tests name as files: each by the name that the test gives it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Document>,
}

/// The answer to a run of tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResults {
    /// How many rules the document has.
    pub rules: usize,
    /// The tests in the order in which they stand.
    pub tests: Vec<TestResult>,
    /// Warnings about the rules.
    pub diagnostics: Vec<Diagnostic>,
}

/// What came out of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// The test's name.
    pub name: String,
    /// The document that it stands in.
    pub document: String,
    /// The line where it begins.
    pub line: usize,
    /// Whether the outcome is the expected one.
    pub passed: bool,
    /// How it differs from what was expected.
    pub differences: Vec<TestDifference>,
}

/// A difference of expected and actual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestDifference {
    /// `no-alert`, `alert`, `part`, `unreadable`, `records`, `no-rule` or `detector`.
    pub kind: String,
    /// The same for a person, perhaps over several lines: what is expected after `-`, what is there after `+`.
    pub message: String,
    /// Of a part of the alert: `message`, `severity`, or a field's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the test expects there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<serde_json::Value>,
    /// What the alert has there; not there if it has nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<serde_json::Value>,
}
