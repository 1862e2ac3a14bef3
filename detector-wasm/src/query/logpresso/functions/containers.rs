//! Functions that look into maps, lists and sets.

use super::operators::truth;
use crate::event::Value;
use crate::query::expression::compare;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("valueof", 2, 2, value_of),
    // The compiler takes the text literals out of the arguments and makes a set of them.
    Function::new("in", 2, usize::MAX, |arguments| truth(is_in(arguments))).decides(),
    Function::new("contains", 2, 2, |arguments| truth(contains(arguments))).decides(),
];

/// A map's member by its key, or a list's element by its place; null if there is none.
fn value_of<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (container, key) = (arguments.get(0), arguments.get(1));
    let found = match (container, key) {
        (Datum::Json(object @ Value::Object(_)), Datum::Text(key)) => {
            object.member_in(key, arguments.reading).map(Datum::of)
        }
        (Datum::Json(array @ Value::Array(_)), key) => {
            place(key).and_then(|place| array.element(place)).map(Datum::of)
        }
        (Datum::List(parts), key) => {
            place(key).and_then(|place| parts.get(place)).map(|part| Datum::Text(part.clone()))
        }
        _ => None,
    };
    Outcome::Value(found.unwrap_or(Datum::Null))
}

/// A whole number that isn't negative.
fn place(key: &Datum<'_>) -> Option<usize> {
    match Number::of(key) {
        Some(Number::Long(place)) => usize::try_from(place).ok(),
        _ => None,
    }
}

/// Whether the first argument is one of the others; of a list, one of its elements.
fn is_in(arguments: &Arguments<'_, '_>) -> bool {
    let sought = arguments.get(0);
    if let Prepared::Texts(texts) = arguments.prepared()
        && sought.any_element(&mut |value| texts.holds_value(value))
    {
        return true;
    }
    (1..arguments.len()).any(|place| compare::same(sought, arguments.get(place)))
}

/// Whether a list has an element that equals the second argument, or a text has it inside.
fn contains(arguments: &Arguments<'_, '_>) -> bool {
    let (whole, part) = (arguments.get(0), arguments.get(1));
    if part.is_null() {
        return false;
    }
    match whole {
        Datum::Json(array @ Value::Array(_)) => {
            let mut found = false;
            array.elements(&mut |element| {
                found = compare::same(&Datum::of(element), part);
                found
            });
            found
        }
        Datum::List(parts) => {
            parts.iter().any(|element| matches!(part, Datum::Text(part) if part == element))
        }
        other => match (other.as_text(), part.as_text()) {
            (Some(whole), Some(part)) => whole.contains(&*part),
            _ => false,
        },
    }
}
