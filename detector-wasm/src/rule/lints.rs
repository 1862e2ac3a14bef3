//! In: a compiled query of a rule about the log source. Out: warnings where no record can do what the rule asks.
//!
//! What a record can hold is the source's table; a rule about another source is left alone.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{event_names, shown};
use crate::event::Fields;
use crate::event::mapping::FieldSource;
use crate::event::vocabulary::Vocabulary;
use crate::pattern::Pattern;
use crate::query::accepted::Accepted;
use crate::query::expression::Datum;
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::only_texts::only_texts;
use crate::query::predicate::{Clause, ClauseId, Node, Predicate};
use crate::query::test::Test;
use crate::query::{Operand, Query};
use crate::source::{FieldValues, SOURCE, Values};

/// How many warnings of a kind a query gets.
const MOST: usize = 20;

/// Warnings about fields that the source's records don't have; they are none about rules for other sources.
pub(super) const ABOUT_FIELDS: [&str; 2] = ["kql-unknown-field", "kql-absent-field"];

/// The data that a rule is about.
pub(super) enum About {
    /// The log source.
    Source,
    /// Other data, by the names of its data sets or, for want of these, of its indices.
    Other(Vec<String>),
}

/// What the rule is about, as far as its query and its indices tell.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn about(query: &Query, fields: &Fields, indices: &[String]) -> About {
    let known_datasets = SOURCE.datasets();
    let mut foreign = false;
    let mut datasets = Vec::new();
    for clause in query.predicate.clauses() {
        let Some((name, vocabulary)) = field_of(clause, fields) else { continue };
        if vocabulary != Vocabulary::Ecs || name.starts_with(SOURCE.own_fields) {
            return About::Source;
        }
        let known = SOURCE.values_of(name);
        for text in asked(&clause.test) {
            if known_datasets.is_some_and(|known| known.fields.contains(&name)) {
                datasets.push(text.to_owned());
            } else if text.ends_with(SOURCE.service_suffix)
                || known.is_some_and(|known| known.is_telling() && known.has(text))
            {
                return About::Source;
            }
        }
        foreign |= is_foreign(name);
    }
    if !datasets.is_empty() {
        let known = known_datasets.map_or(&[][..], |known| known.values.list());
        let is_known = |text: &String| {
            known.contains(&text.as_str()) || nearest(text, known.iter().copied()).is_some()
        };
        return if datasets.iter().any(is_known) { About::Source } else { About::Other(datasets) };
    }
    let told = indices.iter().any(|index| index.contains(SOURCE.index));
    if told || indices.is_empty() && !foreign {
        return About::Source;
    }
    About::Other(indices.to_vec())
}

/// Whether a field is one that some other source must fill.
fn is_foreign(name: &str) -> bool {
    let mapping = &SOURCE.mappings.ecs;
    let below = mapping.subtrees.iter().any(|subtree| is_below(name, subtree.prefix));
    let top = name.split('.').next().unwrap_or_default();
    name.contains('.')
        && mapping.row(name).is_none()
        && !below
        && !SOURCE.sigma.top_keys.contains(&top)
        && nearest(name, mapping.rows.iter().map(|row| row.name)).is_none()
}

fn is_below(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The field that a clause asks.
fn field_of<'f>(clause: &Clause, fields: &'f Fields) -> Option<(&'f str, Vocabulary)> {
    let Operand::Field(id) = &clause.operand else { return None };
    let field = fields.get(*id)?;
    Some((field.name.as_str(), field.vocabulary))
}

/// The texts that a test asks for by name, whatever their case.
fn asked(test: &Test) -> Vec<&str> {
    let Accepted::Texts(texts) = test.accepted() else { return Vec::new() };
    let exact = texts.exact.iter().map(String::as_str);
    exact.chain(texts.patterns.iter().filter_map(Pattern::literal)).collect()
}

/// Says which names and values no record has, and which clauses exclude each other.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn check(query: &Query, fields: &Fields) -> Vec<Notice> {
    let mut notices = event_names::check(query, fields);
    notices.extend(values(query, fields));
    notices.extend(contradictions(&query.predicate, fields));
    notices
}

fn values(query: &Query, fields: &Fields) -> Vec<Notice> {
    let mut notices = Vec::new();
    for clause in query.predicate.clauses() {
        let Some((name, _)) = field_of(clause, fields) else { continue };
        let Some(known) = SOURCE.values_of(name) else { continue };
        for text in asked(&clause.test) {
            if notices.len() == MOST {
                return notices;
            }
            notices.extend(value(name, text, known, clause.span.clone()));
        }
    }
    notices
}

/// The warning about a value, if no record has it.
fn value(name: &str, text: &str, known: &FieldValues, span: Range<usize>) -> Option<Notice> {
    // What differs in case alone is said elsewhere of names that are compared exactly, and is no matter to others.
    if known.has(text) {
        return None;
    }
    let source = SOURCE.mappings.source;
    let (near, hint) = match &known.values {
        Values::One => return None,
        Values::Only(list) => {
            let near = nearest(text, list.iter().copied());
            let several = || {
                let shown: Vec<String> = list.iter().map(|value| format!("`{value}`")).collect();
                format!("it is {}", shown.join(", "))
            };
            (near, near.map_or_else(several, |near| format!("did you mean `{near}`?")))
        }
        Values::Known(list) => {
            let near = likely(text, list)?;
            (Some(near), format!("did you mean `{near}`?"))
        }
    };
    let message = match near {
        Some(_) => format!("no {source} record has the value `{text}` in `{name}`"),
        None => format!("`{name}` is never `{text}` in a {source} record"),
    };
    Some(Notice::warning("rule-value", span, message).hint(hint))
}

