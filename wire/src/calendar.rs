//! Points in time by the Gregorian calendar, and as texts: the module and its hosts write times alike.
//!
//! Everything is in UTC: a module without a clock has no time zone database either.

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// A point in time by the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The year; 0 is the year before 1.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: i64,
    /// The day of the month, from 1.
    pub day: i64,
    /// The hour, 0 to 23.
    pub hour: i64,
    /// The minute, 0 to 59.
    pub minute: i64,
    /// The second, 0 to 59.
    pub second: i64,
    /// The millisecond, 0 to 999.
    pub millisecond: i64,
}

impl Moment {
    /// The moment of milliseconds since 1970.
    pub fn of(milliseconds: i64) -> Moment {
        let (days, rest) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        Moment {
            year,
            month,
            day,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            millisecond: rest % 1_000,
        }
    }

    /// Milliseconds since 1970; nothing if it is no moment of the calendar.
    pub fn milliseconds(self) -> Option<i64> {
        let fits = (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..1_000).contains(&self.millisecond)
            && (-200_000..=200_000).contains(&self.year);
        if !fits {
            return None;
        }
        let days = day_number(self.year, self.month, self.day)?;
        let seconds = self.hour * 3_600 + self.minute * 60 + self.second;
        days.checked_mul(DAY)?.checked_add(seconds * 1_000 + self.millisecond)
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar; nothing if there is no such day.
pub fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_to(year, month, day);
    (date_of(days) == (year, month, day)).then_some(days)
}

/// Days since 1970-01-01 of a date. The year begins in March here, so that a leap day is its last.
pub fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of days since 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `2026-03-14T09:20:00.000Z`; years outside 0 to 9999 keep their own number of digits.
pub fn rfc3339(milliseconds: i64) -> String {
    let Moment { year, month, day, hour, minute, second, millisecond } = Moment::of(milliseconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The time as ISO 8601 has it, with a fraction only where there is one.
pub fn iso(milliseconds: i64) -> String {
    let Moment { year, month, day, hour, minute, second, millisecond } = Moment::of(milliseconds);
    let time = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if millisecond == 0 { format!("{time}Z") } else { format!("{time}.{millisecond:03}Z") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_back() {
        for (milliseconds, written, short) in [
            (0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z", "1900-03-01T00:00:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00Z"),
            (1_688_989_356_500, "2023-07-10T11:42:36.500Z", "2023-07-10T11:42:36.500Z"),
        ] {
            assert_eq!(rfc3339(milliseconds), written);
            assert_eq!(iso(milliseconds), short);
            assert_eq!(Moment::of(milliseconds).milliseconds(), Some(milliseconds));
        }
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!iso(extreme).is_empty() && !rfc3339(extreme).is_empty());
        }
    }

    #[test]
    fn no_such_day() {
        let day = |year, month, day| {
            Moment { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 }
                .milliseconds()
        };
        assert_eq!(day(2023, 2, 29), None);
        assert_eq!(day(2024, 13, 1), None);
        assert!(day(2024, 2, 29).is_some());
    }
}
