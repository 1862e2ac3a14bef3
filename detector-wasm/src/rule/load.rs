//! In: documents. Out: all their rules, and what is wrong with them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tocsin_wire::Options;
use tocsin_wire::limits::DOCUMENT_BYTES;

use super::diagnostic::{Diagnostic, locate};
use super::exceptions::ExceptionList;
use super::{Document, Rule, embedded, sigma, toml_rule};
use crate::event::Fields;
use crate::query::notice::Notice;

/// A document that a rule set keeps, so that further ones can join it.
#[derive(Debug, Clone)]
pub(crate) struct StoredDocument {
    pub(crate) name: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
}

/// The embedded rules' documents.
pub(crate) fn embedded() -> Vec<StoredDocument> {
    let stored = |document: &Document<'static>| StoredDocument {
        name: Cow::Borrowed(document.name),
        text: Cow::Borrowed(document.text),
    };
    embedded::DOCUMENTS.iter().map(stored).collect()
}

/// All rules of the documents, and the fields that they read. They are whole only if no diagnostic is an error.
pub(crate) fn load(
    documents: &[StoredDocument],
    options: &Options,
    fields: &mut Fields,
) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let now = options.now.and_then(|now| i64::try_from(now).ok());
    let mut loaded = Loaded { now, ..Loaded::default() };
    for stored in documents {
        let document = Document { name: &stored.name, text: &stored.text };
        if document.text.len() > DOCUMENT_BYTES {
            let message = format!("the document is larger than {DOCUMENT_BYTES} bytes");
            let notice = Notice::error("rule-too-large", 0..0, message);
            diagnostics.push(locate(document, 0..0, notice));
            continue;
        }
        let load = if sigma::is_yaml(document) { sigma::load } else { toml_rule::load };
        load(document, fields, &mut loaded, &mut diagnostics);
    }
    let rules = loaded.join(documents, &mut diagnostics);
    same_ids(&rules, documents, &mut diagnostics);
    (rules, diagnostics)
}

/// What documents hold, before it is put together.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The time by which exceptions may have ended.
    pub(super) now: Option<i64>,
    pub(super) rules: Vec<Rule>,
    /// Exceptions of documents of their own, with the document's name.
    pub(super) exceptions: Vec<(String, ExceptionList)>,
}

impl Loaded {
    /// Gives each list of exceptions to the rules it is for.
    #[inline(never)] // a frame of its own, live only while it runs
    fn join(
        mut self,
        documents: &[StoredDocument],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Rule> {
        if self.exceptions.is_empty() {
            return self.rules;
        }
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, rule) in self.rules.iter().enumerate() {
            for key in [by_id(&rule.id), by_name(&rule.name)] {
                places.entry(key).or_default().push(place);
            }
        }
        for (name, list) in self.exceptions {
            let keys = list.rule_ids.iter().map(|id| by_id(id));
            let keys = keys.chain(list.rule_names.iter().map(|name| by_name(name)));
            let mut meant: BTreeSet<usize> = BTreeSet::new();
            keys.filter_map(|key| places.get(&key)).for_each(|places| meant.extend(places));
            for place in &meant {
                if let Some(rule) = self.rules.get_mut(*place) {
                    rule.exceptions.push(Rc::clone(&list.exceptions));
                }
            }
            if meant.is_empty() {
                let text = documents
                    .iter()
                    .find(|stored| *stored.name == *name)
                    .map(|stored| &*stored.text);
                let document = Document { name: &name, text: text.unwrap_or_default() };
                diagnostics.push(ExceptionList::unused(document));
            }
        }
        self.rules
    }
}

/// What rules are found by: their ids, and their names.
fn by_id(id: &str) -> String {
    format!("id {id}")
}

fn by_name(name: &str) -> String {
    format!("name {name}")
}

/// Two rules with one id would raise alerts that can't be told apart.
#[inline(never)] // a frame of its own, live only while it runs
fn same_ids(rules: &[Rule], documents: &[StoredDocument], diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for rule in rules {
        let Some(other) = first.insert(&rule.id, &rule.document) else { continue };
        let text = documents
            .iter()
            .find(|stored| *stored.name == *rule.document)
            .map(|stored| &*stored.text);
        let text = text.unwrap_or_default();
        let at = text.find(&rule.id).map_or(0..0, |at| at..at + rule.id.len());
        let message = format!("the rule id `{}` is already that of a rule in {other}", rule.id);
        let document = Document { name: &rule.document, text };
        let notice =
            Notice::error("rule-same-id", 0..0, message).hint("give one of them another id");
        diagnostics.push(locate(document, at, notice));
    }
}
