//! One record in, a template out: its text with holes where each copy gets values of its own.
//!
//! What differs from record to record in a real trail differs here: ids, time, account, user, address and
//! access key. A value is replaced wherever the record repeats it (an account stands in half a dozen ARNs).

use super::dice::Dice;
use super::record::{Record, quoted};
use serde_json::Value;
use std::io::Write as _;

/// What a hole is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    /// Fresh characters of the same classes: an event's or request's id.
    EventId,
    RequestId,
    AccessKey,
    /// Seconds that pass with the records.
    Time,
    Account,
    User,
    Address,
}

/// A piece of a template.
#[derive(Debug, Clone)]
enum Part {
    Text(Vec<u8>),
    Hole(Hole, Vec<u8>),
}

/// A record's text with holes.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
}

/// What a copy of a template is filled with.
#[derive(Debug)]
pub struct Filling {
    dice: Dice,
    written: u64,
    time: Vec<u8>,
    event_id: Vec<u8>,
}

/// Records of a second, as a busy organisation's trail has them.
const RECORDS_A_SECOND: u64 = 50;
/// The first record's time: 2026-03-01T00:00:00Z.
const BEGINNING: u64 = 1_772_323_200;
const ACCOUNTS: usize = 40;
const USERS: [&str; 12] = [
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "deploy",
    "terraform",
];

impl Template {
    /// Finds the holes of a record.
    #[must_use]
    pub fn new(record: &Record) -> Template {
        let mut values: Vec<(Hole, String)> = Vec::new();
        let mut take = |hole, value: Option<String>| {
            values.extend(value.filter(|value| value.len() > 2).map(|value| (hole, value)));
        };
        take(Hole::EventId, record.text("eventID"));
        take(Hole::RequestId, record.text("requestID"));
        take(Hole::Time, record.text("eventTime").filter(|time| time.len() == 20));
        let digits =
            |value: &String| value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit());
        take(Hole::Account, record.text("recipientAccountId").filter(digits));
        let dotted = |value: &String| value.parse::<std::net::Ipv4Addr>().is_ok();
        take(Hole::Address, record.text("sourceIPAddress").filter(dotted));
        let identity: Value = record
            .get("userIdentity")
            .and_then(|t| serde_json::from_str(t).ok())
            .unwrap_or_default();
        let identity_text = |key: &str| identity.get(key)?.as_str().map(str::to_owned);
        take(Hole::User, identity_text("userName"));
        take(Hole::AccessKey, identity_text("accessKeyId").filter(|key| key.len() > 4));
        Template { parts: cut(record.write().as_bytes(), &values) }
    }

    /// The template of an object that holds the record as a text under a key.
    #[must_use]
    pub fn as_text_of(self, key: &str) -> Template {
        let inside = |text: Vec<u8>| {
            let quoted = quoted(&String::from_utf8_lossy(&text));
            quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes().to_vec()
        };
        let mut parts = vec![Part::Text(format!("{{{}:\"", quoted(key)).into_bytes())];
        parts.extend(self.parts.into_iter().map(|part| match part {
            Part::Text(text) => Part::Text(inside(text)),
            // Ids, names, times and addresses have nothing to escape.
            hole @ Part::Hole(..) => hole,
        }));
        parts.push(Part::Text(b"\"}".to_vec()));
        Template { parts }
    }

    /// Appends one copy, without a line end.
    pub fn fill(&self, filling: &mut Filling, out: &mut Vec<u8>) {
        let account = filling.dice.below(ACCOUNTS);
        let user = filling.dice.roll();
        let address = filling.dice.roll();
        let key = filling.dice.roll();
        filling.tick();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Hole(Hole::EventId, shape) => {
                    let start = out.len();
                    fresh(shape, &mut filling.dice, out);
                    filling.event_id.clear();
                    filling.event_id.extend_from_slice(out.get(start..).unwrap_or_default());
                }
                Part::Hole(Hole::RequestId, shape) => fresh(shape, &mut filling.dice, out),
                Part::Hole(Hole::AccessKey, shape) => {
                    let (head, tail) = shape.split_at(shape.len().min(4));
                    out.extend_from_slice(head);
                    fresh(tail, &mut Dice::new(key), out);
                }
                Part::Hole(Hole::Time, _) => out.extend_from_slice(&filling.time),
                Part::Hole(Hole::Account, _) => {
                    put(out, format_args!("{}", 111_122_220_000 + 37 * account));
                }
                Part::Hole(Hole::User, _) => {
                    let name = USERS.get(user as usize % USERS.len()).unwrap_or(&"alice");
                    put(out, format_args!("{name}-{}", user >> 57));
                }
                Part::Hole(Hole::Address, _) => {
                    let [a, b, c, ..] = address.to_le_bytes();
                    put(out, format_args!("203.{}.{b}.{c}", a & 63));
                }
            }
        }
    }
}

