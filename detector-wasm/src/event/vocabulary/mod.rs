//! In: a field's name in a rule's vocabulary. Out: where a record of each shape holds its value.
//!
//! One table a vocabulary. Adding a row adds a field; the page `docs/fields.md` is checked against them.

pub(crate) mod ecs;
pub(crate) mod logpresso;

use super::computed::Computed;

/// The names that a rule's query speaks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Vocabulary {
    /// Elastic Common Schema, as Elastic's AWS integration fills it.
    Ecs,
    /// The names that Logpresso gives to CloudTrail's keys.
    Logpresso,
    /// The record's own keys.
    Raw,
}

/// What a field holds, for comparisons that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compared exactly, case and all.
    Keyword,
    /// Compared word by word, in any case.
    Text,
    Boolean,
    Date,
    Ip,
    Number,
}

/// Where a raw CloudTrail record holds a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// At a path of the raw record.
    Path(&'static str),
    /// The same value in every record.
    Constant(&'static str),
    /// Worked out from several paths.
    Computed(Computed),
    /// Not in the record: it would need what the reason names.
    Absent(&'static str),
}

/// One field of a vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) source: Source,
    /// Other names that a normalised record may hold the value under.
    pub(crate) aliases: &'static [&'static str],
}

impl Row {
    const fn new(name: &'static str, source: Source) -> Row {
        Row { name, kind: Kind::Keyword, source, aliases: &[] }
    }

    const fn kind(self, kind: Kind) -> Row {
        Row { kind, ..self }
    }

    const fn or(self, aliases: &'static [&'static str]) -> Row {
        Row { aliases, ..self }
    }
}

/// A field whose name begins with a prefix holds what stands below a raw path.
pub(crate) struct Subtree {
    pub(crate) prefix: &'static str,
    pub(crate) path: &'static str,
    /// Another name that a normalised record may hold the object under.
    pub(crate) alias: Option<&'static str>,
}

impl Vocabulary {
    /// The vocabulary's table.
    pub(crate) fn rows(self) -> &'static [Row] {
        match self {
            Vocabulary::Ecs => ecs::TABLE,
            Vocabulary::Logpresso => logpresso::TABLE,
            Vocabulary::Raw => &[],
        }
    }

    /// The vocabulary's subtrees.
    pub(crate) fn subtrees(self) -> &'static [Subtree] {
        match self {
            Vocabulary::Ecs => ecs::SUBTREES,
            Vocabulary::Logpresso | Vocabulary::Raw => &[],
        }
    }

    /// The row of a name, if the vocabulary has it. What is absent is so with everything below it.
    pub(crate) fn row(self, name: &str) -> Option<&'static Row> {
        self.rows().iter().find(|row| match (name.strip_prefix(row.name), row.source) {
            (Some(""), _) => true,
            (Some(rest), Source::Absent(_)) => rest.starts_with('.'),
            _ => false,
        })
    }

    /// Whether values that say nothing (`""`, `-`, `none`, empty containers) count as absent in a raw
    /// record, as the ingest pipeline of Elastic's integration has it.
    pub(crate) fn cleans(self) -> bool {
        self == Vocabulary::Ecs
    }
}
