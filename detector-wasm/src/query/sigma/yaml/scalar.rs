//! In: a scalar of YAML. Out: what it is, by the core schema of YAML 1.2.

/// A value that holds no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    /// A number as written.
    Number(String),
    Text(String),
}

impl Scalar {
    /// The value of an unquoted scalar.
    pub(super) fn plain(text: &str) -> Scalar {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Bool(true),
            "false" | "False" | "FALSE" => Scalar::Bool(false),
            _ if is_number(text) => Scalar::Number(text.to_owned()),
            _ => Scalar::Text(text.to_owned()),
        }
    }

    /// The scalar's text; nothing for null.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Scalar::Null => None,
            Scalar::Bool(true) => Some("true"),
            Scalar::Bool(false) => Some("false"),
            Scalar::Number(text) | Scalar::Text(text) => Some(text),
        }
    }
}

/// Whether a plain scalar is an integer (decimal, octal, hexadecimal) or a finite float.
fn is_number(text: &str) -> bool {
    let all = |digits: &str, test: fn(u8) -> bool| !digits.is_empty() && digits.bytes().all(test);
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |digit| digit.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |digit| (b'0'..=b'7').contains(&digit));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
        }
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| all(exponent, |digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema() {
        for text in ["0", "-12", "+3", "007", "0x1F", "0o17", "1.5", ".5", "1.", "6.02e23", "1e-9"]
        {
            assert_eq!(Scalar::plain(text), Scalar::Number(text.to_owned()));
        }
        let texts = [
            "1.2.3.4",
            "0x",
            "0o8",
            "1_000",
            "e9",
            "1e",
            ".",
            "-",
            "2024-01-01",
            "1:30",
            "yes",
            ".inf",
            "٣",
            "1 2",
            "NULl",
        ];
        for text in texts {
            assert_eq!(Scalar::plain(text), Scalar::Text(text.to_owned()));
        }
        assert_eq!(Scalar::plain("~"), Scalar::Null);
        assert_eq!(Scalar::plain("True"), Scalar::Bool(true));
    }
}