impl Filling {
    /// Values that follow from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Filling {
        Filling { dice: Dice::new(seed), written: 0, time: Vec::new(), event_id: Vec::new() }
    }

    /// The last copy's eventID.
    #[must_use]
    pub fn event_id(&self) -> &[u8] {
        &self.event_id
    }

    fn tick(&mut self) {
        if self.written.is_multiple_of(RECORDS_A_SECOND) {
            self.time.clear();
            write_time(BEGINNING + self.written / RECORDS_A_SECOND, &mut self.time);
        }
        self.written += 1;
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector doesn't fail.
    let _ = out.write_fmt(text);
}

/// The record's text cut at each whole occurrence of the values; the first value named wins a place.
fn cut(text: &[u8], values: &[(Hole, String)]) -> Vec<Part> {
    let mut places: Vec<(usize, usize, Hole)> = Vec::new();
    for (hole, value) in values {
        let value = value.as_bytes();
        for start in 0..text.len().saturating_sub(value.len()) {
            let end = start + value.len();
            let edge =
                |at: Option<&u8>| at.is_some_and(|b| !b.is_ascii_alphanumeric() && *b != b'-');
            if text.get(start..end) == Some(value)
                && edge(start.checked_sub(1).and_then(|before| text.get(before)))
                && edge(text.get(end))
                && places.iter().all(|(from, to, _)| end <= *from || *to <= start)
            {
                places.push((start, end, *hole));
            }
        }
    }
    places.sort_by_key(|(start, ..)| *start);
    let mut parts = Vec::new();
    let mut done = 0;
    let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_vec();
    for (start, end, hole) in places {
        parts.push(Part::Text(piece(done, start)));
        parts.push(Part::Hole(hole, piece(start, end)));
        done = end;
    }
    parts.push(Part::Text(piece(done, text.len())));
    parts
}

/// Random characters of the same classes; small letters stay hex digits where they were.
fn fresh(shape: &[u8], dice: &mut Dice, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    const CAPITALS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = 0;
    for (at, byte) in shape.iter().enumerate() {
        if at % 12 == 0 {
            bits = dice.roll();
        }
        let pick = (bits & 31) as usize;
        bits >>= 5;
        let capitals = shape.len() <= 16;
        out.push(match byte {
            b'0'..=b'9' | b'A'..=b'Z' if capitals => CAPITALS.get(pick).copied().unwrap_or(b'A'),
            b'0'..=b'9' | b'a'..=b'f' => HEX.get(pick & 15).copied().unwrap_or(b'0'),
            other => *other,
        });
    }
}

/// Seconds since 1970 as CloudTrail writes them.
fn write_time(seconds: u64, out: &mut Vec<u8>) {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut day) = (1970, days);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    put(
        out,
        format_args!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z", day + 1, second % 60),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (BEGINNING, "2026-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            let mut out = Vec::new();
            write_time(seconds, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }

    #[test]
    fn a_value_is_replaced_wherever_it_stands_whole() {
        let record = Record::read(
            r#"{"userIdentity":{"arn":"arn:aws:iam::123456789012:user/ann","userName":"ann"},
                "recipientAccountId":"123456789012","note":"annual 1234567890123"}"#,
        )
        .unwrap();
        let mut out = Vec::new();
        Template::new(&record).fill(&mut Filling::new(1), &mut out);
        let text = String::from_utf8(out).unwrap();
        let copy: Value = serde_json::from_str(&text).unwrap();
        let user = copy["userIdentity"]["userName"].as_str().unwrap();
        assert_ne!(user, "ann");
        assert!(text.contains(&format!(":user/{user}\"")), "{text}");
        assert!(text.contains("annual 1234567890123"), "{text}");
        assert!(!text.contains("123456789012\""), "{text}");
    }
}
