//! Sizes and times as people write them in, numbers out.

use std::time::Duration;

/// `512MiB`, `512M`, `64k`, `1048576`: bytes; the letters are powers of 1024.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase();
    let shift = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(format!("`{unit}` is no unit of bytes; there are K, M and G")),
    };
    let number: usize =
        digits.trim().parse().map_err(|_| "expected a size such as 64M".to_owned())?;
    number
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a size between 1 byte and the machine's".to_owned())
}

/// `10`, `0.5`: seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text
        .trim_end_matches('s')
        .trim()
        .parse()
        .map_err(|_| "expected a number of seconds such as 10 or 0.5".to_owned())?;
    Duration::try_from_secs_f64(number)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "expected more than 0 seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{bytes, seconds};
    use std::time::Duration;

    #[test]
    fn sizes() {
        let cases = [("1", 1), ("64k", 64 << 10), ("64MiB", 64 << 20), ("2 GB", 2 << 30)];
        for (text, expected) in cases {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "x", "5x", "-1", "1.5M", "99999999999G"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(seconds("10"), Ok(Duration::from_secs(10)));
        assert_eq!(seconds("0.5s"), Ok(Duration::from_millis(500)));
        for text in ["", "0", "-1", "soon", "inf", "NaN"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
