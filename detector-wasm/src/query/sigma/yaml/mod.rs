//! In: a YAML text. Out: its documents as trees of nodes that know their place in the text.
//!
//! Only what rule files need: no tags but `!!str`, texts as keys. What aliases stand for is bounded, so a small file
//! can't become a large tree.

mod read;
mod scalar;

use std::ops::Range;

pub(crate) use read::parse;
pub(crate) use scalar::Scalar;

/// Names a node of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct YamlId(u32);

/// A value, its parts, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: YamlKind,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum YamlKind {
    Scalar(Scalar),
    List(Vec<YamlId>),
    /// Keys and values; the keys are scalars, each other than the rest.
    Map(Vec<(YamlId, YamlId)>),
}

/// The nodes of a text's documents. They lie in one list, so that giving them back takes no stack.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// A map's key and value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'t> {
    pub(crate) name: &'t str,
    pub(crate) key: YamlId,
    pub(crate) value: YamlId,
}

impl Tree {
    fn push(&mut self, kind: YamlKind, span: Range<usize>) -> YamlId {
        self.nodes.push(Node { kind, span });
        YamlId(self.nodes.len() as u32 - 1)
    }

    /// A map that holds the entries of one map and, under keys that this doesn't have, those of another; maps that both
    /// have under a key are joined the same way, as deep as `levels` says. Other nodes take the first's place.
    pub(crate) fn over(&mut self, own: YamlId, other: YamlId, levels: usize) -> YamlId {
        let (YamlKind::Map(mine), YamlKind::Map(theirs)) = (self.kind(own), self.kind(other))
        else {
            return own;
        };
        let (mine, theirs) = (mine.clone(), theirs.clone());
        let mut joined = Vec::new();
        for (key, value) in &theirs {
            let name = self.text(*key).unwrap_or_default().to_owned();
            let entry = mine.iter().find(|(key, _)| self.text(*key).unwrap_or_default() == name);
            joined.push(match (entry, levels.checked_sub(1)) {
                (None, _) => (*key, *value),
                (Some((key, own)), None) => (*key, *own),
                (Some((_, own)), Some(levels)) => (*key, self.over(*own, *value, levels)),
            });
        }
        let known: Vec<String> =
            theirs.iter().map(|(key, _)| self.text(*key).unwrap_or_default().to_owned()).collect();
        let new = mine.iter().filter(|(key, _)| {
            !known.iter().any(|known| known == self.text(*key).unwrap_or_default())
        });
        joined.extend(new.copied().collect::<Vec<_>>());
        let (one, two) = (self.span(own), self.span(other));
        self.push(YamlKind::Map(joined), one.start.min(two.start)..one.end.max(two.end))
    }

    /// What a node is. Every id comes from the tree itself.
    pub(crate) fn kind(&self, id: YamlId) -> &YamlKind {
        self.nodes.get(id.0 as usize).map_or(&YamlKind::Scalar(Scalar::Null), |node| &node.kind)
    }

    /// Where a node stands in the text.
    pub(crate) fn span(&self, id: YamlId) -> Range<usize> {
        self.nodes.get(id.0 as usize).map_or(0..0, |node| node.span.clone())
    }

    /// A node that holds no others.
    pub(crate) fn scalar(&self, id: YamlId) -> Option<&Scalar> {
        match self.kind(id) {
            YamlKind::Scalar(scalar) => Some(scalar),
            YamlKind::List(_) | YamlKind::Map(_) => None,
        }
    }

    /// A scalar's text as written; nothing for null and for what is no scalar.
    pub(crate) fn text(&self, id: YamlId) -> Option<&str> {
        self.scalar(id).and_then(Scalar::text)
    }

    /// A map's entries in the text's order; none of what is no map.
    pub(crate) fn entries(&self, id: YamlId) -> impl Iterator<Item = Entry<'_>> {
        let entries: &[(YamlId, YamlId)] = match self.kind(id) {
            YamlKind::Map(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|(key, value)| {
            let name = self.text(*key).unwrap_or_default();
            Entry { name, key: *key, value: *value }
        })
    }

    /// A map's value by its key.
    pub(crate) fn get(&self, id: YamlId, name: &str) -> Option<Entry<'_>> {
        self.entries(id).find(|entry| entry.name == name)
    }
}
