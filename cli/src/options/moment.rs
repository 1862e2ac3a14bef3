//! Times as people write them in, milliseconds since 1970 out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400_000;

/// A time given by a user, and whether it was a whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    begin: i64,
    is_day: bool,
}

impl Moment {
    /// The first millisecond.
    pub(crate) fn begin(self) -> i64 {
        self.begin
    }

    /// The last millisecond: of a day its last one.
    pub(crate) fn end(self) -> i64 {
        if self.is_day { self.begin + DAY - 1 } else { self.begin }
    }
}

/// `2026-03-14`, `2026-03-14T09:20:00Z`, `2026-03-14 09:20:00`, or how long ago: `24h`, `7d`.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    moment_at(text, SystemTime::now())
}

fn moment_at(text: &str, now: SystemTime) -> Result<Moment, String> {
    let text = text.trim();
    let is_day = text.len() == 10 && text.matches('-').count() == 2;
    let time = match is_day {
        true => humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).ok(),
        false => humantime::parse_rfc3339_weak(text).ok().or_else(|| {
            let ago: Duration = humantime::parse_duration(text).ok()?;
            now.checked_sub(ago)
        }),
    };
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let begin = since.and_then(|since| i64::try_from(since.as_millis()).ok());
    let begin = begin.ok_or("expected a day such as 2026-03-14, a time in UTC such as 2026-03-14T09:20:00Z, or how long ago, such as 24h or 7d")?;
    Ok(Moment { begin, is_day })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let now = UNIX_EPOCH + Duration::from_secs(10 * 86_400);
        for (text, begin, end) in [
            ("1970-01-02", DAY, 2 * DAY - 1),
            ("1970-01-02T00:00:01Z", DAY + 1_000, DAY + 1_000),
            ("1970-01-02 00:00:01", DAY + 1_000, DAY + 1_000),
            ("1970-01-02T00:00:01.5Z", DAY + 1_500, DAY + 1_500),
            ("24h", 9 * DAY, 9 * DAY),
            ("7d", 3 * DAY, 3 * DAY),
            ("1h 30m", 10 * DAY - 5_400_000, 10 * DAY - 5_400_000),
        ] {
            let moment = moment_at(text, now).unwrap();
            assert_eq!((moment.begin(), moment.end()), (begin, end), "{text}");
        }
        for text in ["", "yesterday", "1970-13-01", "14.03.2026", "24", "-1d", "20000d"] {
            assert!(moment_at(text, now).is_err(), "{text}");
        }
    }
}
