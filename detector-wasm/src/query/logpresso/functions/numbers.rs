//! Conversions to numbers, and what is calculated with them. A text is no number here.

use std::net::IpAddr;

use super::containers::{Builder, elements};
use crate::query::expression::compare;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("long", 1, 1, |arguments| of_each(arguments, whole)),
    Function::new("int", 1, 1, |arguments| of_each(arguments, int)),
    Function::new("double", 1, 1, |arguments| {
        let number = Number::reading(arguments.get(0));
        Outcome::Value(number.map_or(Datum::Null, |number| Datum::double(number.double())))
    }),
    Function::new("abs", 1, 1, |arguments| {
        Outcome::Value(match (arguments.get(0), Number::of(arguments.get(0))) {
            (Datum::Int(number), _) => Datum::Int(number.wrapping_abs()),
            (_, Some(Number::Long(number))) => Datum::Long(number.wrapping_abs()),
            (_, Some(Number::Double(number))) => Datum::double(number.abs()),
            _ => Datum::Null,
        })
    }),
    Function::new("ceil", 1, 2, |arguments| rounded(arguments, libm::ceil)),
    Function::new("floor", 1, 2, |arguments| rounded(arguments, libm::floor)),
    // Halves go up, as Java's `Math.round` has it.
    Function::new("round", 1, 2, |arguments| {
        rounded(arguments, |number| libm::floor(number + 0.5))
    }),
    Function::new("max", 1, usize::MAX, |arguments| {
        extreme(arguments, std::cmp::Ordering::Greater)
    }),
    Function::new("min", 1, usize::MAX, |arguments| extreme(arguments, std::cmp::Ordering::Less)),
    Function::new("mod", 2, 2, |arguments| {
        Outcome::Value(match (Number::of(arguments.get(0)), Number::of(arguments.get(1))) {
            (Some(Number::Long(left)), Some(Number::Long(right))) if right != 0 => {
                Datum::Long(left.wrapping_rem(right))
            }
            _ => Datum::Null,
        })
    }),
    Function::new("pow", 2, 2, |arguments| {
        let numbers = Number::of(arguments.get(0)).zip(Number::of(arguments.get(1)));
        Outcome::Value(numbers.map_or(Datum::Null, |(base, exponent)| {
            Datum::double(libm::pow(base.double(), exponent.double()))
        }))
    }),
    Function::new("exp", 1, 1, |arguments| calculated(arguments, libm::exp)),
    Function::new("log", 1, 1, |arguments| calculated(arguments, libm::log)),
    Function::new("log10", 1, 1, |arguments| calculated(arguments, libm::log10)),
    Function::new("sqrt", 1, 1, |arguments| calculated(arguments, libm::sqrt)),
    Function::new("sin", 1, 1, |arguments| calculated(arguments, libm::sin)),
    Function::new("cos", 1, 1, |arguments| calculated(arguments, libm::cos)),
    Function::new("tan", 1, 1, |arguments| calculated(arguments, libm::tan)),
    Function::new("asin", 1, 1, |arguments| calculated(arguments, libm::asin)),
    Function::new("acos", 1, 1, |arguments| calculated(arguments, libm::acos)),
    Function::new("atan", 1, 1, |arguments| calculated(arguments, libm::atan)),
];

/// A value's number, or the numbers of a list's elements.
fn of_each<'a>(
    arguments: &Arguments<'_, 'a>,
    convert: fn(&Datum<'_>) -> Datum<'static>,
) -> Outcome<'a> {
    let value = arguments.get(0);
    let mut list = Builder::list(arguments);
    let mut add = |element: &Datum<'_>| {
        list.push(&if element.is_container() { Datum::Null } else { convert(element) });
        list.is_full()
    };
    match elements(value, &mut add) {
        Some(()) => list.finish(),
        None => Outcome::Value(convert(value)),
    }
}

/// A number without its fraction, the whole number that a text reads as, or an address's; null for
/// anything else.
fn whole(datum: &Datum<'_>) -> Datum<'static> {
    match datum {
        Datum::Text(text) => text.parse().map_or(Datum::Null, Datum::Long),
        Datum::Ip(IpAddr::V4(address)) => Datum::Long(i64::from(address.to_bits())),
        other => match Number::of(other) {
            Some(Number::Long(number)) => Datum::Long(number),
            // From 2^63 on nothing fits; the comparison is exact because both bounds are doubles.
            Some(Number::Double(number)) if number.abs() < 9_223_372_036_854_775_808.0 => {
                Datum::Long(number as i64)
            }
            _ => Datum::Null,
        },
    }
}

fn int(datum: &Datum<'_>) -> Datum<'static> {
    if let Datum::Ip(IpAddr::V4(address)) = datum {
        return Datum::Int(address.to_bits() as i32);
    }
    match whole(datum) {
        Datum::Long(number) => i32::try_from(number).map_or(Datum::Null, Datum::Int),
        _ => Datum::Null,
    }
}

/// A function of one number; what isn't finite is null.
fn calculated<'a>(arguments: &Arguments<'_, 'a>, calculate: fn(f64) -> f64) -> Outcome<'a> {
    let number = Number::of(arguments.get(0));
    Outcome::Value(number.map_or(Datum::Null, |number| Datum::double(calculate(number.double()))))
}

/// A number at a number of digits: a whole number unless there are some behind the point.
fn rounded<'a>(arguments: &Arguments<'_, 'a>, round: fn(f64) -> f64) -> Outcome<'a> {
    let digits = match (arguments.len(), Number::of(arguments.get(1))) {
        (1, _) => 0,
        (_, Some(Number::Long(digits))) => digits.clamp(-400, 400) as i32,
        _ => return Outcome::Value(Datum::Null),
    };
    let scale = libm::pow(10.0, f64::from(digits.abs()));
    Outcome::Value(match Number::of(arguments.get(0)) {
        None => Datum::Null,
        Some(Number::Long(_)) if digits >= 0 => return Outcome::Argument(0),
        Some(number) if digits < 0 => long(round(number.double() / scale) * scale),
        Some(number) if digits == 0 => long(round(number.double())),
        Some(number) => Datum::double(round(number.double() * scale) / scale),
    })
}

fn long(number: f64) -> Datum<'static> {
    whole(&Datum::Double(number))
}

/// The greatest or the least of the arguments; null counts for nothing.
fn extreme<'a>(arguments: &Arguments<'_, 'a>, wanted: std::cmp::Ordering) -> Outcome<'a> {
    let mut best = None;
    for place in 0..arguments.len() {
        let value = arguments.get(place);
        let better = |former| compare::ranked(value, arguments.get(former)) == wanted;
        if !value.is_null() && best.is_none_or(better) {
            best = Some(place);
        }
    }
    best.map_or(Outcome::Value(Datum::Null), Outcome::Argument)
}
