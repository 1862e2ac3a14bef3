//! In: a number as JSON or a query writes it. Out: its exact value, for comparisons without loss.

use std::cmp::Ordering;

use crate::event::Value;

/// A number: 0.`digits` times ten to the power of `point`, negative or not; zero has no digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    point: i64,
    digits: Box<[u8]>,
}

impl Decimal {
    /// The value of a number: digits, a fraction, an exponent. What else there is isn't a number.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if mantissa.len() <= usize::from(mantissa.contains('.'))
            || !all().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let leading = all().take_while(|digit| *digit == b'0').count();
        let mut digits: Vec<u8> = all().skip(leading).collect();
        let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        digits.truncate(kept);
        if digits.is_empty() {
            return Some(Decimal { negative: false, point: 0, digits: digits.into() });
        }
        let point = exponent.saturating_add(whole.len() as i64).saturating_sub(leading as i64);
        Some(Decimal { negative, point, digits: digits.into() })
    }

    /// The number that a value is, or that its text reads as.
    pub(crate) fn of(value: &Value<'_>) -> Option<Decimal> {
        match value {
            Value::Number(_) | Value::Text(_) | Value::Computed(_) => {
                Decimal::parse(&value.text()?)
            }
            _ => None,
        }
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = std::str::from_utf8(&self.digits).unwrap_or_default();
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}0.{digits}0e{}", self.point)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let magnitude =
            || self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits));
        self.sign().cmp(&other.sign()).then_with(|| match self.sign() {
            0 => Ordering::Equal,
            1 => magnitude(),
            _ => magnitude().reverse(),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An exponent; one of more digits than anybody needs counts as very large or very small.
fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_one_form() {
        for (a, b) in [
            ("1", "1.0"),
            ("1", "01"),
            ("100", "1e2"),
            ("0.5", ".5"),
            ("-0", "0"),
            ("0e9", "0"),
            ("1200E-2", "12."),
            ("+3", "3"),
        ] {
            assert_eq!(Decimal::parse(a), Decimal::parse(b), "{a} {b}");
            assert!(Decimal::parse(a).is_some());
        }
    }

    #[test]
    fn order_is_exact() {
        let ascending = [
            "-1e400",
            "-10",
            "-9.5",
            "-0.01",
            "0",
            "1e-400",
            "0.09",
            "0.1",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "1e400",
            "1e99999999999999999999",
        ];
        for pair in ascending.windows(2) {
            assert!(Decimal::parse(pair[0]) < Decimal::parse(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in
            ["", ".", "-", "e1", "1e", "1e+", "1.2.3", "0x1", "1_0", "--1", "NaN", " 1", "٣"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
