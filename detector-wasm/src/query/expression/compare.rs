//! In: two values. Out: whether they are equal, or which is first.
//!
//! Numbers are compared by value, texts in any case, truth values, dates and addresses among their own.
//! A text beside a date or an address is read as one, because records hold both as texts. Values of
//! different kinds are never equal and have no order.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use super::datum::Datum;
use super::number::Number;
use super::shown;
use crate::event::Value;
use crate::event::time;

/// Whether two values are equal, as `==` with no text literal at its right has it. Null equals nothing.
pub(crate) fn equal(left: &Datum<'_>, right: &Datum<'_>) -> bool {
    if let Some(order) = order(left, right) {
        return order == Ordering::Equal;
    }
    match (container(left), container(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// Whether two values are the same: of one kind, whole numbers differ from others, and texts compare case and
/// all.
pub(crate) fn same(left: &Datum<'_>, right: &Datum<'_>) -> bool {
    match (left, right) {
        (Datum::Text(left), Datum::Text(right)) => left == right,
        (Datum::Text(_), _) | (_, Datum::Text(_)) => false,
        (left, right) => match (Number::of(left), Number::of(right)) {
            (Some(left), Some(right)) => left == right,
            _ => equal(left, right),
        },
    }
}

/// Which of two values comes first; nothing if there is no saying.
pub(crate) fn order(left: &Datum<'_>, right: &Datum<'_>) -> Option<Ordering> {
    match (left, right) {
        (Datum::Bool(left), Datum::Bool(right)) => Some(left.cmp(right)),
        (Datum::Text(left), Datum::Text(right)) => Some(text_order(left, right)),
        (Datum::Date(left), Datum::Date(right)) => Some(left.cmp(right)),
        (Datum::Date(left), Datum::Text(right)) => Some(left.cmp(&time::milliseconds(right)?)),
        (Datum::Text(left), Datum::Date(right)) => Some(time::milliseconds(left)?.cmp(right)),
        (Datum::Ip(left), Datum::Ip(right)) => Some(left.cmp(right)),
        (Datum::Ip(left), Datum::Text(right)) => Some(left.cmp(&address(right)?)),
        (Datum::Text(left), Datum::Ip(right)) => Some(address(left)?.cmp(right)),
        (left, right) => Number::of(left)?.order(Number::of(right)?),
    }
}

/// The order of any two values, as `max` and `min` have it: by kind, where the kinds differ.
pub(crate) fn ranked(left: &Datum<'_>, right: &Datum<'_>) -> Ordering {
    let rank = |datum: &Datum<'_>| match datum {
        Datum::Null => 0,
        Datum::Bool(_) => 1,
        Datum::Date(_) => 3,
        Datum::Ip(IpAddr::V4(_)) => 4,
        Datum::Ip(IpAddr::V6(_)) => 5,
        Datum::Text(_) => 6,
        Datum::Bytes(_) => 9,
        other if Number::of(other).is_some() => 2,
        other if matches!(other.json(), Some(Value::Object(_))) => 8,
        _ => 7,
    };
    match rank(left).cmp(&rank(right)) {
        Ordering::Equal => order(left, right).unwrap_or(Ordering::Equal),
        unlike => unlike,
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// The order of two texts by their letters' lower case.
fn text_order(left: &str, right: &str) -> Ordering {
    let lower =
        |text: &'_ str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    if left.is_ascii() && right.is_ascii() {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        return left.bytes().map(lower).cmp(right.bytes().map(lower));
    }
    lower(left).cmp(&lower(right))
}

/// The text of a map or a list.
fn container<'d>(datum: &'d Datum<'_>) -> Option<Cow<'d, str>> {
    match datum {
        Datum::Json(value @ (Value::Object(_) | Value::Array(_))) => shown::text(value),
        Datum::List(_) | Datum::Made(_) | Datum::Bytes(_) => datum.as_text(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Datum<'_> {
        Datum::of(Value::exact(text.as_bytes()).unwrap())
    }

    #[test]
    fn kinds_and_values() {
        for (left, right, loosely, strictly) in [
            (Datum::Long(1), Datum::Double(1.0), true, false),
            (json("200"), Datum::Long(200), true, true),
            (json("200.0"), Datum::Long(200), true, false),
            (json("\"200\""), Datum::Long(200), false, false),
            (json("\"ÄB\""), Datum::Text("äb".into()), true, false),
            (json("true"), Datum::Bool(true), true, true),
            (json("true"), Datum::Text("true".into()), false, false),
            (Datum::Null, Datum::Null, false, false),
            (json("[1, 2]"), json("[1,2]"), true, true),
            (json("{}"), json("[]"), false, false),
            (Datum::Date(0), Datum::Text("1970-01-01T01:00:00+01:00".into()), true, false),
            (Datum::Ip([10, 0, 0, 1].into()), Datum::Text("10.0.0.1".into()), true, false),
        ] {
            assert_eq!(equal(&left, &right), loosely, "{left:?} {right:?}");
            assert_eq!(equal(&right, &left), loosely, "{right:?} {left:?}");
            assert_eq!(same(&left, &right), strictly, "{left:?} {right:?}");
        }
    }

    #[test]
    fn orders() {
        assert_eq!(order(&json("9"), &Datum::Long(10)), Some(Ordering::Less));
        assert_eq!(order(&json("\"B\""), &Datum::Text("a".into())), Some(Ordering::Greater));
        assert_eq!(order(&json("\"9\""), &Datum::Long(10)), None);
        assert_eq!(order(&Datum::Null, &Datum::Long(10)), None);
        assert_eq!(order(&json("[1]"), &json("[2]")), None);
    }
}
