//! In: a field's name in a vocabulary. Out: where a record of each shape holds its value.
//!
//! These are the types of the tables; the tables are the log source's (`source/`). Adding a row adds a field.

use super::computed::Computed;
use super::vocabulary::Vocabulary;

/// What a field holds, for comparisons that depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    /// Compared exactly, case and all.
    Keyword,
    /// Compared word by word, in any case.
    Text,
    Boolean,
    Date,
    Ip,
    Number,
}

/// Where a raw record holds a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FieldSource {
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) field_type: FieldType,
    pub(crate) source: FieldSource,
    /// Other names that a normalised record may hold the value under.
    pub(crate) aliases: &'static [&'static str],
}

impl Row {
    pub(crate) const fn new(name: &'static str, source: FieldSource) -> Row {
        Row { name, field_type: FieldType::Keyword, source, aliases: &[] }
    }

    pub(crate) const fn typed(self, field_type: FieldType) -> Row {
        Row { field_type, ..self }
    }

    pub(crate) const fn or(self, aliases: &'static [&'static str]) -> Row {
        Row { aliases, ..self }
    }
}

/// A field whose name begins with a prefix holds what stands below a raw path.
#[derive(Debug)]
pub(crate) struct Subtree {
    pub(crate) prefix: &'static str,
    pub(crate) path: &'static str,
    /// Another name that a normalised record may hold the object under.
    pub(crate) alias: Option<&'static str>,
}

/// The fields of one vocabulary.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) rows: &'static [Row],
    pub(crate) subtrees: &'static [Subtree],
    /// Fields that hold objects as they are.
    pub(crate) maps: &'static [&'static str],
}

impl Mapping {
    /// The row of a name, if the vocabulary has it. What is absent is so with everything below it.
    pub(crate) fn row(&self, name: &str) -> Option<&'static Row> {
        self.rows.iter().find(|row| match (name.strip_prefix(row.name), row.source) {
            (Some(""), _) => true,
            (Some(rest), FieldSource::Absent(_)) => rest.starts_with('.'),
            _ => false,
        })
    }
}

/// The record's own keys need no table.
static RAW: Mapping = Mapping { rows: &[], subtrees: &[], maps: &[] };

/// A log source's fields, by vocabulary.
#[derive(Debug)]
pub(crate) struct Mappings {
    /// What messages call the source.
    pub(crate) source: &'static str,
    /// A path of a raw record, as hints show one.
    pub(crate) example_path: &'static str,
    pub(crate) ecs: Mapping,
    pub(crate) logpresso: Mapping,
}

impl Mappings {
    /// How a field's values compare, if that is known. Where a vocabulary calls an address a text, it still is one.
    pub(crate) fn compared_type(
        &'static self,
        vocabulary: Vocabulary,
        name: &str,
    ) -> Option<FieldType> {
        let row = self.of(vocabulary).row(name);
        let path = match row.map(|row| row.source) {
            Some(FieldSource::Path(path)) => path,
            Some(_) => return row.map(|row| row.field_type),
            None => name,
        };
        let is_address = |row: &Row| match row.source {
            FieldSource::Computed(computed) => {
                row.field_type == FieldType::Ip && computed.paths == [path]
            }
            _ => false,
        };
        if vocabulary != Vocabulary::Ecs && self.ecs.rows.iter().any(is_address) {
            return Some(FieldType::Ip);
        }
        row.map(|row| row.field_type)
    }

    /// The mapping of a vocabulary.
    pub(crate) fn of(&'static self, vocabulary: Vocabulary) -> &'static Mapping {
        match vocabulary {
            Vocabulary::Ecs => &self.ecs,
            Vocabulary::Logpresso => &self.logpresso,
            Vocabulary::Raw => &RAW,
        }
    }
}
