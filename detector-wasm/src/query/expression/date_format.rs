//! Patterns of dates, as Java's `SimpleDateFormat` reads and writes them: leniently. What would depend on the
//! machine (its time zone, its language) is UTC and English here.

use tocsin_wire::calendar::{DAY, Moment, days_to};

/// A pattern, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateFormat {
    parts: Vec<Part>,
    /// The zone that dates are written in and read in: milliseconds east of Greenwich.
    pub(crate) zone: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A letter and how often it stands there.
    Unit(char, usize),
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Time zones that have a name and one offset, in minutes.
const ZONES: [(&str, i64); 22] = [
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("Etc/UTC", 0),
    ("KST", 540),
    ("Asia/Seoul", 540),
    ("JST", 540),
    ("Asia/Tokyo", 540),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("MSK", 180),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -420),
    ("PDT", -420),
    ("Asia/Singapore", 480),
];

/// The offset of a zone's name, or of `GMT+9:00` and its kin, in milliseconds.
pub(crate) fn zone_of(name: &str) -> Option<i64> {
    if let Some((_, minutes)) = ZONES.iter().find(|(known, _)| *known == name) {
        return Some(minutes * 60_000);
    }
    let rest = name.strip_prefix("GMT").or_else(|| name.strip_prefix("UTC"))?;
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = rest.get(1..)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(both) => both,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number =
        |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// The parts of a moment that the text has given so far.
struct Reading {
    year: i64,
    before_christ: bool,
    month: i64,
    day: i64,
    day_of_year: Option<i64>,
    hour: i64,
    /// The hour counts from noon, or from midnight.
    afternoon: Option<bool>,
    half_day: bool,
    minute: i64,
    second: i64,
    millisecond: i64,
    zone: i64,
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
            if !"GyMwWDdEFuaHkKhmsSzZX".contains(character) {
                return Err(character);
            }
            let mut count = 1;
            while characters.next_if_eq(&character).is_some() {
                count += 1;
            }
            if character == 'X' && count > 3 {
                return Err(character);
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Unit(character, count));
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(DateFormat { parts, zone: 0 })
    }

    /// A letter that dates can be written by and not read.
    pub(crate) fn unreadable(&self) -> Option<char> {
        self.parts.iter().find_map(|part| match part {
            Part::Unit(letter @ ('w' | 'W' | 'F'), _) => Some(*letter),
            _ => None,
        })
    }

    /// The time that a text says; what the pattern doesn't name is the beginning of 1970, and what follows
    /// the pattern doesn't matter.
    pub(crate) fn read(&self, text: &str) -> Option<i64> {
        let mut said = Reading {
            year: 1970,
            before_christ: false,
            month: 1,
            day: 1,
            day_of_year: None,
            hour: 0,
            afternoon: None,
            half_day: false,
            minute: 0,
            second: 0,
            millisecond: 0,
            zone: self.zone,
        };
        let mut rest = text;
        for (place, part) in self.parts.iter().enumerate() {
            rest = match part {
                Part::Text(plain) => rest.strip_prefix(plain.as_str())?,
                Part::Unit(letter, count) => {
                    // Where digits run into the next unit's, the number of letters divides them.
                    let next = self.parts.get(place + 1);
                    let adjacent =
                        matches!(next, Some(Part::Unit(next, many)) if is_number(*next, *many));
                    said.unit(rest, *letter, *count, adjacent)?
                }
            };
        }
        said.milliseconds()
    }

    /// The text of a time in the pattern's form.
    pub(crate) fn write(&self, milliseconds: i64) -> String {
        let local = milliseconds.saturating_add(self.zone);
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => out.push_str(plain),
                Part::Unit(letter, count) => {
                    write_unit(local, self.zone, *letter, *count, &mut out)
                }
            }
        }
        out
    }
}

/// Whether a unit is read as digits.
fn is_number(letter: char, count: usize) -> bool {
    !"GEazZX".contains(letter) && (letter != 'M' || count < 3)
}

