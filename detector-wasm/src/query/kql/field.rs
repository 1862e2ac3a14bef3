//! In: a field's name in a query. Out: where its values are, and how they compare.

use std::collections::BTreeSet;
use std::ops::Range;

use super::lints::shorten;
use super::word::Word;
use crate::event::Fields;
use crate::event::mapping::{FieldSource, FieldType, Mapping};
use crate::event::names::{NamePattern, Names};
use crate::event::vocabulary::Vocabulary;
use crate::query::Operand;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;
use crate::query::predicate::Builder;

/// The vocabulary of KQL's field names.
const ECS: Vocabulary = Vocabulary::Ecs;

/// How many clauses a query may have that read a whole record or object: those without a field, with a
/// wildcard in its name, or between braces.
const MOST_READING_ALL: usize = 256;

/// How long a field's path may be, in bytes.
const LONGEST_PATH: usize = 1_024;

/// How many fields a query may name. An index of Elasticsearch has 1,000 by default.
const MOST_FIELDS: usize = 4_096;

/// Fields that the Elastic Common Schema and Elastic's integrations index by their words.
const FULL_TEXT: [&str; 3] = ["message", "error.message", "powershell.file.script_block_text"];

/// Keyword fields that it indexes by their words, too, under their name and `.text`.
const WITH_WORDS: [&str; 27] = [
    "client.user.full_name",
    "client.user.name",
    "destination.user.full_name",
    "destination.user.name",
    "dll.path",
    "error.stack_trace",
    "file.path",
    "file.target_path",
    "host.os.full",
    "host.os.name",
    "observer.os.name",
    "organization.name",
    "process.command_line",
    "process.executable",
    "process.name",
    "process.parent.command_line",
    "process.parent.executable",
    "process.parent.name",
    "process.parent.title",
    "process.parent.working_directory",
    "process.title",
    "process.working_directory",
    "source.user.full_name",
    "url.full",
    "url.original",
    "user.full_name",
    "user.name",
];

/// How a field's values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// As the vocabulary says.
    Known(FieldType),
    /// As texts, one by one: leaves of an object that is indexed as one field.
    Flattened,
    /// By what the record holds.
    Unknown,
}

/// The operands that a name stands for. A clause holds if it holds for one of them.
pub(super) type Targets = Vec<(Operand, Type)>;

/// Finds what names stand for, and remembers which diagnostics they had.
#[derive(Debug)]
pub(super) struct Resolver<'f> {
    fields: &'f mut Fields,
    seen: BTreeSet<String>,
    reading_all: usize,
}

impl<'f> Resolver<'f> {
    pub(super) fn new(fields: &'f mut Fields) -> Resolver<'f> {
        Resolver { fields, seen: BTreeSet::new(), reading_all: 0 }
    }

    /// What a name stands for in a record; without one, every field. `exists` if nothing but the field's
    /// existence is asked, which objects answer too.
    pub(super) fn in_record(
        &mut self,
        word: Option<&Word>,
        exists: bool,
        span: &Range<usize>,
        builder: &mut Builder,
        sink: &mut DiagnosticSink,
    ) -> Targets {
        let Some(word) = word.filter(|word| !word.is_null()) else {
            return self.matching(&NamePattern::Everything, span, builder, sink);
        };
        let Some(name) = word.plain() else {
            return self.matching(&NamePattern::new(&word.pieces), span, builder, sink);
        };
        if !self.may_name(name, word, sink) {
            return Vec::new();
        }
        let mapping = self.mapping();
        if let Some(base) = full_text(mapping, name) {
            return vec![(self.field(base), Type::Known(FieldType::Text))];
        }
        let kind = type_of(mapping, name);
        let whole = mapping.subtrees.iter().any(|subtree| subtree.prefix == name);
        let mut targets = vec![(self.field(name), kind)];
        if whole || (exists && kind == Type::Unknown && is_object(mapping, name)) {
            // The object as such, and what stands in it under its own name.
            let below = NamePattern::below(name);
            targets.extend(self.matching(&below, span, builder, sink));
            for (_, kind) in targets.iter_mut().filter(|(_, kind)| whole && *kind == Type::Unknown)
            {
                *kind = Type::Flattened;
            }
        }
        targets
    }

    /// The field whose objects are asked about.
    pub(super) fn object(&mut self, name: &str, word: &Word, sink: &mut DiagnosticSink) -> Operand {
        match self.may_name(name, word, sink) {
            true => self.field(name),
            false => member(name),
        }
    }

    /// The fields that KQL's names mean.
    fn mapping(&self) -> &'static Mapping {
        self.fields.mappings().of(ECS)
    }

