//! In: rules. Out: what judges events by all of them at once: the one layout that finds every field that they
//! read, what tells which records and rules can be passed over, and the fields that alerts show.

use crate::alert::{AlertFields, Format, shown};
use crate::event::Fields;
use crate::event::envelope::Envelopes;
use crate::rule::Rule;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::index::Index;
use crate::rule::load::{self, StoredDocument};
use crate::rule::prefilter::Prefilter;
use crate::source::SOURCE;

/// Rules that judge events together.
#[derive(Debug)]
pub(crate) struct RuleSet {
    pub(crate) documents: Vec<StoredDocument>,
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
        // A test sees to it that they load; whatever loads is used.
        RuleSet::load(load::embedded(), Format::default()).0
    }

    /// All rules of the documents. The set is whole only if no diagnostic is an error.
    pub(crate) fn load(
        documents: Vec<StoredDocument>,
        format: Format,
    ) -> (RuleSet, Vec<Diagnostic>) {
        let mut fields = Fields::new(&SOURCE.mappings);
        let envelopes = Envelopes::new(&SOURCE.envelopes, &mut fields.layout);
        let alert_fields = AlertFields::new(&mut fields, format);
        let (mut rules, diagnostics) = load::load(&documents, &mut fields);
        rules.iter_mut().for_each(|rule| rule.shown = shown(rule));
        let prefilter = Prefilter::new(&rules, &fields);
        let index = Index::new(&rules, &fields);
        let set = RuleSet { documents, rules, fields, envelopes, alert_fields, prefilter, index };
        (set, diagnostics)
    }
}
