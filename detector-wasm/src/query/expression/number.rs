//! In: values that are numbers or can be read as one. Out: what arithmetic makes of them.
//!
//! As in araqne-logdb, Logpresso's open-source ancestor (its `NumberUtil`): a text that reads as a number
//! counts as that number and anything else as 0; beside null all is null; whole numbers wrap around at 64 bits;
//! division always gives a double. What isn't finite (`x / 0`) is null here, because JSON can't hold it.

use std::cmp::Ordering;

use super::datum::Datum;
use crate::event::Value;

/// A number, whole where it can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Long(i64),
    Double(f64),
}

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Number {
    /// The number that a value is; texts aren't numbers.
    pub(crate) fn of(datum: &Datum<'_>) -> Option<Number> {
        match datum {
            Datum::Int(number) => Some(Number::Long(i64::from(*number))),
            Datum::Long(number) => Some(Number::Long(*number)),
            Datum::Double(number) => Some(Number::Double(*number)),
            Datum::Json(Value::Number(text)) => Number::parse(text),
            Datum::Made(bytes) => match Value::exact(bytes)? {
                Value::Number(text) => Number::parse(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number that a value is or, being a text, reads as.
    pub(crate) fn reading(datum: &Datum<'_>) -> Option<Number> {
        match datum {
            Datum::Text(text) => {
                let text = text.trim();
                let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
                match hexadecimal {
                    Some(digits) => i64::from_str_radix(digits, 16).ok().map(Number::Long),
                    None => Number::parse(text),
                }
            }
            other => Number::of(other),
        }
    }

    /// A number's text: digits with a sign, a fraction and an exponent; never `inf` or `nan`.
    pub(crate) fn parse(text: &str) -> Option<Number> {
        if let Ok(number) = text.parse() {
            return Some(Number::Long(number));
        }
        let digits = text.trim_start_matches(['+', '-']);
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        text.parse().ok().filter(|number: &f64| number.is_finite()).map(Number::Double)
    }

    /// The nearest double.
    pub(crate) fn double(self) -> f64 {
        match self {
            Number::Long(number) => number as f64,
            Number::Double(number) => number,
        }
    }

    /// The order by value.
    pub(crate) fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Long(left), Number::Long(right)) => Some(left.cmp(&right)),
            (left, right) => left.double().partial_cmp(&right.double()),
        }
    }

    /// Applies the operation to two values.
    pub(crate) fn calculate(
        operation: Arithmetic,
        left: &Datum<'_>,
        right: &Datum<'_>,
    ) -> Datum<'static> {
        if left.is_null() || right.is_null() {
            return Datum::Null;
        }
        let left = Number::reading(left).unwrap_or(Number::Long(0));
        let right = Number::reading(right).unwrap_or(Number::Long(0));
        match (operation, left, right) {
            (Arithmetic::Divide, left, right) => Datum::double(left.double() / right.double()),
            (operation, Number::Long(left), Number::Long(right)) => Datum::Long(match operation {
                Arithmetic::Subtract => left.wrapping_sub(right),
                Arithmetic::Multiply => left.wrapping_mul(right),
                Arithmetic::Add | Arithmetic::Divide => left.wrapping_add(right),
            }),
            (operation, left, right) => {
                let (left, right) = (left.double(), right.double());
                Datum::double(match operation {
                    Arithmetic::Subtract => left - right,
                    Arithmetic::Multiply => left * right,
                    Arithmetic::Add | Arithmetic::Divide => left + right,
                })
            }
        }
    }
}

impl From<Number> for Datum<'_> {
    fn from(number: Number) -> Self {
        match number {
            Number::Long(number) => Datum::Long(number),
            Number::Double(number) => Datum::double(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_texts_are_numbers() {
        for (text, expected) in [
            ("12", Some(Number::Long(12))),
            ("-12", Some(Number::Long(-12))),
            ("1.5e3", Some(Number::Double(1500.0))),
            ("9223372036854775808", Some(Number::Double(9_223_372_036_854_775_808.0))),
            ("inf", None),
            ("NaN", None),
            ("1e999", None),
            ("", None),
            ("12x", None),
            ("+-1", None),
        ] {
            assert_eq!(Number::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn arithmetic_never_fails() {
        use Arithmetic::{Add, Divide, Multiply, Subtract};
        for (operation, left, right, expected) in [
            (Add, Datum::Long(i64::MAX), Datum::Long(1), Datum::Long(i64::MIN)),
            (Subtract, Datum::Long(i64::MIN), Datum::Long(1), Datum::Long(i64::MAX)),
            (Multiply, Datum::Double(1e300), Datum::Double(1e300), Datum::Null),
            (Divide, Datum::Long(7), Datum::Long(2), Datum::Double(3.5)),
            (Divide, Datum::Long(7), Datum::Long(0), Datum::Null),
            (Divide, Datum::Long(0), Datum::Null, Datum::Null),
            (Add, Datum::Long(2), Datum::Null, Datum::Null),
            (Add, Datum::Text(" 2 ".into()), Datum::Bool(true), Datum::Long(2)),
            (Add, Datum::Text("0x10".into()), Datum::Int(1), Datum::Long(17)),
            (Add, Datum::Text("x".into()), Datum::Double(0.5), Datum::Double(0.5)),
        ] {
            assert_eq!(Number::calculate(operation, &left, &right), expected);
        }
    }
}
