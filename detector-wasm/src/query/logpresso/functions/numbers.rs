//! Conversions to numbers.

use crate::query::expression::datum::Datum;
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("long", 1, 1, |arguments| Outcome::Value(whole(arguments.get(0)))),
    Function::new("int", 1, 1, |arguments| {
        Outcome::Value(match whole(arguments.get(0)) {
            Datum::Long(number) if i32::try_from(number).is_ok() => Datum::Long(number),
            _ => Datum::Null,
        })
    }),
    Function::new("double", 1, 1, |arguments| {
        let number = Number::reading(arguments.get(0));
        Outcome::Value(number.map_or(Datum::Null, |number| Datum::double(number.double())))
    }),
];

/// A number without its fraction, or the whole number that a text reads as; null for anything else.
fn whole(datum: &Datum<'_>) -> Datum<'static> {
    match (datum, Number::reading(datum)) {
        (_, Some(Number::Long(number))) => Datum::Long(number),
        (Datum::Text(_), _) | (_, None) => Datum::Null,
        // From 2^63 on nothing fits; the comparison is exact because both bounds are doubles.
        (_, Some(Number::Double(number))) if number.abs() < 9_223_372_036_854_775_808.0 => {
            Datum::Long(number as i64)
        }
        _ => Datum::Null,
    }
}
