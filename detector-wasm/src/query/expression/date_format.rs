//! In: a pattern of dates, as Java's `SimpleDateFormat` has them. Out: dates to texts and back, in UTC.

use super::calendar::Moment;

/// A pattern of dates, as Java's `SimpleDateFormat` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateFormat(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    /// `+0900`, or `Z`.
    Zone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A unit and how many letters ask for it.
    Unit(Unit, usize),
}

impl DateFormat {
    /// The pattern that `text` is, or the letter that isn't known.
    pub(crate) fn parse(text: &str) -> Result<DateFormat, char> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut quoted = false;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            if character == '\'' {
                if characters.next_if_eq(&'\'').is_some() {
                    plain.push('\'');
                } else {
                    quoted = !quoted;
                }
                continue;
            }
            if quoted || !character.is_ascii_alphabetic() {
                plain.push(character);
                continue;
            }
            let unit = match character {
                'y' => Unit::Year,
                'M' => Unit::Month,
                'd' => Unit::Day,
                'H' => Unit::Hour,
                'm' => Unit::Minute,
                's' => Unit::Second,
                'S' => Unit::Millisecond,
                'Z' | 'X' => Unit::Zone,
                other => return Err(other),
            };
            let mut count = 1;
            while characters.next_if_eq(&character).is_some() {
                count += 1;
            }
            if unit == Unit::Month && count > 2 {
                return Err(character);
            }
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Unit(unit, count));
        }
        parts.push(Part::Text(plain));
        Ok(DateFormat(parts))
    }

    /// The time that a text says, if it has the pattern's form; what the pattern doesn't name is the
    /// beginning of 1970, and what follows the pattern doesn't matter, as in Java.
    pub(crate) fn read(&self, text: &str) -> Option<i64> {
        let mut moment = Moment::of(0);
        let mut offset = 0;
        let mut rest = text;
        for (place, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(plain) => rest = rest.strip_prefix(plain.as_str())?,
                Part::Unit(Unit::Zone, _) => (offset, rest) = zone(rest)?,
                Part::Unit(unit, count) => {
                    // Digits that run into the next unit's are told apart by the number of letters.
                    let adjacent = matches!(self.0.get(place + 1), Some(Part::Text(plain)) if plain.is_empty())
                        && matches!(self.0.get(place + 2), Some(Part::Unit(unit, _)) if *unit != Unit::Zone);
                    let longest = if adjacent { *count } else { 9 };
                    let digits = rest.bytes().take(longest).take_while(u8::is_ascii_digit).count();
                    let (number, after) = rest.split_at_checked(digits)?;
                    let number: i64 = number.parse().ok()?;
                    rest = after;
                    match unit {
                        // Two letters mean this century, for want of a clock to tell.
                        Unit::Year if *count == 2 && digits == 2 => moment.year = 2000 + number,
                        Unit::Year => moment.year = number,
                        Unit::Month => moment.month = number,
                        Unit::Day => moment.day = number,
                        Unit::Hour => moment.hour = number,
                        Unit::Minute => moment.minute = number,
                        Unit::Second => moment.second = number,
                        Unit::Millisecond | Unit::Zone => moment.millisecond = number,
                    }
                }
            }
        }
        moment.milliseconds()?.checked_sub(offset)
    }

    /// The text of a time in the pattern's form.
    pub(crate) fn write(&self, milliseconds: i64) -> String {
        let moment = Moment::of(milliseconds);
        let mut out = String::new();
        for part in &self.0 {
            let (number, count) = match part {
                Part::Text(plain) => {
                    out.push_str(plain);
                    continue;
                }
                Part::Unit(Unit::Zone, _) => {
                    out.push_str("+0000");
                    continue;
                }
                Part::Unit(Unit::Year, 2) => (moment.year.rem_euclid(100), &2),
                Part::Unit(Unit::Year, count) => (moment.year, count),
                Part::Unit(Unit::Month, count) => (moment.month, count),
                Part::Unit(Unit::Day, count) => (moment.day, count),
                Part::Unit(Unit::Hour, count) => (moment.hour, count),
                Part::Unit(Unit::Minute, count) => (moment.minute, count),
                Part::Unit(Unit::Second, count) => (moment.second, count),
                Part::Unit(Unit::Millisecond, count) => (moment.millisecond, count),
            };
            let width = (*count).min(32);
            out.push_str(&format!("{number:0width$}"));
        }
        out
    }
}

/// Milliseconds east of Greenwich, and what follows the zone.
fn zone(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some((0, rest));
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let rest = text.get(1..)?;
    let (hours, rest) = rest.split_at_checked(2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = rest.split_at_checked(2).unwrap_or(("0", rest));
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some((sign * (hours * 60 + minutes) * 60_000, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::expression::calendar::iso;

    #[test]
    fn formats_read_and_write() {
        for (format, text, expected) in [
            ("yyyy-MM-dd HH:mm:ss", "2023-07-12 11:42:36", Some("2023-07-12T11:42:36Z")),
            ("yyyyMMddHHmmss", "20230712114236", Some("2023-07-12T11:42:36Z")),
            ("dd/MM/yy", "12/07/23", Some("2023-07-12T00:00:00Z")),
            (
                "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
                "2023-07-12T11:42:36.5+0900",
                Some("2023-07-12T02:42:36.005Z"),
            ),
            ("yyyy-MM-dd'T'HH:mm:ssX", "2023-07-12T11:42:36Z", Some("2023-07-12T11:42:36Z")),
            ("yyyy-MM-dd", "2023-02-29", None),
            ("yyyy-MM-dd", "2023", None),
            ("yyyy-MM-dd", "", None),
            ("ss", "99999999999999999999", None),
        ] {
            let format = DateFormat::parse(format).unwrap();
            assert_eq!(format.read(text).map(iso).as_deref(), expected, "{text}");
        }
        let format = DateFormat::parse("yy/M/dd 'o''clock' HH.mm.ss.SSS Z").unwrap();
        assert_eq!(format.write(1_688_989_356_007), "23/7/10 o'clock 11.42.36.007 +0000");
        assert_eq!(DateFormat::parse("EEE"), Err('E'));
    }
}
