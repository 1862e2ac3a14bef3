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
    former: &Options,
) -> Result<Change, Vec<Diagnostic>> {
    let options = configuration.options.map(|options| over(options, former));
    let holding = options.as_ref().unwrap_or(former);
    let same_rules = configuration.rules.is_none() && configuration.add.is_empty();
    let same_reading = || {
        let same_time = holding.now == former.now || !present().has_dated_exceptions();
        load_alike(holding, former) && same_time
    };
    let (rules, diagnostics) = if same_rules && same_reading() {
        (None, Vec::new())
    } else if same_rules {
        // The same rules, with the fields of another format. Their diagnostics were given
        // when they came.
        (Some(RuleSet::load(present().documents.clone(), holding).0), Vec::new())
    } else {
        let mut documents = match configuration.rules {
            Some(documents) => documents.into_iter().map(|text| stored(text, 0)).collect(),
            None => present().documents.clone(),
        };
        let list =
            documents.iter().map(|stored: &StoredDocument| stored.list + 1).max().unwrap_or(0);
        documents.extend(configuration.add.into_iter().map(|text| stored(text, list)));
        let (rules, diagnostics) = RuleSet::load(documents, holding);
        (Some(rules), diagnostics)
    };
    if !configuration.skip_broken && diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    Ok(Change { rules, options, diagnostics })
}

/// The options of a document, where it says nothing those that hold.
fn over(options: Options, former: &Options) -> Options {
    Options {
        inactive: options.inactive.or(former.inactive),
        logsource: options.logsource.or_else(|| former.logsource.clone()),
        ..options
    }
}

/// Whether the same documents give the same rules under both.
fn load_alike(one: &Options, other: &Options) -> bool {
    let alike = |one: &Options| {
        (one.format, one.facts, one.inactive, one.logsource.clone(), one.only_rules.clone())
    };
    alike(one) == alike(other)
}

fn stored(document: Document, list: u32) -> StoredDocument {
    StoredDocument { name: Cow::Owned(document.name), text: Cow::Owned(document.text), list }
}
