//! In: a date as a query or a record writes it. Out: the milliseconds since 1970 that it may mean.
//!
//! Elasticsearch fills up what a date leaves out: the month and the day with the first, the time of day
//! with its beginning for `gte` and `lt`, with its end for `gt` and `lte`. A record's date means its
//! beginning.

use crate::event::time::milliseconds;

/// The first and the last millisecond of a date, complete or not; digits alone are milliseconds, except
/// four of them, which are a year. Nothing for what is no date.
pub(super) fn instant(text: &str) -> Option<(i64, i64)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() != 4 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let value = text.parse().ok()?;
        return Some((value, value));
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day = match date.len() {
        4 => format!("{date}-01-01"),
        7 => format!("{date}-01"),
        10 => date.to_owned(),
        _ => return None,
    };
    let Some(time) = time else {
        let start = milliseconds(&day)?;
        return Some((start, start.checked_add(86_399_999)?));
    };
    let at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = (time.get(..at)?, time.get(at..)?);
    let (low, high) = match clock.len() {
        2 => (format!("{clock}:00:00.000"), format!("{clock}:59:59.999")),
        5 => (format!("{clock}:00.000"), format!("{clock}:59.999")),
        8 => (format!("{clock}.000"), format!("{clock}.999")),
        _ => (clock.to_owned(), clock.to_owned()),
    };
    Some((
        milliseconds(&format!("{day}T{low}{zone}"))?,
        milliseconds(&format!("{day}T{high}{zone}"))?,
    ))
}

/// Whether a text is meant to be reckoned from another date, or from the present.
pub(super) fn is_date_math(text: &str) -> bool {
    text.contains("||")
        || text
            .strip_prefix("now")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_date_leaves_out_is_filled_up() {
        const DAY: i64 = 86_400_000;
        for (text, expected) in [
            ("1970-01-02", Some((DAY, 2 * DAY - 1))),
            ("1970", Some((0, DAY - 1))),
            ("1970-02", Some((31 * DAY, 32 * DAY - 1))),
            ("1970-01-01T01", Some((3_600_000, 7_199_999))),
            ("1970-01-01T00:01", Some((60_000, 119_999))),
            ("1970-01-01T00:00:01Z", Some((1_000, 1_999))),
            ("1970-01-01T00:00:01.5Z", Some((1_500, 1_500))),
            ("1970-01-01T00:00+01:00", Some((-3_600_000, -3_540_001))),
            ("12345", Some((12_345, 12_345))),
            ("-5", Some((-5, -5))),
            ("1970-1-1", None),
            ("yesterday", None),
            ("1970-01-01T", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn date_math() {
        for text in ["now", "now-1d", "now/d", "now+1h", "2024-01-01||/M"] {
            assert!(is_date_math(text), "{text}");
        }
        for text in ["nowhere", "2024-01-01", "then-1d"] {
            assert!(!is_date_math(text), "{text}");
        }
    }
}
