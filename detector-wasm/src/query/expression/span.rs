//! In: a span of time, and a point in time. Out: the beginning of the span that the point lies in.

use tocsin_wire::calendar::{DAY, Moment};

/// A span of time that dates can be cut to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// So many milliseconds, counted from a Monday.
    Fixed(i64),
    /// So many months of a year: 1, 2, 3, 4 or 6.
    Months(i64),
    Year,
}

impl Span {
    /// A span as Logpresso writes it: `10s`, `5m`, `1h`, `1d`, `1w`, `3mon`, `1y`.
    pub(crate) fn parse(text: &str) -> Option<Span> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (amount, unit) = text.split_at_checked(digits)?;
        let amount: i64 = amount.parse().ok().filter(|amount| *amount > 0)?;
        let milliseconds = match unit.to_ascii_lowercase().as_str() {
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => DAY,
            "w" => 7 * DAY,
            "mon" if [1, 2, 3, 4, 6].contains(&amount) => return Some(Span::Months(amount)),
            "y" if amount == 1 => return Some(Span::Year),
            _ => return None,
        };
        amount.checked_mul(milliseconds).map(Span::Fixed)
    }

    /// The beginning of the span that the time lies in.
    pub(crate) fn cut(self, milliseconds: i64) -> Option<i64> {
        /// From a Monday's midnight to 1970-01-01, a Thursday.
        const FROM_MONDAY: i64 = 3 * DAY;
        let (year, month) = match self {
            Span::Fixed(length) => {
                let since = milliseconds.checked_add(FROM_MONDAY)?;
                let into = since.checked_rem_euclid(length)?;
                return since.checked_sub(into)?.checked_sub(FROM_MONDAY);
            }
            Span::Months(count) => {
                let moment = Moment::of(milliseconds);
                let into = (moment.month - 1).checked_rem_euclid(count)?;
                (moment.year, moment.month - into)
            }
            Span::Year => (Moment::of(milliseconds).year, 1),
        };
        let day = Moment { year, month, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
        day.milliseconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::time::milliseconds;
    use tocsin_wire::calendar::iso;

    #[test]
    fn the_ends_of_time() {
        for extreme in [i64::MIN, i64::MAX] {
            for span in [Span::Fixed(1_000), Span::Months(3), Span::Year] {
                let _ = span.cut(extreme);
            }
        }
    }

    #[test]
    fn spans() {
        // 2023-07-12 is a Wednesday.
        for (span, expected) in [
            ("10s", "2023-07-12T11:42:30Z"),
            ("5m", "2023-07-12T11:40:00Z"),
            ("1h", "2023-07-12T11:00:00Z"),
            ("1d", "2023-07-12T00:00:00Z"),
            ("1w", "2023-07-10T00:00:00Z"),
            ("1mon", "2023-07-01T00:00:00Z"),
            ("2mon", "2023-07-01T00:00:00Z"),
            ("4mon", "2023-05-01T00:00:00Z"),
            ("1y", "2023-01-01T00:00:00Z"),
        ] {
            let time = milliseconds("2023-07-12T11:42:36Z").unwrap();
            assert_eq!(Span::parse(span).unwrap().cut(time).map(iso).as_deref(), Some(expected));
        }
        for wrong in ["", "h", "0h", "5mon", "2y", "1x", "99999999999999999999s", "é"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }
}
