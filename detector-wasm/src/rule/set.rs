//! In: documents. Out: all their rules, and the one layout that finds every field they read.

use std::borrow::Cow;

use std::collections::BTreeMap;
use tocsin_wire::limits::DOCUMENT_BYTES;

use super::diagnostic::{Diagnostic, locate};
use super::exceptions::ExceptionList;
use super::index::Index;
use super::prefilter::Prefilter;
use super::{Document, Rule, embedded, sigma, toml_rule};
use crate::alert::{AlertFields, Format, shown};
use crate::event::Fields;
use crate::event::envelope::Envelopes;
use crate::query::notice::Notice;
use crate::source::SOURCE;

/// A document that the set keeps, so that further ones can join it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) name: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
}

/// Rules that judge events together.
#[derive(Debug)]
pub(crate) struct RuleSet {
    pub(crate) documents: Vec<Kept>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) fields: Fields,
    pub(crate) envelopes: Envelopes,
    pub(crate) alert_fields: AlertFields,
    pub(crate) prefilter: Prefilter,
    pub(crate) index: Index,
}

impl RuleSet {
    /// The embedded rules.
    pub(crate) fn embedded() -> RuleSet {
        let kept = |document: &Document<'static>| Kept {
            name: Cow::Borrowed(document.name),
            text: Cow::Borrowed(document.text),
        };
        // A test sees to it that they load; whatever loads is used.
        RuleSet::load(embedded::DOCUMENTS.iter().map(kept).collect(), Format::default()).0
    }

    /// All rules of the documents. The set is whole only if no diagnostic is an error.
    pub(crate) fn load(documents: Vec<Kept>, format: Format) -> (RuleSet, Vec<Diagnostic>) {
        let mut fields = Fields::new(&SOURCE.mappings);
        let envelopes = Envelopes::new(&SOURCE.envelopes, &mut fields.layout);
        let alert_fields = AlertFields::new(&mut fields, format);
        let mut diagnostics = Vec::new();
        let mut loaded = Loaded::default();
        for kept in &documents {
            let document = Document { name: &kept.name, text: &kept.text };
            if document.text.len() > DOCUMENT_BYTES {
                let message = format!("the document is larger than {DOCUMENT_BYTES} bytes");
                let notice = Notice::error("rule-too-large", 0..0, message);
                diagnostics.push(locate(document, 0..0, notice));
                continue;
            }
            let load = if sigma::is_yaml(document) { sigma::load } else { toml_rule::load };
            load(document, &mut fields, &mut loaded, &mut diagnostics);
        }
        let mut rules = loaded.join(&documents, &mut diagnostics);
        rules.iter_mut().for_each(|rule| rule.shown = shown(rule));
        same_ids(&rules, &documents, &mut diagnostics);
        let prefilter = Prefilter::new(&rules, &fields);
        let index = Index::new(&rules, &fields);
        let set = RuleSet { documents, rules, fields, envelopes, alert_fields, prefilter, index };
        (set, diagnostics)
    }
}

/// What documents hold, before it is put together.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) rules: Vec<Rule>,
    /// Exceptions of documents of their own, with the document's name.
    pub(super) exceptions: Vec<(String, ExceptionList)>,
}

impl Loaded {
    /// Gives each list of exceptions to the rules it is for.
    #[inline(never)] // a frame of its own, live only while it runs
    fn join(mut self, documents: &[Kept], diagnostics: &mut Vec<Diagnostic>) -> Vec<Rule> {
        for (name, list) in self.exceptions {
            let mut used = false;
            for rule in self.rules.iter_mut().filter(|rule| list.is_for(&rule.id, &rule.name)) {
                rule.exceptions.push(list.exceptions.clone());
                used = true;
            }
            if !used {
                let text =
                    documents.iter().find(|kept| *kept.name == *name).map(|kept| &*kept.text);
                let document = Document { name: &name, text: text.unwrap_or_default() };
                diagnostics.push(ExceptionList::unused(document));
            }
        }
        self.rules
    }
}

/// Two rules with one id would raise alerts that can't be told apart.
#[inline(never)] // a frame of its own, live only while it runs
fn same_ids(rules: &[Rule], documents: &[Kept], diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for rule in rules {
        let Some(other) = first.insert(&rule.id, &rule.document) else { continue };
        let text =
            documents.iter().find(|kept| *kept.name == *rule.document).map(|kept| &*kept.text);
        let text = text.unwrap_or_default();
        let at = text.find(&rule.id).map_or(0..0, |at| at..at + rule.id.len());
        let message = format!("the rule id `{}` is already that of a rule in {other}", rule.id);
        let document = Document { name: &rule.document, text };
        let notice =
            Notice::error("rule-same-id", 0..0, message).hint("give one of them another id");
        diagnostics.push(locate(document, at, notice));
    }
}
