//! In: milliseconds since 1970. Out: the timestamp that stores of alerts take.

const DAY: i64 = 86_400_000;

/// `2023-07-10T11:42:36.000Z`; nothing outside the years 0 to 9999, which the form can't hold.
pub(super) fn rfc3339(milliseconds: i64) -> Option<String> {
    let days = milliseconds.div_euclid(DAY);
    let rest = milliseconds.rem_euclid(DAY);
    let mut year = 1970_i64.checked_add(days.div_euclid(366))?;
    if !(-100..=10_100).contains(&year) {
        return None;
    }
    while start_of(year) > days {
        year -= 1;
    }
    while start_of(year + 1) <= days {
        year += 1;
    }
    let mut day = days - start_of(year);
    let mut month = 1;
    for length in [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    if !(0..=9999).contains(&year) {
        return None;
    }
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, fraction) = (rest / 1_000 % 60, rest % 1_000);
    let day = day + 1;
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"))
}

/// The day, counted from 1970-01-01, that a year begins with.
fn start_of(year: i64) -> i64 {
    let before = year - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    // 719,162 days lie between 0001-01-01 and 1970-01-01.
    before * 365 + leaps - 719_162
}

/// The length of a year beyond 365 days.
fn leap(year: i64) -> i64 {
    i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
}

#[cfg(test)]
mod tests {
    use super::rfc3339;
    use crate::event::time::milliseconds;

    #[test]
    fn a_timestamp_reads_back_as_itself() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "2023-07-10T11:42:36.000Z",
            "2024-02-29T23:59:59.001Z",
            "2024-12-31T00:00:00.000Z",
            "2100-03-01T12:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "0004-02-29T00:00:00.000Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert_eq!(rfc3339(milliseconds(text).unwrap()).as_deref(), Some(text));
        }
    }

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for day in 0..146_097 {
            let text = rfc3339(day * super::DAY).unwrap();
            assert_eq!(milliseconds(&text), Some(day * super::DAY), "{text}");
        }
    }

    #[test]
    fn beyond_the_form() {
        let last = milliseconds("9999-12-31T23:59:59.999Z").unwrap();
        assert_eq!(rfc3339(last + 1), None);
        let first = milliseconds("0000-01-01T00:00:00Z").unwrap();
        assert_eq!(rfc3339(first - 1), None);
        assert_eq!((rfc3339(i64::MAX), rfc3339(i64::MIN)), (None, None));
    }
}