    /// The field of an exact name.
    fn field(&mut self, name: &str) -> Operand {
        Operand::Field(self.fields.want(ECS, name))
    }

    /// What a name stands for in an object that is a value of the field `path`, and lies in a value of
    /// the record's field `outermost`.
    pub(super) fn in_object(
        &mut self,
        outermost: &str,
        path: &str,
        word: &Word,
        span: &Range<usize>,
        builder: &mut Builder,
        sink: &mut DiagnosticSink,
    ) -> Targets {
        if !self.may_read_all(span, sink) {
            return Vec::new();
        }
        match word.plain() {
            Some(name) => {
                let path = format!("{path}.{name}");
                if !self.count(&path, word, sink).is_allowed() {
                    return Vec::new();
                }
                self.watch(outermost, &path);
                vec![(member(name), type_of(self.mapping(), &path))]
            }
            None => {
                self.fields.layout.watch_everything();
                let pattern = NamePattern::new(&word.pieces);
                let names = Names { pattern, fields: Vec::new(), roots: Vec::new(), own: true };
                vec![(builder.named(names), Type::Unknown)]
            }
        }
    }

    /// Counts a clause that reads a whole record or object; complains once if it is one too many.
    fn may_read_all(&mut self, span: &Range<usize>, sink: &mut DiagnosticSink) -> bool {
        self.reading_all += 1;
        if self.reading_all == MOST_READING_ALL + 1 {
            sink.add(
                Notice::error(
                    "kql-too-many-wide-clauses",
                    span.clone(),
                    format!(
                        "expected at most {MOST_READING_ALL} clauses without a field, with a wildcard \
                         in its name, or between braces; found more"
                    ),
                )
                .hint("name the fields that are meant, and put values of one field into a list"),
            );
        }
        self.reading_all <= MOST_READING_ALL
    }

    /// Counts a field of the query. Complains once if it is one too many, and of one that is too long.
    fn count(&mut self, path: &str, word: &Word, sink: &mut DiagnosticSink) -> Counted {
        if path.len() > LONGEST_PATH {
            sink.add(Notice::error(
                "kql-field-too-long",
                word.span.clone(),
                format!(
                    "expected a field's path of at most {LONGEST_PATH} bytes, found a longer one"
                ),
            ));
            return Counted::Refused;
        }
        if self.seen.contains(path) {
            return Counted::Again;
        }
        if self.seen.len() > MOST_FIELDS {
            return Counted::Refused;
        }
        self.seen.insert(path.to_owned());
        if self.seen.len() == MOST_FIELDS + 1 {
            sink.add(Notice::error(
                "kql-too-many-fields",
                word.span.clone(),
                format!("expected at most {MOST_FIELDS} different fields, found more"),
            ));
            return Counted::Refused;
        }
        Counted::New
    }

    /// Makes a key that stands twice in an object of a field count as such.
    fn watch(&mut self, outermost: &str, path: &str) {
        let Operand::Field(id) = self.field(outermost) else { return };
        let Some(rest) = path.strip_prefix(outermost) else { return };
        let keys: Vec<&str> = rest.trim_start_matches('.').split('.').collect();
        self.fields.watch_member(id, &keys);
    }

    fn matching(
        &mut self,
        pattern: &NamePattern,
        span: &Range<usize>,
        builder: &mut Builder,
        sink: &mut DiagnosticSink,
    ) -> Targets {
        if !self.may_read_all(span, sink) {
            return Vec::new();
        }
        let groups = self.fields.want_named(ECS, pattern);
        groups
            .into_iter()
            .map(|(kind, names)| (builder.named(names), kind.map_or(Type::Unknown, Type::Known)))
            .collect()
    }

