//! Functions about null and truth.

use std::net::IpAddr;

use super::operators::truth;
use crate::event::Value;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("nvl", 2, 2, |arguments| {
        Outcome::Argument(usize::from(arguments.get(0).is_null()))
    }),
    Function::new("if", 3, 3, |arguments| {
        Outcome::Argument(if arguments.get(0).is_truthy() { 1 } else { 2 })
    }),
    Function::new("case", 2, usize::MAX, case),
    // The compiler puts what they name in their places.
    Function::new("$", 1, 2, |_| Outcome::Value(Datum::Null)),
    Function::new("field", 1, 1, |_| Outcome::Value(Datum::Null)),
    // Of null and of what is no truth value, the negation is null.
    Function::new("not", 1, 1, |arguments| {
        Outcome::Value(match arguments.get(0) {
            Datum::Bool(truth) => Datum::Bool(!truth),
            _ => Datum::Null,
        })
    }),
    Function::new("isnull", 1, 1, |arguments| truth(arguments.get(0).is_null())).decides(),
    Function::new("isnotnull", 1, 1, |arguments| truth(!arguments.get(0).is_null())).decides(),
    Function::new("isnum", 1, 1, |arguments| truth(Number::of(arguments.get(0)).is_some()))
        .decides(),
    Function::new("isstr", 1, 1, |arguments| truth(matches!(arguments.get(0), Datum::Text(_))))
        .decides(),
    Function::new("typeof", 1, 1, |arguments| {
        Outcome::Value(
            type_of(arguments.get(0)).map_or(Datum::Null, |name| Datum::Text(name.into())),
        )
    }),
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

/// The name of a value's type.
fn type_of(datum: &Datum<'_>) -> Option<&'static str> {
    Some(match datum {
        Datum::Null => return None,
        Datum::Bool(_) => "bool",
        Datum::Int(_) => "int",
        Datum::Long(_) => "long",
        Datum::Double(_) => "double",
        Datum::Text(_) => "string",
        Datum::Date(_) => "date",
        Datum::Ip(IpAddr::V4(_)) => "ipv4",
        Datum::Ip(IpAddr::V6(_)) => "ipv6",
        Datum::Bytes(_) => "byte[]",
        Datum::List(_) => "list",
        Datum::Json(_) | Datum::Made(_) => match (datum.json()?, Number::of(datum)) {
            (Value::Object(_), _) => "map",
            (Value::Array(_), _) => "list",
            (_, Some(Number::Long(number))) if i32::try_from(number).is_ok() => "int",
            (_, Some(Number::Long(_))) => "long",
            _ => "double",
        },
    })
}

/// Null, a text without characters, a container without elements.
fn is_empty(datum: &Datum<'_>) -> bool {
    match datum {
        Datum::Null => true,
        Datum::Text(text) => text.is_empty(),
        Datum::Json(_) | Datum::Made(_) => {
            datum.json().is_some_and(|value| value.is_empty_container())
        }
        Datum::List(parts) => parts.is_empty(),
        _ => false,
    }
}
