//! In: a timestamp's text. Out: milliseconds since 1970, without a clock or a time zone database.

use tocsin_wire::calendar::{DAY, Moment, day_number};

/// Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 timestamp; a date alone means its midnight.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let date = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let day = day_number(date.0, date.1, date.2)?;
    if bytes.len() == 10 {
        return day.checked_mul(DAY);
    }
    let (hour, minute, second) =
        (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?, digits(bytes, 17, 2)?);
    let separators = [(10, b"Tt "), (13, b":::"), (16, b":::")];
    if separators.iter().any(|(at, set)| !bytes.get(*at).is_some_and(|byte| set.contains(byte))) {
        return None;
    }
    // A leap second counts as the second after it.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = bytes.get(19..)?;
    let (fraction, zone) = fraction(rest);
    let seconds = day * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    Some(seconds * 1_000 + fraction)
}

/// A time in UTC, as ISO 8601 has it, with milliseconds.
pub(crate) fn with_milliseconds(time: i64) -> String {
    let Moment { year, month, day, hour, minute, second, millisecond } = Moment::of(time);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Milliseconds after the dot, and what follows the digits.
fn fraction(rest: &[u8]) -> (i64, &[u8]) {
    let Some((b'.' | b',', rest)) = rest.split_first() else { return (0, rest) };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut value = 0;
    for place in 0..3 {
        let digit = if place < length {
            rest.get(place).map_or(0, |byte| i64::from(byte - b'0'))
        } else {
            0
        };
        value = value * 10 + digit;
    }
    (value, rest.get(length..).unwrap_or_default())
}

/// Seconds east of Greenwich; no zone means none.
fn offset(zone: &[u8]) -> Option<i64> {
    let sign = match zone {
        b"" | b"Z" | b"z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let hours = digits(zone, 1, 2)?;
    let minutes = match zone.len() {
        3 => 0,
        5 => digits(zone, 3, 2)?,
        6 if zone.get(3) == Some(&b':') => digits(zone, 4, 2)?,
        _ => return None,
    };
    Some(sign * (hours * 3_600 + minutes * 60))
}

fn digits(bytes: &[u8], from: usize, count: usize) -> Option<i64> {
    let digits = bytes.get(from..from.checked_add(count)?)?;
    digits.iter().try_fold(0, |value, byte| {
        if byte.is_ascii_digit() { Some(value * 10 + i64::from(byte - b'0')) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn timestamps() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2023-07-10T11:42:36Z", Some(1_688_989_356_000)),
            ("2023-07-10T13:42:36.5+02:00", Some(1_688_989_356_500)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2023-02-29", None),
            ("2023-13-01", None),
            ("2023-07-10T25:00:00Z", None),
            ("now-1d", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
