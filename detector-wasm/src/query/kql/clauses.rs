//! In: a field and values, as filters and exceptions of Elastic's rules name them outside a query. Out: the
//! clauses that KQL makes of the same field and values in quotes.

use super::compare::{self, Naming};
use super::field::{Resolver, Targets, Type};
use super::word::{Escaped, Word};
use crate::event::Fields;
use crate::event::mapping::FieldType;
use crate::pattern::{Case, Pattern, Piece};
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;
use crate::query::order::Order;
use crate::query::predicate::{Builder, ClauseId};
use crate::query::test::Test;

/// Makes clauses about fields of the ECS vocabulary.
pub(crate) struct Clauses<'f, 'b> {
    resolver: Resolver<'f>,
    builder: &'b mut Builder,
    notes: DiagnosticSink,
}

impl<'f, 'b> Clauses<'f, 'b> {
    pub(crate) fn new(fields: &'f mut Fields, builder: &'b mut Builder) -> Clauses<'f, 'b> {
        Clauses {
            resolver: Resolver::new(fields),
            builder,
            notes: DiagnosticSink::new(super::NOTICES),
        }
    }

    /// The builder that the clauses go to, to join them.
    pub(crate) fn builder(&mut self) -> &mut Builder {
        self.builder
    }

    /// A value of the field is one of these, compared as the field's type has it: a network holds its
    /// addresses, a date its moments, full text the words in this order.
    pub(crate) fn one_of(
        &mut self,
        field: &str,
        values: &[&str],
        span: std::ops::Range<usize>,
    ) -> ClauseId {
        let words: Vec<Word> = values.iter().map(|value| quoted(value)).collect();
        self.clauses(field, false, &span, |kind, notes| {
            compare::equality(&words, kind, Naming::Exact, notes)
        })
    }

    /// The field has a value.
    pub(crate) fn exists(&mut self, field: &str, span: std::ops::Range<usize>) -> ClauseId {
        self.clauses(field, true, &span, |_, _| vec![Test::Exists])
    }

    /// A value of the field fits the pattern, in which `*` and `?` are wildcards.
    pub(crate) fn wildcard(
        &mut self,
        field: &str,
        value: &str,
        case: Case,
        span: std::ops::Range<usize>,
    ) -> ClauseId {
        let pattern = wildcards(value, case);
        self.clauses(field, false, &span, |_, _| vec![Test::Text(pattern.clone())])
    }

    /// A value of the field begins so.
    pub(crate) fn prefix(
        &mut self,
        field: &str,
        value: &str,
        case: Case,
        span: std::ops::Range<usize>,
    ) -> ClauseId {
        let pattern = Pattern::new(&[Piece::Text(value.to_owned()), Piece::Star], case);
        self.clauses(field, false, &span, |_, _| vec![Test::Text(pattern.clone())])
    }

    /// A value of the field stands in the relation, named as Elasticsearch names it; nothing if there is
    /// no such relation.
    pub(crate) fn range(
        &mut self,
        field: &str,
        relation: &str,
        value: &str,
        span: std::ops::Range<usize>,
    ) -> Option<ClauseId> {
        let order = match relation {
            "lt" => Order::Less,
            "lte" => Order::LessOrEqual,
            "gt" => Order::Greater,
            "gte" => Order::GreaterOrEqual,
            _ => return None,
        };
        let word = quoted(value);
        Some(self.clauses(field, false, &span, |kind, notes| {
            compare::range(order, &word, kind, Naming::Exact, notes).into_iter().collect()
        }))
    }

    /// What there is to say about the fields and values, without places.
    pub(crate) fn finish(self) -> Vec<Notice> {
        self.notes.finish()
    }

    fn clauses(
        &mut self,
        field: &str,
        exists: bool,
        span: &std::ops::Range<usize>,
        tests: impl Fn(Type, &mut DiagnosticSink) -> Vec<Test>,
    ) -> ClauseId {
        let (word, nowhere) = (quoted(field), 0..0);
        let targets: Targets =
            self.resolver.in_record(Some(&word), exists, &nowhere, self.builder, &mut self.notes);
        let mut nodes = Vec::new();
        for (operand, kind) in targets {
            for test in tests(kind, &mut self.notes) {
                nodes.push(self.builder.clause(operand.clone(), test, span.clone()));
            }
        }
        self.builder.any(nodes)
    }
}

/// The tests of which one passes if a value is one of these, of a field of this kind or of none that is known.
pub(crate) fn tests(values: &[&str], kind: Option<FieldType>) -> Vec<Test> {
    let words: Vec<Word> = values.iter().map(|value| quoted(value)).collect();
    let tests = |kind| {
        compare::equality(&words, kind, Naming::Wildcard, &mut DiagnosticSink::new(super::NOTICES))
    };
    match kind {
        // Where addresses may stand, other texts may, too.
        Some(FieldType::Ip) => [tests(Type::Known(FieldType::Ip)), tests(Type::Unknown)].concat(),
        Some(kind) => tests(Type::Known(kind)),
        None => tests(Type::Unknown),
    }
}

/// A text as a query would have it in quotes.
fn quoted(text: &str) -> Word {
    let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Text(text.to_owned())] };
    Word { pieces, quoted: true, escaped: Escaped::No, span: 0..0 }
}

/// A text in which `*` and `?` are wildcards, and a backslash takes the next character as it is.
pub(crate) fn wildcards(value: &str, case: Case) -> Pattern {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        let wildcard = match character {
            '*' => Piece::Star,
            '?' => Piece::One,
            '\\' => {
                plain.extend(characters.next().or(Some('\\')));
                continue;
            }
            other => {
                plain.push(other);
                continue;
            }
        };
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(wildcard);
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Pattern::new(&pieces, case)
}