    /// Whether the query may name one more field; says what is notable about it, once.
    fn may_name(&mut self, name: &str, word: &Word, sink: &mut DiagnosticSink) -> bool {
        let counted = self.count(name, word, sink);
        if counted == Counted::New && !sink.is_full() {
            self.lint(name, word, sink);
        }
        counted.is_allowed()
    }

    fn lint(&self, name: &str, word: &Word, sink: &mut DiagnosticSink) {
        let mapping = self.mapping();
        if let Some(needed) = absent(mapping, name) {
            sink.add(
                Notice::warning(
                    "kql-absent-field",
                    word.span.clone(),
                    format!(
                        "`{}` needs {needed}: a raw {} record doesn't have it",
                        shorten(name),
                        self.fields.mappings().source
                    ),
                )
                .hint("it matches only records that were enriched before they get here"),
            );
        } else if mapping.row(name).is_none()
            && type_of(mapping, name) == Type::Unknown
            && !is_object(mapping, name)
        {
            self.warn_of_unknown(name, word, sink);
        }
    }

    fn warn_of_unknown(&self, name: &str, word: &Word, sink: &mut DiagnosticSink) {
        let mapping = self.mapping();
        if full_text(mapping, name).is_some() {
            return;
        }
        let nearest = nearest(mapping, name);
        let top = name.split('.').next().unwrap_or_default();
        let elastic = name.contains('.') && is_object(mapping, top);
        if nearest.is_none() && !elastic {
            return;
        }
        let notice = Notice::warning(
            "kql-unknown-field",
            word.span.clone(),
            format!(
                "`{}` is no field that a {} record fills",
                shorten(name),
                self.fields.mappings().source
            ),
        );
        sink.add(match nearest {
            Some(known) => notice.hint(format!("did you mean `{known}`?")),
            None => {
                notice.hint("it matches only records that bring a field of this name themselves")
            }
        });
    }
}

/// What became of a field that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    New,
    Again,
    /// There are too many, or it is too long.
    Refused,
}

impl Counted {
    fn is_allowed(self) -> bool {
        self != Counted::Refused
    }
}

/// The operand of a member of an object.
pub(super) fn member(name: &str) -> Operand {
    Operand::Member(name.split('.').map(str::to_owned).collect())
}

fn type_of(mapping: &Mapping, name: &str) -> Type {
    if FULL_TEXT.contains(&name) {
        return Type::Known(FieldType::Text);
    }
    if let Some(row) = mapping.row(name) {
        return Type::Known(row.field_type);
    }
    let below = mapping.subtrees.iter().any(|subtree| {
        name.strip_prefix(subtree.prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    if below { Type::Flattened } else { Type::Unknown }
}

/// The field whose full-text form a name means: `user_agent.original.text` is `user_agent.original` by
/// its words.
fn full_text<'n>(mapping: &Mapping, name: &'n str) -> Option<&'n str> {
    let base = name.strip_suffix(".text")?;
    if WITH_WORDS.contains(&base) {
        return Some(base);
    }
    let row = mapping.row(base)?;
    (row.field_type == FieldType::Keyword && mapping.row(name).is_none()).then_some(base)
}

/// Whether fields of the vocabulary stand below a name.
fn is_object(mapping: &Mapping, name: &str) -> bool {
    let below = |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    mapping.rows.iter().any(|row| below(row.name))
        || mapping.subtrees.iter().any(|subtree| below(subtree.prefix))
}

/// What a raw record lacks to fill a field.
fn absent(mapping: &Mapping, name: &str) -> Option<&'static str> {
    mapping.rows.iter().find_map(|row| match row.source {
        FieldSource::Absent(needed) => {
            let rest = name.strip_prefix(row.name)?;
            (rest.is_empty() || rest.starts_with('.')).then_some(needed)
        }
        _ => None,
    })
}

/// The field of the vocabulary whose name is nearest to one that isn't there.
fn nearest(mapping: &Mapping, name: &str) -> Option<&'static str> {
    let rows = mapping.rows.iter().map(|row| row.name);
    crate::query::nearest::nearest(name, rows)
}
