//! In: the `detection` of a Sigma rule. Out: a predicate on the record's own keys, or what is wrong.
//!
//! The meaning is that of the Sigma specification 2.1 (SigmaHQ/sigma-specification: rules, modifiers);
//! `docs/sigma.md` says it sentence by sentence.

mod condition;
mod item;
pub(crate) mod matcher;
mod modifier;
mod value;
pub(crate) mod yaml;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

use super::Query;
use super::diagnostic_sink::{Bounds, DiagnosticSink};
use super::expression::Expressions;
use super::notice::Notice;
use super::predicate::{Builder, ClauseId};
use crate::event::Fields;
use condition::Detection;
use item::Items;
use value::FormRoom;
use yaml::{Tree, YamlKind};

/// How many notices a document gets.
pub(crate) const NOTICES: Bounds = Bounds { most: 50, more: "sigma-more", text: "document" };

/// The modifiers that a detection's keys may have.
pub(crate) fn modifiers() -> impl Iterator<Item = &'static str> {
    modifier::names()
}

/// How many searches a rule may have, because each pattern of names is compared with all of them.
const MOST_SEARCHES: usize = 500;

/// What a rule's detection is read from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'t> {
    pub(crate) tree: &'t Tree,
    /// The text that the tree was read from.
    pub(crate) text: &'t str,
    /// The key and the map of the detection.
    pub(crate) detection: yaml::Entry<'t>,
    /// A key of it that is no search.
    pub(crate) other_key: Option<&'static str>,
    /// The keys that records may have at their top, if they are known.
    pub(crate) top_keys: &'static [&'static str],
}

/// Compiles a detection. The clauses' spans count from the detection's key. `None` if the
/// detection can't be used; the notes say why.
pub(crate) fn compile(
    source: Source<'_>,
    fields: &mut Fields,
    notes: &mut DiagnosticSink,
) -> Option<Query> {
    let Source { tree, text, detection, other_key, top_keys } = source;
    let before = notes.unusable();
    if !matches!(tree.kind(detection.value), YamlKind::Map(_)) {
        let message = "the detection must be a map of searches and a condition";
        notes.add(Notice::error("sigma-detection", tree.span(detection.value), message));
        return None;
    }
    let mut builder = Builder::default();
    let mut items = Items {
        tree,
        text,
        base: tree.span(detection.key).start,
        top_keys,
        fields,
        builder: &mut builder,
        notes,
        names: Vec::new(),
        known: HashSet::new(),
        regexes: 0,
        size: 0,
        forms: FormRoom::default(),
    };
    let mut searches = Vec::new();
    for entry in tree.entries(detection.value) {
        match entry.name {
            "condition" => {}
            name if other_key == Some(name) => {}
            "timeframe" => {
                let message = "a time frame is for conditions on several events";
                let notice = Notice::refused("sigma-timeframe", tree.span(entry.key), message);
                items.notes.add(notice.hint("this rule needs a system that counts events"));
            }
            _ if searches.len() >= MOST_SEARCHES => {
                let message = format!("the rule has more than {MOST_SEARCHES} searches");
                let span = tree.span(entry.key);
                items.notes.add(Notice::error("sigma-too-many-searches", span, message));
                return None;
            }
            name => {
                let size = items.size;
                let node = items.search(entry.value);
                // Errors are reported already; the condition is read all the same.
                let node = node.unwrap_or_else(|| items.builder.constant(false));
                let size = items.size.saturating_sub(size).max(1);
                searches.push((entry, Detection { name, node, size, used: false }));
            }
        }
    }
    let names = items.names;
    let (entries, mut detections): (Vec<_>, Vec<_>) = searches.into_iter().unzip();
    let root = conditions(source, &mut detections, &mut builder, notes)?;
    for (entry, detection) in entries.iter().zip(&detections) {
        if !detection.used {
            let message = format!("the condition doesn't use `{}`", detection.name);
            notes.add(Notice::warning("sigma-unused-search", tree.span(entry.key), message));
        }
    }
    if notes.unusable() > before {
        return None;
    }
    let (predicate, expressions) = (builder.finish(root), Expressions::default());
    Some(Query { predicate, expressions, names, output: None })
}

/// The condition, or several of which one is enough.
fn conditions(
    source: Source<'_>,
    detections: &mut [Detection<'_>],
    builder: &mut Builder,
    notes: &mut DiagnosticSink,
) -> Option<ClauseId> {
    let Source { tree, text, detection, .. } = source;
    let Some(entry) = tree.get(detection.value, "condition") else {
        let notice =
            Notice::error("sigma-no-condition", tree.span(detection.key), "there is no condition");
        let hint = "add `condition:` with the name of a search, such as `condition: selection`";
        notes.add(notice.hint(hint));
        return None;
    };
    let ids = match tree.kind(entry.value) {
        YamlKind::List(ids) => ids.as_slice(),
        _ => std::slice::from_ref(&entry.value),
    };
    let (mut nodes, mut clauses) = (Vec::new(), 0);
    for id in ids {
        let Some(condition) = tree.text(*id) else {
            let message = "a condition must be a text";
            notes.add(Notice::error("sigma-condition", tree.span(*id), message));
            return None;
        };
        let mut remarks = Vec::new();
        let node = condition::parse(condition, detections, builder, &mut remarks, &mut clauses);
        let node = node.map_err(|notice| remarks.push(notice)).ok();
        let span = tree.span(*id);
        for notice in remarks {
            let span = place(text, span.clone(), condition, notice.span.clone());
            notes.add(Notice { span, ..notice });
        }
        nodes.push(node?);
    }
    if nodes.is_empty() {
        let message = "there is no condition in the list";
        notes.add(Notice::error("sigma-no-condition", tree.span(entry.value), message));
        return None;
    }
    Some(builder.any(nodes))
}

/// Where a range of a scalar's value stands in the text. Quotes, indentation and folded lines change
/// nothing but blanks, so counting what isn't blank finds it.
pub(super) fn place(
    text: &str,
    span: Range<usize>,
    value: &str,
    range: Range<usize>,
) -> Range<usize> {
    let source = text.get(span.clone()).unwrap_or_default();
    let skipped = match source.chars().next() {
        Some('"' | '\'') => 1,
        Some('|' | '>') => source.find('\n').map_or(source.len(), |end| end + 1),
        _ => 0,
    };
    let dark = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let before = dark(value.get(..range.start).unwrap_or_default());
    let length = dark(value.get(range).unwrap_or_default());
    let body = source.get(skipped..).unwrap_or_default();
    let mut places = body.char_indices().filter(|(_, c)| !c.is_whitespace());
    let base = span.start + skipped;
    match places.nth(before) {
        None => span.end..span.end,
        Some((start, first)) => {
            let last = match length {
                0 => start,
                1 => start + first.len_utf8(),
                _ => places.nth(length - 2).map_or(start, |(at, c)| at + c.len_utf8()),
            };
            base + start..base + last
        }
    }
}
