//! In: a configuration document. Out: the rules and options it asks for, or what is wrong with it.

use std::borrow::Cow;

use tocsin_wire::{Configuration, Diagnostic, Document, Options};

use crate::detect::RuleSet;
use crate::rule::load::StoredDocument;

/// What a good configuration changes.
pub(crate) struct Change {
    pub(crate) rules: Option<RuleSet>,
    pub(crate) options: Option<Options>,
    /// Warnings.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Loads what the document names; all its diagnostics if one is an error. `present` are the rules so far,
/// which `options` hold for; they aren't asked for if the document replaces them.
pub(crate) fn apply<'a>(
    configuration: Configuration,
    present: impl Fn() -> &'a RuleSet,
    options: &Options,
) -> Result<Change, Vec<Diagnostic>> {
    let new = configuration.options.as_ref().unwrap_or(options);
    let same_rules = configuration.rules.is_none() && configuration.add.is_empty();
    let same_reading = || {
        let same_time = new.now == options.now || !present().has_dated_exceptions();
        new.format == options.format && same_time
    };
    let (rules, diagnostics) = if same_rules && same_reading() {
        (None, Vec::new())
    } else if same_rules {
        // The same rules, with the fields of another format. What is to be said about them was said
        // when they came.
        (Some(RuleSet::load(present().documents.clone(), new).0), Vec::new())
    } else {
        let mut documents = match configuration.rules {
            Some(documents) => documents.into_iter().map(StoredDocument::from).collect(),
            None => present().documents.clone(),
        };
        documents.extend(configuration.add.into_iter().map(StoredDocument::from));
        let (rules, diagnostics) = RuleSet::load(documents, new);
        (Some(rules), diagnostics)
    };
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    Ok(Change { rules, options: configuration.options, diagnostics })
}

impl From<Document> for StoredDocument {
    fn from(document: Document) -> StoredDocument {
        StoredDocument { name: Cow::Owned(document.name), text: Cow::Owned(document.text) }
    }
}