impl Reading {
    /// Reads one unit; gives what follows it.
    fn unit<'t>(
        &mut self,
        text: &'t str,
        letter: char,
        count: usize,
        adjacent: bool,
    ) -> Option<&'t str> {
        let text = text.trim_start_matches([' ', '\t']);
        if is_number(letter, count) {
            let longest = if adjacent { count } else { 10 };
            let digits = text.bytes().take(longest).take_while(u8::is_ascii_digit).count();
            let (number, rest) =
                text.split_at_checked(digits).filter(|_| adjacent || digits < 10)?;
            let number: i64 = number.parse().ok()?;
            match letter {
                // Two letters mean this century, for want of a clock to tell.
                'y' if count == 2 && digits == 2 => self.year = 2000 + number,
                'y' => self.year = number,
                'M' => self.month = number,
                'd' => self.day = number,
                'D' => self.day_of_year = Some(number),
                'H' => self.hour = number,
                'k' => self.hour = number % 24,
                'K' | 'h' => {
                    self.hour = if letter == 'h' { number % 12 } else { number };
                    self.half_day = true;
                }
                'm' => self.minute = number,
                's' => self.second = number,
                'S' => self.millisecond = number,
                // The day of the week follows from the date.
                _ => {}
            }
            return Some(rest);
        }
        match letter {
            'G' => {
                let (place, rest) = name(text, ["AD", "BC"].into_iter())?;
                self.before_christ = place == 1;
                Some(rest)
            }
            'M' => {
                let (place, rest) = named(text, &MONTHS)?;
                self.month = i64::try_from(place).ok()? + 1;
                Some(rest)
            }
            'E' => named(text, &DAYS).map(|(_, rest)| rest),
            'a' => {
                let (place, rest) = name(text, ["AM", "PM"].into_iter())?;
                self.afternoon = Some(place == 1);
                Some(rest)
            }
            _ => {
                let (offset, rest) = zone(text, letter, count)?;
                self.zone = offset;
                Some(rest)
            }
        }
    }

    /// The moment, months of 13 and hours of 25 carried over.
    fn milliseconds(&self) -> Option<i64> {
        let year = if self.before_christ { 1 - self.year } else { self.year };
        let months = self.month - 1;
        let (year, month) = (year + months.div_euclid(12), months.rem_euclid(12) + 1);
        if !(-200_000..=200_000).contains(&year) {
            return None;
        }
        let first = match self.day_of_year {
            Some(day) => days_to(year, 1, 1) + day - 1,
            None => days_to(year, month, 1) + self.day - 1,
        };
        let noon = if self.half_day && self.afternoon == Some(true) { 12 } else { 0 };
        let seconds = (self.hour + noon) * 3_600 + self.minute * 60 + self.second;
        first
            .checked_mul(DAY)?
            .checked_add(seconds * 1_000 + self.millisecond)?
            .checked_sub(self.zone)
    }
}

/// The place of the name that a text begins with, in any case, and what follows it.
fn name<'t, 'n>(text: &'t str, names: impl Iterator<Item = &'n str>) -> Option<(usize, &'t str)> {
    let begins =
        |name: &str| text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    let found = names.enumerate().find(|(_, name)| begins(name));
    found.and_then(|(place, name)| Some((place, text.get(name.len()..)?)))
}

/// The same of long names and their first three letters.
fn named<'t>(text: &'t str, names: &[&str]) -> Option<(usize, &'t str)> {
    name(text, names.iter().copied())
        .or_else(|| name(text, names.iter().map(|name| name.get(..3).unwrap_or(name))))
}

/// Milliseconds east of Greenwich, and what follows the zone.
fn zone(text: &str, letter: char, count: usize) -> Option<(i64, &str)> {
    if letter == 'X' {
        if let Some(rest) = text.strip_prefix('Z') {
            return Some((0, rest));
        }
        return offset(text, count > 1, count > 2);
    }
    if text.starts_with(['+', '-']) {
        return offset(text, true, false);
    }
    let end = text.find(|c: char| !c.is_ascii_alphabetic() && c != '/').unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    if matches!(word, "GMT" | "UTC") && rest.starts_with(['+', '-']) {
        let end = rest.find(|c: char| !"+-:0123456789".contains(c)).unwrap_or(rest.len());
        let (digits, rest) = rest.split_at_checked(end)?;
        return Some((zone_of(&format!("GMT{digits}"))?, rest));
    }
    (word != "Z").then_some(())?;
    Some((zone_of(word)?, rest))
}

/// `+09`, `+0900` or `+09:00`.
fn offset(text: &str, minutes: bool, colon: bool) -> Option<(i64, &str)> {
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let two = |text: &'_ str| -> Option<i64> {
        let digits = text.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let rest = text.get(1..)?;
    let (hours, rest) = (two(rest)?, rest.get(2..)?);
    if !minutes {
        return Some((sign * hours * 3_600_000, rest));
    }
    let rest = if colon { rest.strip_prefix(':')? } else { rest };
    Some((sign * (hours * 60 + two(rest)?) * 60_000, rest.get(2..)?))
}

fn write_unit(local: i64, zone: i64, letter: char, count: usize, out: &mut String) {
    let moment = Moment::of(local);
    let days = local.div_euclid(DAY);
    // 1970-01-01 was a Thursday; Monday is 0 here.
    let weekday = (days + 3).rem_euclid(7);
    let of_year = days - days_to(moment.year, 1, 1);
    // Weeks begin on Sunday, and the first one holds the 1st.
    let week = |day: i64| (day + (weekday + 1 - day).rem_euclid(7)) / 7 + 1;
    let short = |name: &'static str| if count < 4 { name.get(..3).unwrap_or(name) } else { name };
    let named = |names: &[&'static str], place: i64| {
        usize::try_from(place).ok().and_then(|place| names.get(place).copied()).unwrap_or("")
    };
    let number = match letter {
        'y' if count == 2 => moment.year.rem_euclid(100),
        'y' if moment.year < 1 => 1 - moment.year,
        'y' => moment.year,
        'M' if count > 2 => return out.push_str(short(named(&MONTHS, moment.month - 1))),
        'M' => moment.month,
        'w' => week(of_year),
        'W' => week(moment.day - 1),
        'D' => of_year + 1,
        'd' => moment.day,
        'E' => return out.push_str(short(named(&DAYS, weekday))),
        'F' => (moment.day - 1) / 7 + 1,
        'u' => weekday + 1,
        'H' => moment.hour,
        'k' => (moment.hour + 23) % 24 + 1,
        'K' => moment.hour % 12,
        'h' => (moment.hour + 11) % 12 + 1,
        'm' => moment.minute,
        's' => moment.second,
        'S' => moment.millisecond,
        'G' => return out.push_str(if moment.year < 1 { "BC" } else { "AD" }),
        'a' => return out.push_str(if moment.hour < 12 { "AM" } else { "PM" }),
        _ => return out.push_str(&zone_text(zone, letter, count)),
    };
    let width = count.min(32);
    out.push_str(&format!("{number:0width$}"));
}

