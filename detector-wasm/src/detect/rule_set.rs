//! In: rules. Out: what judges events by all of them at once: the one layout that finds every field that they
//! read, the prefilter and the index that pass over records and rules, and the fields that alerts show.

use std::collections::BTreeSet;

use tocsin_wire::Options;

use super::indexes::Indexes;
use super::provenance::NamedFields;
use crate::alert::{AlertFields, shown};
use crate::event::Fields;
use crate::event::envelope::Envelopes;
use crate::prefilter::literals::{MOST, Prefilter};
use crate::query::notice::Notice;
use crate::reading::EveryField;
use crate::room;
use crate::rule::diagnostic::{Diagnostic, locate};
use crate::rule::load::{self, StoredDocument};
use crate::rule::sources::Sources;
use crate::rule::{Document, Rule};
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
    pub(crate) indexes: Indexes,
    pub(crate) sources: Sources,
    pub(crate) named_fields: NamedFields,
}

impl RuleSet {
    /// The embedded rules.
    pub(crate) fn embedded() -> RuleSet {
        // A test sees to it that they load; whatever loads is used.
        RuleSet::load(load::embedded(), &Options::default()).0
    }

    /// No rules, and every field that there is a name for.
    pub(crate) fn of_every_field() -> (RuleSet, EveryField) {
        let mut set = RuleSet::load(Vec::new(), &Options::default()).0;
        let every = EveryField::want(&mut set.fields);
        (set, every)
    }

    /// Whether some exceptions may end, so that it matters what time it is.
    pub(crate) fn has_dated_exceptions(&self) -> bool {
        self.rules.iter().any(Rule::has_dated_exceptions)
    }

    /// All rules of the documents. The set is whole only if no diagnostic is an error; what has errors is not
    /// in it.
    pub(crate) fn load(
        documents: Vec<StoredDocument>,
        options: &Options,
    ) -> (RuleSet, Vec<Diagnostic>) {
        let mut fields = Fields::new(&SOURCE.mappings);
        let envelopes = Envelopes::new(&SOURCE.envelopes, &mut fields.layout);
        let alert_fields = AlertFields::new(&mut fields, options);
        let (mut rules, mut diagnostics) = load::load(&documents, options, &mut fields);
        if let Some(only) = &options.only_rules {
            let only: BTreeSet<&str> = only.iter().map(String::as_str).collect();
            rules.retain(|rule| only.contains(&*rule.id));
        }
        let bytes = documents.iter().map(|document| document.text.len()).sum();
        if let Some(stored) = documents.last().filter(|_| !room::is_there_for_index(bytes)) {
            let document = Document { name: &stored.name, text: &stored.text };
            diagnostics.push(load::no_room(document));
            rules.clear();
        }
        rules.iter_mut().for_each(|rule| rule.shown = shown(rule));
        let prefilter = Prefilter::new(&rules, &fields);
        diagnostics.extend(too_many_literals(&prefilter, &rules, &documents));
        let sources = Sources::new(&rules, options.logsource.as_ref());
        let named_fields = NamedFields::new(&rules, &mut fields, &sources);
        if !rules.iter().all(|rule| sources.admit_all(rule)) {
            fields.layout.look_for_top_keys(sources.top_keys());
        }
        let indexes = Indexes::new(&rules, &fields, &sources);
        let set = RuleSet {
            documents,
            rules,
            fields,
            envelopes,
            alert_fields,
            prefilter,
            indexes,
            sources,
            named_fields,
        };
        (set, diagnostics)
    }
}

/// Says that no record can be passed over unread, because there are too many literals to look for.
fn too_many_literals(
    prefilter: &Prefilter,
    rules: &[Rule],
    documents: &[StoredDocument],
) -> Option<Diagnostic> {
    let (count, most) = prefilter.too_many()?;
    let rule = rules.get(most)?;
    let stored = documents.iter().find(|stored| *stored.name == *rule.document)?;
    let document = Document { name: &stored.name, text: &stored.text };
    let message = format!(
        "the rules have {count} texts of which a record must hold one, more than the {MOST} that can be looked for: every \
         record is read"
    );
    let hint = format!(
        "the rule `{}` has most of them; with fewer, records that hold none are passed over unread, which takes about a \
         tenth of the time",
        rule.id
    );
    let at = document.text.find(&rule.id).map_or(0..0, |at| at..at + rule.id.len());
    let notice = Notice::warning(TOO_MANY_LITERALS, at.clone(), message).hint(hint);
    Some(locate(document, at, notice))
}

/// The code of what says so.
const TOO_MANY_LITERALS: &str = "rules-literals";
