//! In: a search of a detection: maps of fields, lists of them, keywords. Out: a node of the predicate.

mod kinds;
mod plain;

use std::collections::HashSet;
use std::ops::Range;

use super::matcher::Matcher;
use super::modifier::{self, Key, ValueKind};
use super::value::FormRoom;
use super::yaml::{Entry, Tree, YamlId, YamlKind};
use crate::event::Fields;
use crate::event::names::{NamePattern, Names};
use crate::event::vocabulary::Vocabulary;
use crate::query::Operand;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::predicate::{Builder, ClauseId};
use crate::query::test::Test;

/// How many fields a rule may read: finding one among the keys of a record takes longer the more there
/// are beside it.
const MOST_FIELDS: usize = 1_000;

/// The longest name of a field, in bytes.
const LONGEST_NAME: usize = 512;

/// How many regular expressions a rule may have, because each compiles to much more than its text.
const MOST_REGEXES: usize = 200;

/// Compiles the searches of one rule.
pub(super) struct Items<'c, 't> {
    pub(super) tree: &'t Tree,
    /// The text that the tree was read from.
    pub(super) text: &'t str,
    /// Where in it the clauses' text begins.
    pub(super) base: usize,
    /// The keys that records may have at their top, if they are known.
    pub(super) top_keys: &'c [&'static str],
    pub(super) fields: &'c mut Fields,
    pub(super) builder: &'c mut Builder,
    pub(super) notes: &'c mut DiagnosticSink,
    /// The names of the fields, in the order in which they first appear.
    pub(super) names: Vec<(String, Operand)>,
    pub(super) known: HashSet<String>,
    pub(super) regexes: usize,
    /// How many clauses there are.
    pub(super) size: usize,
    /// Room for the forms that encodings give values.
    pub(super) forms: FormRoom,
}

/// A detection's item: a key and its values.
struct Item<'k> {
    key: Key<'k>,
    operand: Operand,
    span: Range<usize>,
}

