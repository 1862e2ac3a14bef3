//! Conversions to numbers, and what is calculated with them. A text is no number here.

use std::net::IpAddr;

use super::containers::{Builder, elements};
use crate::query::expression::compare;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("long", 1, 1, |arguments| of_each(arguments, whole)).doc(
        "long(x)",
        "as `int`, with 64 bits",
        &[(r#"long("5000000000")"#, "5000000000")],
    ),
    Function::new("int", 1, 1, |arguments| of_each(arguments, int)).doc(
        "int(x)",
        "of a text, a number, an IPv4 address, each element of a list; else null",
        &[(r#"int("42")"#, "42"), ("int(3.9)", "3"), (r#"int("x")"#, "null")],
    ),
    Function::new("double", 1, 1, |arguments| {
        let number = Number::reading(arguments.get(0));
        Outcome::Value(number.map_or(Datum::Null, |number| Datum::double(number.double())))
    })
    .doc("double(x)", "of a text or a number; else null", &[(r#"double("2.5")"#, "2.5")]),
    Function::new("abs", 1, 1, |arguments| {
        Outcome::Value(match (arguments.get(0), Number::of(arguments.get(0))) {
            (Datum::Int(number), _) => Datum::Int(number.wrapping_abs()),
            (_, Some(Number::Long(number))) => Datum::Long(number.wrapping_abs()),
            (_, Some(Number::Double(number))) => Datum::double(number.abs()),
            _ => Datum::Null,
        })
    })
    .doc("abs(n)", "without its sign", &[("abs(-3)", "3")]),
    Function::new("ceil", 1, 2, |arguments| rounded(arguments, libm::ceil)).doc(
        "ceil(n[, digits])",
        "rounded up",
        &[("ceil(1.2)", "2")],
    ),
    Function::new("floor", 1, 2, |arguments| rounded(arguments, libm::floor)).doc(
        "floor(n[, digits])",
        "rounded down",
        &[("floor(1.8)", "1")],
    ),
    // Halves go up, as Java's `Math.round` has it.
    Function::new("round", 1, 2, |arguments| {
        rounded(arguments, |number| libm::floor(number + 0.5))
    })
    .doc("round(n[, digits])", "rounded", &[("round(1.234, 2)", "1.23")]),
    Function::new("max", 1, usize::MAX, |arguments| {
        extreme(arguments, std::cmp::Ordering::Greater)
    })
    .doc(
        "max(a, ...)",
        "the largest. Null counts for nothing; unlike kinds in the order bool, \
         number, date, address, text",
        &[("max(1, 5, null)", "5")],
    ),
    Function::new("min", 1, usize::MAX, |arguments| extreme(arguments, std::cmp::Ordering::Less))
        .doc("min(a, ...)", "the smallest, as `max`", &[("min(4, 2, 8)", "2")]),
    Function::new("mod", 2, 2, |arguments| {
        Outcome::Value(match (Number::of(arguments.get(0)), Number::of(arguments.get(1))) {
            (Some(Number::Long(left)), Some(Number::Long(right))) if right != 0 => {
                Datum::Long(left.wrapping_rem(right))
            }
            _ => Datum::Null,
        })
    })
    .doc("mod(a, b)", "the rest of a division", &[("mod(7, 3)", "1")]),
    Function::new("pow", 2, 2, |arguments| {
        let numbers = Number::of(arguments.get(0)).zip(Number::of(arguments.get(1)));
        Outcome::Value(numbers.map_or(Datum::Null, |(base, exponent)| {
            Datum::double(libm::pow(base.double(), exponent.double()))
        }))
    })
    .doc(
        "pow(a, b)",
        "a power; what isn't finite is null, here and below",
        &[("pow(2, 10)", "1024.0")],
    ),
    Function::new("exp", 1, 1, |arguments| calculated(arguments, libm::exp)).doc(
        "exp(n)",
        "e to the power of n",
        &[("exp(0)", "1.0")],
    ),
    Function::new("log", 1, 1, |arguments| calculated(arguments, libm::log)).doc(
        "log(n)",
        "the natural logarithm",
        &[("log(1)", "0.0")],
    ),
    Function::new("log10", 1, 1, |arguments| calculated(arguments, libm::log10)).doc(
        "log10(n)",
        "the logarithm to the base 10",
        &[("log10(1000)", "3.0")],
    ),
    Function::new("sqrt", 1, 1, |arguments| calculated(arguments, libm::sqrt)).doc(
        "sqrt(n)",
        "the square root",
        &[("sqrt(9)", "3.0"), ("sqrt(-1)", "null")],
    ),
    Function::new("sin", 1, 1, |arguments| calculated(arguments, libm::sin)).doc(
        "sin(n)",
        "the sine; angles in radians",
        &[("sin(0)", "0.0")],
    ),
    Function::new("cos", 1, 1, |arguments| calculated(arguments, libm::cos)).doc(
        "cos(n)",
        "the cosine",
        &[("cos(0)", "1.0")],
    ),
    Function::new("tan", 1, 1, |arguments| calculated(arguments, libm::tan)).doc(
        "tan(n)",
        "the tangent",
        &[("tan(0)", "0.0")],
    ),
    Function::new("asin", 1, 1, |arguments| calculated(arguments, libm::asin)).doc(
        "asin(n)",
        "the angle of a sine",
        &[("asin(0)", "0.0")],
    ),
    Function::new("acos", 1, 1, |arguments| calculated(arguments, libm::acos)).doc(
        "acos(n)",
        "the angle of a cosine",
        &[("acos(1)", "0.0")],
    ),
    Function::new("atan", 1, 1, |arguments| calculated(arguments, libm::atan)).doc(
        "atan(n)",
        "the angle of a tangent",
        &[("atan(0)", "0.0")],
    ),
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
