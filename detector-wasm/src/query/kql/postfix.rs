//! A parsed query: its clauses and operators in the order in which a machine with a stack takes them.

use std::ops::Range;

use super::word::Word;
use crate::query::order::Order;

/// Places a field's name in [`Postfix::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FieldIndex(pub(super) usize);

/// One operation; operands come before their operator.
#[derive(Debug)]
pub(super) enum Op {
    /// A field is a value; without a field, any of them.
    Is {
        field: Option<FieldIndex>,
        value: Word,
        span: Range<usize>,
    },
    /// A field stands in an order relation to a value.
    Range {
        field: FieldIndex,
        order: Order,
        value: Word,
        span: Range<usize>,
    },
    Not,
    /// Of the last so many operands, all.
    And(usize),
    /// Of the last so many operands, at least one. The span is that of the value list, if they are one.
    Or(usize, Option<Range<usize>>),
    /// What follows, up to its `Leave`, is about one object of a field.
    Enter(FieldIndex),
    /// The end of what is about one object, and the span of the whole.
    Leave(Range<usize>),
}

/// A parsed query.
#[derive(Debug, Default)]
pub(super) struct Postfix {
    pub(super) ops: Vec<Op>,
    pub(super) fields: Vec<Word>,
}

impl Postfix {
    pub(super) fn field(&mut self, name: Word) -> FieldIndex {
        self.fields.push(name);
        FieldIndex(self.fields.len() - 1)
    }
}