impl<'t> Items<'_, 't> {
    /// A search. `None` if it has an error, which is reported.
    pub(super) fn search(&mut self, id: YamlId) -> Option<ClauseId> {
        match self.tree.kind(id) {
            YamlKind::Map(_) => self.map(id),
            YamlKind::Scalar(_) => self.keywords(&[id], self.tree.span(id)),
            YamlKind::List(parts) if parts.is_empty() => {
                self.empty(id);
                None
            }
            YamlKind::List(parts) => {
                let scalar = |id: &YamlId| self.tree.scalar(*id).is_some();
                let (words, others): (Vec<_>, Vec<_>) = parts.iter().copied().partition(scalar);
                let mut nodes = Vec::new();
                let mut whole = true;
                for part in others {
                    let node = match self.tree.kind(part) {
                        YamlKind::Map(_) => self.map(part),
                        _ => {
                            let message = "a list in a list has no meaning here";
                            self.error("sigma-nested-list", self.tree.span(part), message, "");
                            None
                        }
                    };
                    whole &= node.is_some();
                    nodes.extend(node);
                }
                if !words.is_empty() {
                    let node = self.keywords(&words, self.tree.span(id));
                    whole &= node.is_some();
                    nodes.extend(node);
                }
                whole.then(|| self.builder.any(nodes))
            }
        }
    }

    fn empty(&mut self, id: YamlId) {
        let message = "the search is empty";
        let hint = "give it fields with values, or leave it out";
        self.error("sigma-empty-search", self.tree.span(id), message, hint);
    }

    fn error(&mut self, code: &'static str, span: Range<usize>, message: &str, hint: &str) {
        let notice = Notice::error(code, span, message);
        self.notes.add(if hint.is_empty() { notice } else { notice.hint(hint) });
    }

    /// Every text, number and truth value of a record, so that a key that stands twice anywhere counts.
    fn everything(&mut self) -> Operand {
        self.fields.layout.watch_everything();
        let pattern = NamePattern::Everything;
        self.builder.named(Names { pattern, fields: Vec::new(), roots: Vec::new(), own: true })
    }

    /// Texts that any field may contain.
    fn keywords(&mut self, words: &[YamlId], span: Range<usize>) -> Option<ClauseId> {
        let key = modifier::parse("", |range| range).ok()?;
        let operand = self.everything();
        self.values(&Item { key, operand, span }, words)
    }

    /// Fields that must all fit.
    fn map(&mut self, id: YamlId) -> Option<ClauseId> {
        let tree = self.tree;
        let mut nodes = Vec::new();
        let mut whole = true;
        for entry in tree.entries(id) {
            let node = self.item(entry);
            whole &= node.is_some();
            nodes.extend(node);
        }
        if whole && nodes.is_empty() {
            self.empty(id);
            return None;
        }
        whole.then(|| self.builder.all(nodes))
    }

    fn item(&mut self, entry: Entry<'t>) -> Option<ClauseId> {
        let (tree, key_span) = (self.tree, self.tree.span(entry.key));
        let quoted =
            self.text.get(key_span.clone()).is_some_and(|key| key.starts_with(['"', '\'']));
        let start = key_span.start + usize::from(quoted);
        let place = |range: Range<usize>| start + range.start..start + range.end;
        let key = match modifier::parse(entry.name, place) {
            Ok(key) => key,
            Err(notice) => {
                self.notes.add(notice);
                return None;
            }
        };
        let operand = match key.field {
            Some(field) => self.field(field, place(0..field.len()))?,
            None => self.everything(),
        };
        let span = key_span.start..tree.span(entry.value).end.max(key_span.end);
        let item = Item { key, operand, span };
        match tree.kind(entry.value) {
            YamlKind::Scalar(_) => self.values(&item, &[entry.value]),
            YamlKind::List(values) if values.is_empty() => {
                let notice = Notice::warning(
                    "sigma-empty-list",
                    item.span.clone(),
                    "an empty list matches nothing",
                );
                self.notes.add(notice.hint("write the values, or leave the field out"));
                Some(self.builder.constant(false))
            }
            YamlKind::List(values) => {
                if let Some(part) = values.iter().find(|value| tree.scalar(**value).is_none()) {
                    let message = "a field's values must be texts, numbers, truth values or null";
                    self.error("sigma-nested-value", tree.span(*part), message, "");
                    return None;
                }
                self.values(&item, values)
            }
            YamlKind::Map(_) => {
                let message = "a field's value can't be a map";
                let example = self.fields.mappings().example_path;
                let hint = format!("write the inner field's name after a dot, such as `{example}`");
                self.error("sigma-nested-value", tree.span(entry.value), message, &hint);
                None
            }
        }
    }

    /// The operand of a field's name, which from now on is read.
    fn field(&mut self, name: &str, span: Range<usize>) -> Option<Operand> {
        if name.len() > LONGEST_NAME {
            let message = format!("the field's name is longer than {LONGEST_NAME} bytes");
            self.error("sigma-field-name", span, &message, "");
            return None;
        }
        if self.known.contains(name) {
            return Some(Operand::Field(self.fields.want(Vocabulary::Raw, name)));
        }
        if self.known.len() >= MOST_FIELDS {
            let message = format!("the rule reads more than {MOST_FIELDS} fields");
            self.error("sigma-too-many-fields", span, &message, "");
            return None;
        }
        self.known.insert(name.to_owned());
        let top = name.split('.').next().unwrap_or_default();
        if !self.top_keys.is_empty() && !self.top_keys.contains(&top) {
            let message = format!("records of {} have no `{top}`", self.fields.mappings().source);
            let notice = Notice::warning("sigma-unknown-field", span, message);
            self.notes.add(match nearest(top, self.top_keys.iter().copied()) {
                Some(near) => {
                    notice.hint(format!("did you mean `{near}`? Case counts in field names"))
                }
                None => notice.hint("field names are the record's own keys, joined by dots"),
            });
        }
        let operand = Operand::Field(self.fields.want(Vocabulary::Raw, name));
        self.names.push((name.to_owned(), operand.clone()));
        Some(operand)
    }

    /// One of the values, or all of them.
    fn values(&mut self, item: &Item<'_>, values: &[YamlId]) -> Option<ClauseId> {
        if !item.key.all {
            return self.any(item, values, item.span.clone());
        }
        if values.len() < 2 {
            let notice = Notice::warning(
                "sigma-all-single",
                item.span.clone(),
                "`all` is for several values",
            );
            self.notes.add(notice.hint("leave `|all` out, or give a list"));
        }
        let mut nodes = Vec::new();
        for value in values {
            nodes.push(self.any(item, &[*value], self.tree.span(*value))?);
        }
        Some(self.builder.all(nodes))
    }

    fn any(&mut self, item: &Item<'_>, values: &[YamlId], span: Range<usize>) -> Option<ClauseId> {
        let node = match item.key.kind {
            ValueKind::Plain => self.plain(item, values, &span)?,
            ValueKind::Regex => {
                let regexes =
                    self.each(values, |items, text, span| items.regex(item, text, span))?;
                self.clause(item, Matcher::Regexes(regexes), &span)
            }
            ValueKind::Network => {
                let networks = self.each(values, |items, text, span| items.network(text, span))?;
                self.clause(item, Matcher::Networks(networks), &span)
            }
            ValueKind::Number(order) => self.numbers(item, values, order, &span)?,
            ValueKind::Time(part, order) => self.time(item, values, part, order, &span)?,
            ValueKind::Exists => self.exists(item, values, &span)?,
            ValueKind::Field => return self.same_as(item, values, &span),
        };
        if !item.key.not_equal {
            return Some(node);
        }
        let value = self.clause(item, Matcher::Value, &span);
        let not = self.builder.not(node);
        Some(self.builder.all(vec![value, not]))
    }

    fn clause(&mut self, item: &Item<'_>, matcher: Matcher, span: &Range<usize>) -> ClauseId {
        self.test(item, Test::Sigma(matcher), span)
    }

    fn test(&mut self, item: &Item<'_>, test: Test, span: &Range<usize>) -> ClauseId {
        self.size += 1;
        let span = span.start.saturating_sub(self.base)..span.end.saturating_sub(self.base);
        self.builder.clause(item.operand.clone(), test, span)
    }

    /// Reads each value's text.
    fn each<V>(
        &mut self,
        values: &[YamlId],
        mut read: impl FnMut(&mut Self, &str, Range<usize>) -> Option<V>,
    ) -> Option<Vec<V>> {
        let tree = self.tree;
        let mut found = Vec::new();
        for value in values {
            let Some(text) = tree.text(*value) else {
                self.error("sigma-value", tree.span(*value), "null can't be the value here", "");
                return None;
            };
            found.push(read(self, text, tree.span(*value))?);
        }
        Some(found)
    }
}
