//! In: a configuration document. Out: the rules and options it asks for, or what is wrong with it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::alert::Format;
use crate::rule::RuleSet;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::set::Kept;

/// What `configure` takes; see `docs/abi.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    rules: Option<Vec<DocumentText>>,
    #[serde(default)]
    add: Vec<DocumentText>,
    options: Option<Options>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentText {
    name: String,
    text: String,
}

/// How records are read and alerts are written.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    pub(crate) format: Format,
    /// Whether every byte of every record is read, whatever the rules ask for.
    pub(crate) strict: bool,
}

/// What a good configuration changes.
pub(crate) struct Change {
    pub(crate) rules: Option<RuleSet>,
    pub(crate) options: Option<Options>,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Configuration {
    /// Loads what the document names; all its diagnostics if one is an error. `present` are the rules so far,
    /// which `options` hold for; they aren't asked for if the document replaces them.
    pub(crate) fn apply<'a>(
        self,
        present: impl Fn() -> &'a RuleSet,
        options: Options,
    ) -> Result<Change, Vec<Diagnostic>> {
        let format = self.options.unwrap_or(options).format;
        let same_rules = self.rules.is_none() && self.add.is_empty();
        let (rules, diagnostics) = if same_rules && format.reads_as(options.format) {
            (None, Vec::new())
        } else if same_rules {
            // The same rules, with the fields of another format. What is to be said about them was said
            // when they came.
            (Some(RuleSet::load(present().documents.clone(), format).0), Vec::new())
        } else {
            let mut documents = match self.rules {
                Some(documents) => documents.into_iter().map(Kept::from).collect(),
                None => present().documents.clone(),
            };
            documents.extend(self.add.into_iter().map(Kept::from));
            let (rules, diagnostics) = RuleSet::load(documents, format);
            (Some(rules), diagnostics)
        };
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(diagnostics);
        }
        Ok(Change { rules, options: self.options, diagnostics })
    }
}

impl From<DocumentText> for Kept {
    fn from(document: DocumentText) -> Kept {
        Kept { name: Cow::Owned(document.name), text: Cow::Owned(document.text) }
    }
}
