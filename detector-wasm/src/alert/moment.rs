//! In: milliseconds since 1970. Out: the timestamp that stores of alerts take.

use tocsin_wire::calendar::{self, Moment};

/// `2023-07-10T11:42:36.000Z`; nothing outside the years 0 to 9999, which the form can't hold.
pub(super) fn rfc3339(milliseconds: i64) -> Option<String> {
    let year = Moment::of(milliseconds).year;
    (0..=9999).contains(&year).then(|| calendar::rfc3339(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::rfc3339;
    use crate::event::time::milliseconds;
    use tocsin_wire::calendar::DAY;

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
            let text = rfc3339(day * DAY).unwrap();
            assert_eq!(milliseconds(&text), Some(day * DAY), "{text}");
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
