//! In: a document of Sigma's that narrows rules of other documents. Out: what their records must satisfy, too.

use std::rc::Rc;

use crate::budget;
use crate::event::Fields;
use crate::query::expression::Expressions;
use crate::query::notice::Notice;
use crate::query::predicate::Predicate;
use crate::query::sigma::yaml::{Entry, YamlKind};
use crate::query::sigma::{Source, compile};
use crate::rule::diagnostic::{Diagnostic, locate};
use crate::rule::{Document, Rule};
use tocsin_wire::LogSource;

use super::Reader;

/// A condition that alerts of the rules that it names must satisfy, beside the rules' own.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// The document's name, and where in it the filter stands.
    document: String,
    at: usize,
    /// Ids, names or titles; nothing for all rules of the log source.
    rules: Option<Vec<String>>,
    source: LogSource,
    predicate: Predicate,
}

impl Filter {
    /// Whether an event, of a record of so many bytes, raises no alert. What can't be decided does.
    pub(crate) fn holds_back(&self, event: &crate::event::Event<'_>, record: usize) -> bool {
        budget::begin(record);
        let passes = self.predicate.holds(event, &Expressions::default());
        match budget::is_spent() {
            false => !passes,
            true => {
                self.predicate.decide(event, &Expressions::default(), &|_| None, record)
                    == Some(false)
            }
        }
    }

    /// Gives the filter to the rules it is for. One for none is a mistake, or its rules aren't loaded.
    pub(crate) fn join(self, rules: &mut [Rule], text: &str, diagnostics: &mut Vec<Diagnostic>) {
        let named = |rule: &Rule| match &self.rules {
            None => true,
            Some(names) => names.iter().any(|name| {
                *name == rule.id || *name == rule.name || rule.alias.as_ref() == Some(name)
            }),
        };
        let of_sigma = rules.iter_mut().filter(|rule| rule.source.is_some() && named(rule));
        let mut found = Vec::new();
        let mut elsewhere = None;
        for rule in of_sigma {
            if rule.source.as_ref().is_some_and(|source| self.source.holds(source)) {
                found.push(rule);
            } else {
                elsewhere = Some(rule.name.clone());
            }
        }
        if found.is_empty() {
            let message = match elsewhere.filter(|_| self.rules.is_some()) {
                Some(name) => format!("the filter is for another log source than its rule, {name}"),
                None => "the filter is for no rule here".to_owned(),
            };
            let hint = "`rules` lists ids of rules, or is `any` for all of the log source";
            let notice = Notice::warning("sigma-filter-no-rule", 0..0, message).hint(hint);
            let document = Document { name: &self.document, text };
            diagnostics.push(locate(document, self.at..self.at, notice));
        }
        let filter = Rc::new(self);
        found.into_iter().for_each(|rule| rule.filters.push(Rc::clone(&filter)));
    }

    /// The name of its document.
    pub(crate) fn document(&self) -> &str {
        &self.document
    }
}

impl<'t> Reader<'_, 't> {
    /// Reads a document that has the key `filter`.
    pub(super) fn filter(&mut self, entry: Entry<'t>, fields: &mut Fields) -> Option<Filter> {
        if !matches!(self.map.tree.kind(entry.value), YamlKind::Map(_)) {
            let message = "a filter must be a map of `rules`, searches and a condition";
            self.error("sigma-filter", entry.value, message, "");
            return None;
        }
        let rules = self.filtered_rules(entry)?;
        let source = Source {
            tree: self.map.tree,
            text: self.document.text,
            detection: entry,
            // No search: it says which rules are meant.
            other_key: Some("rules"),
            top_keys: self.top_keys(),
        };
        let query = compile(source, fields, self.notes)?;
        Some(Filter {
            document: self.document.name.to_owned(),
            at: self.map.tree.span(entry.key).start,
            rules,
            source: self.log_source(),
            predicate: query.predicate,
        })
    }

    /// The rules that a filter names; the inner nothing if it is for all of them.
    fn filtered_rules(&mut self, filter: Entry<'t>) -> Option<Option<Vec<String>>> {
        let hint = "list the rules' ids under `filter`, or write `rules: any`";
        let Some(entry) = self.map.tree.get(filter.value, "rules") else {
            self.error("sigma-filter", filter.key, "the filter names no `rules`", hint);
            return None;
        };
        let ids = match self.map.tree.kind(entry.value) {
            YamlKind::List(ids) => ids.as_slice(),
            YamlKind::Scalar(_) => std::slice::from_ref(&entry.value),
            YamlKind::Map(_) => &[],
        };
        let any =
            self.map.tree.text(entry.value).is_some_and(|text| text.eq_ignore_ascii_case("any"));
        if any || ids.is_empty() && matches!(self.map.tree.kind(entry.value), YamlKind::List(_)) {
            return Some(None);
        }
        let names: Option<Vec<String>> =
            ids.iter().map(|id| self.map.tree.text(*id).map(str::to_owned)).collect();
        if names.as_ref().is_none_or(Vec::is_empty) {
            self.error("sigma-filter", entry.value, "`rules` must be a list of texts", hint);
        }
        names.filter(|names| !names.is_empty()).map(Some)
    }
}