fn zone_text(zone: i64, letter: char, count: usize) -> String {
    let minutes = zone / 60_000;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match (letter, count) {
        ('X', _) if zone == 0 => "Z".to_owned(),
        ('X', 1) => format!("{sign}{hours:02}"),
        ('X', 3) => format!("{sign}{hours:02}:{minutes:02}"),
        ('z', _) if zone == 0 => "UTC".to_owned(),
        ('z', _) => format!("GMT{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tocsin_wire::calendar::iso;

    #[test]
    fn texts_are_read_leniently() {
        for (format, text, expected) in [
            ("yyyy-MM-dd HH:mm:ss", "2023-07-12 11:42:36", Some("2023-07-12T11:42:36Z")),
            ("yyyyMMddHHmmss", "20230712114236", Some("2023-07-12T11:42:36Z")),
            ("dd/MM/yy", "12/07/23", Some("2023-07-12T00:00:00Z")),
            ("yyyy", "24", Some("0024-01-01T00:00:00Z")),
            (
                "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
                "2023-07-12T11:42:36.5+0900",
                Some("2023-07-12T02:42:36.005Z"),
            ),
            ("yyyy-MM-dd'T'HH:mm:ssX", "2023-07-12T11:42:36Z", Some("2023-07-12T11:42:36Z")),
            ("yyyy-MM-dd HH XXX", "2023-07-12 11 +05:30", Some("2023-07-12T05:30:00Z")),
            ("yyyy-MM-dd HH X", "2023-07-12 11 +0530", Some("2023-07-12T06:00:00Z")),
            ("yyyy-MM-dd HH Z", "2023-07-12 11 UTC", Some("2023-07-12T11:00:00Z")),
            ("yyyy-MM-dd HH Z", "2023-07-12 11 Z", None),
            ("yyyy-MM-dd HH Z", "2023-07-12 11 +05:30", None),
            ("yyyy-MM-dd", "2020-13-34", Some("2021-02-03T00:00:00Z")),
            ("HH:mm", "25:61", Some("1970-01-02T02:01:00Z")),
            ("MMM d yyyy", "feb 30 2024", Some("2024-03-01T00:00:00Z")),
            ("hh:mm a", "12:05 pm", Some("1970-01-01T12:05:00Z")),
            ("EEE, d MMM yyyy", "Sat, 14 Mar 2026", Some("2026-03-14T00:00:00Z")),
            ("yyyy-MM-dd", " 2023-7-1x", Some("2023-07-01T00:00:00Z")),
            ("yyyy-MM-dd", "2023", None),
            ("yyyy-MM-dd", "", None),
            ("ss", "99999999999999999999", None),
            ("D yyyy", "60 2024", Some("2024-02-29T00:00:00Z")),
        ] {
            let format = DateFormat::parse(format).unwrap();
            assert_eq!(format.read(text).map(iso).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_written() {
        // A Saturday.
        let time =
            DateFormat::parse("yyyy-MM-dd HH:mm:ss").unwrap().read("2026-03-14 09:05:07").unwrap();
        for (pattern, zone, expected) in [
            ("HH:mm Z", "GMT+09", "18:05 +0900"),
            ("HH:mm X XX XXX", "GMT+9:30", "18:35 +09 +0930 +09:30"),
            ("HH X", "UTC", "09 Z"),
            ("EEE EEEE u F D", "UTC", "Sat Saturday 6 2 73"),
            ("w W", "UTC", "11 2"),
            ("MMM MMMM yy y G", "UTC", "Mar March 26 2026 AD"),
            ("K h k a", "GMT+03", "0 12 12 PM"),
            ("'o''clock' SSS", "UTC", "o'clock 000"),
        ] {
            let mut format = DateFormat::parse(pattern).unwrap();
            format.zone = zone_of(zone).unwrap();
            assert_eq!(format.write(time), expected, "{pattern}");
        }
        assert_eq!(DateFormat::parse("YYYY"), Err('Y'));
        assert_eq!(zone_of("Europe/Nowhere"), None);
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!DateFormat::parse("yyyy w W D u E").unwrap().write(extreme).is_empty());
        }
    }
}