/// The known value that was meant, if one is so near that chance doesn't explain it. Names of one family differ in
/// their verb or their number: those are all meant.
fn likely<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    // A service by its name alone.
    let whole = format!("{text}{}", SOURCE.service_suffix);
    if let Some(service) = known.iter().find(|known| **known == whole) {
        return Some(service);
    }
    let near = nearest(text, known.iter().copied())?;
    let (shorter, longer) = if text.len() < near.len() { (text, near) } else { (near, text) };
    if longer.strip_prefix(shorter).is_some_and(|rest| rest == "s" || rest.bytes().all(is_digit)) {
        return None;
    }
    let distance = strsim::osa_distance(&text.to_lowercase(), &near.to_lowercase());
    // A short name has neighbours by chance: two signs must be few of what stands behind the verb.
    let (own, other) = (verb(text), verb(near));
    let long = text.len() >= own.len().saturating_add(LONG);
    (distance <= 1 || own == other && long).then_some(near)
}

/// How long what stands behind a verb must be so that two wrong signs are taken for a slip.
const LONG: usize = 8;

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// The word that a name begins with.
fn verb(name: &str) -> &str {
    let end = name.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase());
    end.map_or(name, |(end, _)| name.get(..end).unwrap_or(name))
}

/// Says where clauses about a field with one value can't hold together.
fn contradictions(predicate: &Predicate, fields: &Fields) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    for node in predicate.nodes() {
        let Node::All(members) = node else { continue };
        let mut allowed: BTreeMap<&str, Vec<Box<str>>> = BTreeMap::new();
        for (clause, negated) in clauses_of(predicate, members) {
            let Some((name, _)) = field_of(clause, fields) else { continue };
            if SOURCE.values_of(name).is_none() {
                continue;
            }
            let exists = matches!(clause.test, Test::Exists);
            let left = match (allowed.get(name), only_texts(&clause.test), negated) {
                (None, Some(texts), false) => texts,
                (Some(former), Some(texts), false) => {
                    former.iter().filter(|text| texts.contains(text)).cloned().collect()
                }
                (Some(former), Some(texts), true) => {
                    former.iter().filter(|text| !texts.contains(text)).cloned().collect()
                }
                (Some(_), None, true) if exists => Vec::new(),
                _ => continue,
            };
            if left.is_empty() && notices.len() < MOST {
                let message = format!(
                    "`{name}` has one value, so this and what is asked of it before never hold together"
                );
                let notice = Notice::warning("rule-contradiction", clause.span.clone(), message)
                    .hint("join values by `or`");
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
            }
            allowed.insert(name, left);
        }
    }
    notices
}

/// The clauses that must all hold, and those that mustn't.
fn clauses_of<'p>(predicate: &'p Predicate, members: &[ClauseId]) -> Vec<(&'p Clause, bool)> {
    let mut found = Vec::new();
    let mut todo: Vec<ClauseId> = members.iter().rev().copied().collect();
    while let Some(id) = todo.pop() {
        match predicate.node(id) {
            Some(Node::Clause(clause)) => found.push((clause, false)),
            Some(Node::All(inner)) => todo.extend(inner.iter().rev()),
            Some(Node::Not(inner)) => {
                if let Some(Node::Clause(clause)) = predicate.node(*inner) {
                    found.push((clause, true));
                }
            }
            _ => {}
        }
    }
    found
}

/// The warnings about names that a rule shows and nothing fills.
pub(super) fn shown_names(
    names: Vec<String>,
    query: &Query,
    vocabulary: Vocabulary,
) -> impl Iterator<Item = Notice> {
    shown::distinct(names).filter_map(move |name| shown_name(&name, query, vocabulary))
}

/// The warning about a name that a rule shows, if nothing fills it.
#[inline(never)] // a frame of its own, live only while it runs
fn shown_name(name: &str, query: &Query, vocabulary: Vocabulary) -> Option<Notice> {
    let source = SOURCE.mappings.source;
    if let Some(operand) = query.named(name) {
        let constant = operand.expression().and_then(|id| query.expressions.constant(id));
        let message = format!("`{name}` is always null here");
        return matches!(constant, Some(Datum::Null)).then(|| {
            Notice::warning("rule-unknown-name", 0..0, message)
                .hint("the query drops it, or assigns null")
        });
    }
    let mapping = SOURCE.mappings.of(vocabulary);
    let top = name.split('.').next().unwrap_or_default();
    let row = mapping.row(name).map(|row| row.source);
    if let Some(FieldSource::Absent(needs)) = row {
        let message = format!("`{name}` needs {needs}: a raw {source} record doesn't have it");
        return Some(
            Notice::warning("rule-unknown-name", 0..0, message)
                .hint("it is shown of records that were enriched before they get here"),
        );
    }
    let known = row.is_some()
        || mapping.subtrees.iter().any(|subtree| is_below(name, subtree.prefix))
        || SOURCE.sigma.top_keys.contains(&top);
    if known {
        return None;
    }
    let names = query.names.iter().map(|(name, _)| name.as_str());
    let near = nearest(name, mapping.rows.iter().map(|row| row.name).chain(names));
    let message = format!("`{name}` is nothing that the query makes or a {source} record fills");
    let notice = Notice::warning("rule-unknown-name", 0..0, message);
    Some(match near {
        Some(near) => notice.hint(format!("did you mean `{near}`?")),
        None => notice.hint("it is shown of records that bring a field of this name themselves"),
    })
}
