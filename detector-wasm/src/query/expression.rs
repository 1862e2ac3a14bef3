//! Values that a query computes. STUB
use super::test::Test;
use crate::event::{Event, Value};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpressionId(pub(crate) u32);

#[derive(Debug, Clone, Default)]
pub(crate) struct Expressions {}

/// A computed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum<'a> {
    Null,
    Bool(bool),
    Long(i64),
    Double(f64),
    Text(Cow<'a, str>),
    /// A container, or a number that is kept as written.
    Json(Value<'a>),
    List(Vec<Datum<'a>>),
}

impl<'a> Datum<'a> {
    /// The datum of a record's value.
    pub(crate) fn of(value: Value<'a>) -> Datum<'a> {
        let _ = value;
        Datum::Null
    }
    /// Whether it passes a clause's test.
    pub(crate) fn passes(&self, test: &Test) -> bool {
        let _ = test;
        false
    }
}

impl Expressions {
    pub(crate) fn value<'a>(&self, id: ExpressionId, event: &Event<'a>) -> Datum<'a> {
        let _ = (id, event);
        Datum::Null
    }
}
