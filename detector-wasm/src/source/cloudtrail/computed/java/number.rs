//! In: a JSON number. Out: how Java prints what a JSON reader makes of it.

use std::borrow::Cow;

/// Whole numbers stay whole, of any length; all others are a `Double`.
pub(super) fn print(number: &str) -> Cow<'_, str> {
    if number == "-0" {
        return Cow::Borrowed("0");
    }
    if !number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return Cow::Borrowed(number);
    }
    number.parse().map_or(Cow::Borrowed(number), |value| Cow::Owned(double(value)))
}

/// `java.lang.Double.toString`: plain from a thousandth to ten millions, with an exponent beyond.
fn double(value: f64) -> String {
    let size = value.abs();
    if size.is_infinite() {
        return if value < 0.0 { "-Infinity" } else { "Infinity" }.to_owned();
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

#[cfg(test)]
mod tests {
    use super::print;

    /// The right-hand sides are what Java printed.
    #[test]
    fn numbers_as_java_prints_them() {
        for (json, java) in [
            ("0", "0"),
            ("-0", "0"),
            ("-12", "-12"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1.50", "1.5"),
            ("-0.0", "-0.0"),
            ("375.0", "375.0"),
            ("0.001", "0.001"),
            ("0.00099", "9.9E-4"),
            ("9999999.0", "9999999.0"),
            ("10000000.0", "1.0E7"),
            ("1e2", "100.0"),
            ("1.25E+10", "1.25E10"),
            ("1e999", "Infinity"),
            ("-1e999", "-Infinity"),
            ("1e-999", "0.0"),
        ] {
            assert_eq!(print(json), java, "{json}");
        }
    }
}
