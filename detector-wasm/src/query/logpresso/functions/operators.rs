//! The operators, as functions of two or more arguments.
//!
//! What null does to them is araqne-logdb's, Logpresso's open-source ancestor: `==` and `!=` are false
//! beside it, `<` and its kin are null, `and` and `or` take it for false.

use std::cmp::Ordering;

use crate::event::Value;
use crate::pattern::Pattern;
use crate::query::expression::compare;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared};
use crate::query::expression::number::{Arithmetic, Number};
use crate::query::expression::shown;

pub(crate) static NEGATE: Function = Function::new("-", 1, 1, |arguments| {
    Outcome::Value(match (arguments.get(0), Number::of(arguments.get(0))) {
        (Datum::Int(number), _) => Datum::Int(number.wrapping_neg()),
        (_, Some(Number::Long(number))) => Datum::Long(number.wrapping_neg()),
        (_, Some(Number::Double(number))) => Datum::double(-number),
        _ => Datum::Null,
    })
});

pub(crate) static ADD: Function = Function::new("+", 2, 2, |a| calculate(Arithmetic::Add, a));
pub(crate) static SUBTRACT: Function =
    Function::new("-", 2, 2, |a| calculate(Arithmetic::Subtract, a));
pub(crate) static MULTIPLY: Function =
    Function::new("*", 2, 2, |a| calculate(Arithmetic::Multiply, a));
pub(crate) static DIVIDE: Function = Function::new("/", 2, 2, |a| calculate(Arithmetic::Divide, a));

pub(crate) static LESS: Function = Function::new("<", 2, 2, |a| relate(a, Ordering::is_lt));
pub(crate) static AT_MOST: Function = Function::new("<=", 2, 2, |a| relate(a, Ordering::is_le));
pub(crate) static MORE: Function = Function::new(">", 2, 2, |a| relate(a, Ordering::is_gt));
pub(crate) static AT_LEAST: Function = Function::new(">=", 2, 2, |a| relate(a, Ordering::is_ge));

pub(crate) static EQUAL: Function =
    Function::new("==", 2, 2, |a| truth(compare::equal(a.get(0), a.get(1)))).decides();

pub(crate) static UNEQUAL: Function = Function::new("!=", 2, 2, |arguments| {
    let (left, right) = (arguments.get(0), arguments.get(1));
    truth(!left.is_null() && !right.is_null() && !compare::equal(left, right))
})
.decides();

/// `==` with a text literal at its right, which the compiler has made a pattern of.
pub(crate) static FITS: Function = Function::new("==", 1, 1, |a| truth(fits(a))).decides();

/// `!=` with a text literal at its right.
pub(crate) static DIFFERS: Function =
    Function::new("!=", 1, 1, |a| truth(!a.get(0).is_null() && !fits(a))).decides();

pub(crate) static AND: Function = Function::new("and", 1, usize::MAX, |arguments| {
    truth((0..arguments.len()).all(|place| arguments.get(place).is_truthy()))
})
.decides();

pub(crate) static OR: Function = Function::new("or", 1, usize::MAX, |arguments| {
    truth((0..arguments.len()).any(|place| arguments.get(place).is_truthy()))
})
.decides();

/// `!=` between a field that may be missing, given first, and the truth of `==`, given second.
pub(crate) static UNLESS: Function = Function::new("!=", 2, 2, |arguments| {
    truth(!arguments.get(0).is_null() && !arguments.get(1).is_truthy())
})
.decides();

pub(super) fn truth<'a>(truth: bool) -> Outcome<'a> {
    Outcome::Value(Datum::Bool(truth))
}

fn calculate<'a>(operation: Arithmetic, arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    Outcome::Value(Number::calculate(operation, arguments.get(0), arguments.get(1)))
}

fn relate<'a>(arguments: &Arguments<'_, 'a>, holds: fn(Ordering) -> bool) -> Outcome<'a> {
    let order = compare::order(arguments.get(0), arguments.get(1));
    Outcome::Value(order.map_or(Datum::Null, |order| Datum::Bool(holds(order))))
}

fn fits(arguments: &Arguments<'_, '_>) -> bool {
    let Prepared::Pattern(pattern) = arguments.prepared() else { return false };
    arguments.get(0).any_element(&mut |value| shows(pattern, value))
}

/// Whether a value's text fits the pattern. A map has a text only for patterns with a wildcard.
pub(crate) fn shows(pattern: &Pattern, value: &Value<'_>) -> bool {
    if pattern.literal().is_some() && matches!(value, Value::Object(_)) {
        return false;
    }
    shown::text(value).is_some_and(|text| pattern.matches(&text))
}
