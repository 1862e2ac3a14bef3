//! What a host tells the module, and what the module says about it.

use serde::{Deserialize, Serialize};

/// Rules and options for the module. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// Replaces the module's rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Document>>,
    /// Joins rules to those the module has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Document>,
    /// Replaces the options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
}

/// A rule document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// What diagnostics call it.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// The module's options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Options {
    /// What an alert frame holds.
    pub format: Format,
    /// Whether every byte of every record is read, whatever the rules ask for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// The rendering of an alert; see `docs/alerts.md`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// Tocsin's own alert.
    #[default]
    Json,
    /// One line for a person.
    Text,
    /// Elastic's alert document.
    Ecs,
    /// An OCSF Detection Finding.
    Ocsf,
}

/// What the module says to a configuration.
#[derive(Debug, Clone, Deserialize)]
pub struct Configured {
    /// Rules it now holds; absent where the configuration was refused.
    #[serde(default)]
    pub rules: u64,
    /// Warnings, or errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// A finding about a rule document. Lines and columns start at 1; a column counts characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The document's name.
    pub document: String,
    /// Where it begins.
    pub line: usize,
    /// Where it begins.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Where it ends: the column after the last character.
    pub end_column: usize,
    /// How bad it is.
    pub severity: Severity,
    /// The same from version to version.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The line's text.
    pub source: Option<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The configuration is refused.
    Error,
    /// The rule is of a kind that doesn't run here; it is left out, and the configuration holds.
    Refused,
    /// The configuration holds.
    #[serde(other)]
    Warning,
}
