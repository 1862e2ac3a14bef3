//! Functions about null and truth.

use super::operators::truth;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome};

pub(super) const TABLE: &[Function] = &[
    Function::new("nvl", 2, 2, |arguments| {
        Outcome::Argument(usize::from(arguments.get(0).is_null()))
    }),
    Function::new("if", 3, 3, |arguments| {
        Outcome::Argument(if arguments.get(0).is_truthy() { 1 } else { 2 })
    }),
    Function::new("case", 2, usize::MAX, case),
    // Of null and of what is no truth value, the negation is null.
    Function::new("not", 1, 1, |arguments| {
        Outcome::Value(match arguments.get(0) {
            Datum::Bool(truth) => Datum::Bool(!truth),
            _ => Datum::Null,
        })
    }),
    Function::new("isnull", 1, 1, |arguments| truth(arguments.get(0).is_null())).decides(),
    Function::new("isnotnull", 1, 1, |arguments| truth(!arguments.get(0).is_null())).decides(),
    Function::new("isempty", 1, 1, |arguments| truth(is_empty(arguments.get(0)))).decides(),
];

/// The value after the first condition that holds; a value without a condition is for all other cases.
fn case<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let mut place = 0;
    while place + 1 < arguments.len() {
        if arguments.get(place).is_truthy() {
            return Outcome::Argument(place + 1);
        }
        place += 2;
    }
    // Beyond the last argument everything is null.
    Outcome::Argument(place)
}

/// Null, a text without characters, a container without elements.
fn is_empty(datum: &Datum<'_>) -> bool {
    match datum {
        Datum::Null => true,
        Datum::Text(text) => text.is_empty(),
        Datum::Json(value) => value.is_empty_container(),
        Datum::List(parts) => parts.is_empty(),
        _ => false,
    }
}
