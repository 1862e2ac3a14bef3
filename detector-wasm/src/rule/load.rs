//! In: documents. Out: all their rules, and what is wrong with them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tocsin_wire::Options;
use tocsin_wire::limits::DOCUMENT_BYTES;

use super::diagnostic::{Diagnostic, locate};
use super::elastic::{self, ExceptionList};
use super::{Document, Rule, embedded, sigma};
use crate::event::Fields;
use crate::query::notice::Notice;
use crate::room;

/// A document that a rule set keeps, so that further ones can join it.
#[derive(Debug, Clone)]
pub(crate) struct StoredDocument {
    pub(crate) name: Cow<'static, str>,
    pub(crate) text: Cow<'static, str>,
    /// Which of the lists that were added one after the other it came in.
    pub(crate) list: u32,
}

/// The embedded rules' documents.
pub(crate) fn embedded() -> Vec<StoredDocument> {
    let stored = |document: &Document<'static>| StoredDocument {
        name: Cow::Borrowed(document.name),
        text: Cow::Borrowed(document.text),
        list: 0,
    };
    embedded::DOCUMENTS.iter().map(stored).collect()
}

/// All rules of the documents, if the options say so those, too, that their authors have set aside, and the fields that
/// they read. They are whole only if no diagnostic is an error; what has errors is not among them.
pub(crate) fn load(
    documents: &[StoredDocument],
    options: &Options,
    fields: &mut Fields,
) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let now = options.now.and_then(|now| i64::try_from(now).ok());
    let inactive = options.inactive.unwrap_or(false);
    let mut loaded = Loaded { now, inactive, ..Loaded::default() };
    let mut lists = Vec::new();
    for stored in documents {
        let document = Document { name: &stored.name, text: &stored.text };
        if document.text.len() > DOCUMENT_BYTES {
            let message = format!("the document is larger than {DOCUMENT_BYTES} bytes");
            let notice = Notice::error("rule-too-large", 0..0, message);
            diagnostics.push(locate(document, 0..0, notice));
            continue;
        }
        if !room::is_there_for_document(document.text) {
            diagnostics.push(no_room(document));
            continue;
        }
        let load = if sigma::is_yaml(document) { sigma::load } else { elastic::load };
        load(document, fields, &mut loaded, &mut diagnostics);
        lists.resize(loaded.rules.len(), stored.list);
    }
    one_for_each_id(&mut loaded.rules, &lists, documents, &mut diagnostics);
    (loaded.join(documents, &mut diagnostics), diagnostics)
}

/// The code of what says that a document has no room.
pub(crate) const NO_ROOM: &str = "no-room";

/// The memory is too small for a document.
pub(crate) fn no_room(document: Document<'_>) -> Diagnostic {
    let message = "the memory has no room for the document's rules";
    locate(document, 0..0, Notice::error(NO_ROOM, 0..0, message))
}

/// What documents hold, before it is put together.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The time by which exceptions may have ended.
    pub(super) now: Option<i64>,
    pub(super) rules: Vec<Rule>,
    /// Whether rules are taken, too, that their authors have set aside.
    pub(super) inactive: bool,
    /// Exceptions of documents of their own, with the document's name.
    pub(super) exceptions: Vec<(String, ExceptionList)>,
    pub(super) filters: Vec<sigma::Filter>,
}

impl Loaded {
    /// Gives each list of exceptions, and each filter, to the rules it is for.
    #[inline(never)] // a frame of its own, live only while it runs
    fn join(
        mut self,
        documents: &[StoredDocument],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Rule> {
        if self.exceptions.is_empty() && self.filters.is_empty() {
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
        for filter in self.filters {
            let text = documents.iter().find(|stored| *stored.name == *filter.document());
            let text = text.map_or("", |stored| &*stored.text);
            filter.join(&mut self.rules, text, diagnostics);
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

/// Two rules with one id would raise alerts that look the same. One of a later list takes the place of
/// the former; in one list it is a mistake, and the first stays.
#[inline(never)] // a frame of its own, live only while it runs
fn one_for_each_id(
    rules: &mut Vec<Rule>,
    lists: &[u32],
    documents: &[StoredDocument],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut stays = vec![true; rules.len()];
    let leave_out = |stays: &mut Vec<bool>, place: usize| {
        if let Some(stays) = stays.get_mut(place) {
            *stays = false;
        }
    };
    for (place, rule) in rules.iter().enumerate() {
        let Some(former) = first.insert(&rule.id, place) else { continue };
        let other = rules.get(former).map_or("", |rule| &rule.document);
        let notice = if lists.get(former) < lists.get(place) {
            leave_out(&mut stays, former);
            let message = format!(
                "the rule takes the place of the one with its id, `{}`, in {other}",
                rule.id
            );
            Notice::warning("rule-replaced", 0..0, message)
                .hint("give it another id if both are to run")
        } else {
            leave_out(&mut stays, place);
            first.insert(&rule.id, former);
            let message = format!("the rule id `{}` is already that of a rule in {other}", rule.id);
            Notice::error("rule-same-id", 0..0, message).hint("give one of them another id")
        };
        let text = documents
            .iter()
            .find(|stored| *stored.name == *rule.document)
            .map(|stored| &*stored.text);
        let text = text.unwrap_or_default();
        let at = text.find(&rule.id).map_or(0..0, |at| at..at + rule.id.len());
        let document = Document { name: &rule.document, text };
        diagnostics.push(locate(document, at, notice));
    }
    let mut stays = stays.into_iter();
    rules.retain(|_| stays.next() == Some(true));
}
