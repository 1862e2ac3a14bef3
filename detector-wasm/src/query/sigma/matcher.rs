//! In: a field of a record. Out: whether it is as a detection's item says.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::net::IpAddr;

use super::modifier::Anchor;
use crate::budget;
use crate::event::time::milliseconds;
use crate::event::{Event, FieldId, Value};
use crate::pattern::Pattern;
use crate::query::accepted::{Accepted, AcceptedTexts, Numbers};
use crate::query::expression::shown;
use crate::query::kql::decimal::Decimal;
use crate::query::regex::Regex;
use crate::sort;
use tocsin_wire::calendar::Moment;

/// A question that only Sigma asks; the others are common to all languages.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    /// The record has the field, be its value null.
    Present,
    /// There is a value other than null.
    Value,
    /// One of the values.
    Values(Values),
    /// One of the expressions matches somewhere in the text.
    Regexes(Vec<Regex>),
    /// The address lies in one of the networks.
    Networks(Vec<Network>),
    /// The number stands in the order to one of these.
    Numbers(Order, Vec<Decimal>),
    /// A part of the date equals, or stands in the order to, one of these.
    Time(TimePart, Option<Order>, Vec<Decimal>),
    /// The text is another field's, or has it in it.
    SameAs { other: FieldId, place: Anchor, cased: bool },
}

/// An order relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A part of a date, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimePart {
    Minute,
    Hour,
    Day,
    /// The week of ISO 8601: the first is the one with the year's first Thursday.
    Week,
    Month,
    Year,
}

impl Matcher {
    /// Which values pass.
    pub(crate) fn accepted(&self) -> Accepted<'_> {
        match self {
            Matcher::Present => Accepted::Present,
            Matcher::Values(values) => Accepted::Texts(AcceptedTexts {
                exact: &values.texts,
                folded: !values.cased,
                shown: true,
                numbers: match values.numbers.as_slice() {
                    [] => Numbers::AsTexts,
                    numbers => Numbers::Also(numbers),
                },
                ..AcceptedTexts::patterns(&values.patterns)
            }),
            Matcher::Regexes(regexes) => Accepted::Regexes(regexes),
            Matcher::Value | Matcher::Networks(_) | Matcher::Numbers(..) | Matcher::Time(..) => {
                Accepted::SomeValue
            }
            Matcher::SameAs { .. } => Accepted::Unknown,
        }
    }

    /// Whether the field of an event passes.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(crate) fn holds(&self, event: &Event<'_>, field: FieldId) -> bool {
        match self {
            Matcher::Present => event.has(field),
            Matcher::SameAs { other, place, cased } => {
                same(&texts(event, field, *cased), &texts(event, *other, *cased), *place)
            }
            _ => event.any(field, &mut |value| self.passes(value)),
        }
    }

    /// Whether a single value, no array, passes.
    pub(crate) fn passes(&self, value: &Value<'_>) -> bool {
        match self {
            Matcher::Present => true,
            Matcher::Value => *value != Value::Null,
            Matcher::Values(values) => values.hold(value),
            Matcher::Regexes(regexes) => shown::text(value)
                .is_some_and(|text| regexes.iter().any(|regex| regex.finds(&text))),
            Matcher::Networks(networks) => value
                .text()
                .and_then(|text| text.trim().parse::<IpAddr>().ok())
                .is_some_and(|address| networks.iter().any(|network| network.holds(address))),
            Matcher::Numbers(order, bounds) => {
                number(value).is_some_and(|number| ordered(&number, Some(*order), bounds))
            }
            Matcher::Time(part, order, bounds) => time(value)
                .and_then(|time| Decimal::parse(&part.of(time).to_string()))
                .is_some_and(|part| ordered(&part, *order, bounds)),
            Matcher::SameAs { .. } => false,
        }
    }
}

/// Whether a number stands in the order to one of the bounds, or equals one.
fn ordered(number: &Decimal, order: Option<Order>, bounds: &[Decimal]) -> bool {
    bounds.iter().any(|bound| {
        let ordering = number.cmp(bound);
        match order {
            None => ordering == Ordering::Equal,
            Some(Order::Less) => ordering.is_lt(),
            Some(Order::LessOrEqual) => ordering.is_le(),
            Some(Order::Greater) => ordering.is_gt(),
            Some(Order::GreaterOrEqual) => ordering.is_ge(),
        }
    })
}

/// The number that a value is, or that its text reads as.
fn number(value: &Value<'_>) -> Option<Decimal> {
    match value {
        Value::Number(_) | Value::Text(_) | Value::Computed(_) => Decimal::parse(&value.text()?),
        _ => None,
    }
}

/// The time in milliseconds of a date's text (RFC 3339, or a date alone), or of a number of seconds or
/// milliseconds since 1970. Seconds reach beyond the year 5000 before they are taken for milliseconds.
fn time(value: &Value<'_>) -> Option<i64> {
    const SECONDS: f64 = 1e11;
    let text = value.text()?;
    match value {
        Value::Number(_) => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
            let milliseconds = if number.abs() < SECONDS { number * 1e3 } else { number };
            Some(milliseconds.floor() as i64)
        }
        _ => milliseconds(&text),
    }
}

/// Lower case, the way patterns compare.
fn folded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || byte >= 0x80) {
        Cow::Owned(text.to_lowercase())
    } else {
        text
    }
}

/// The different texts of a field's values.
fn texts<'a>(event: &Event<'a>, field: FieldId, cased: bool) -> HashSet<Cow<'a, str>> {
    let mut texts = HashSet::new();
    event.any(field, &mut |value| {
        if let Some(text) = value.text() {
            texts.insert(if cased { text } else { folded(text) });
        }
        false
    });
    texts
}

/// Whether one of the texts is, or has at its place, one of the others.
fn same(texts: &HashSet<Cow<'_, str>>, others: &HashSet<Cow<'_, str>>, place: Anchor) -> bool {
    texts.iter().any(|text| {
        if place == Anchor::Whole {
            return others.contains(text);
        }
        others.iter().any(|other| {
            // Sixteen bytes are compared in the time of a step.
            let bytes = text.len().saturating_add(other.len());
            if !budget::take(bytes as u64 / 16 + 1) {
                return false;
            }
            match place {
                Anchor::Start => text.starts_with(&**other),
                Anchor::End => text.ends_with(&**other),
                Anchor::Anywhere | Anchor::Whole => text.contains(&**other),
            }
        })
    })
}

/// Texts, patterns and numbers, of which one is enough. Exact ones are found by bisection, so that a long
/// list costs little more than a short one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Values {
    texts: Vec<String>,
    patterns: Vec<Pattern>,
    numbers: Vec<Decimal>,
    cased: bool,
}

impl Values {
    /// Texts and patterns; in lower case unless letters' case counts.
    pub(super) fn new(
        mut texts: Vec<String>,
        patterns: Vec<Pattern>,
        mut numbers: Vec<Decimal>,
        cased: bool,
    ) -> Values {
        sort::sort_and_dedup(&mut texts);
        sort::sort_and_dedup(&mut numbers);
        Values { texts, patterns, numbers, cased }
    }

    fn hold(&self, value: &Value<'_>) -> bool {
        let Some(text) = shown::text(value) else { return false };
        if let Value::Number(number) = value
            && !self.numbers.is_empty()
            && Decimal::parse(number)
                .is_some_and(|number| self.numbers.binary_search(&number).is_ok())
        {
            return true;
        }
        let text = if self.cased { text } else { folded(text) };
        self.texts.binary_search_by(|known| known.as_str().cmp(&text)).is_ok()
            || self.patterns.iter().any(|pattern| pattern.matches(&text))
    }
}

/// A range of addresses; IPv4 addresses lie where IPv6 maps them, so both spellings are one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    first: u128,
    last: u128,
}

impl Network {
    /// Reads `address/bits`, or an address alone. `Err` holds the network that was meant if the address
    /// is one inside it, and nothing if it is no network at all.
    pub(super) fn parse(text: &str) -> Result<Network, Option<String>> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| None)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => width,
            Some(bits) if bits.bytes().all(|digit| digit.is_ascii_digit()) => {
                bits.parse::<u32>().ok().filter(|bits| *bits <= width).ok_or(None)?
            }
            Some(_) => return Err(None),
        };
        let hosts = u128::MAX.checked_shr(128 - (width - bits)).unwrap_or(0);
        let value = mapped(address);
        if value & hosts == 0 {
            return Ok(Network { first: value, last: value | hosts });
        }
        let base = match address {
            IpAddr::V4(_) => std::net::Ipv4Addr::from((value & !hosts) as u32).to_string(),
            IpAddr::V6(_) => std::net::Ipv6Addr::from(value & !hosts).to_string(),
        };
        Err(Some(format!("{base}/{bits}")))
    }

    fn holds(self, address: IpAddr) -> bool {
        (self.first..=self.last).contains(&mapped(address))
    }
}

fn mapped(address: IpAddr) -> u128 {
    u128::from(match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    })
}

impl TimePart {
    /// The part of a time in milliseconds.
    fn of(self, time: i64) -> i64 {
        let moment = Moment::of(time);
        match self {
            TimePart::Minute => moment.minute,
            TimePart::Hour => moment.hour,
            TimePart::Day => moment.day,
            TimePart::Month => moment.month,
            TimePart::Year => moment.year,
            TimePart::Week => week(time),
        }
    }

    /// The values that the part can have.
    pub(super) fn bounds(self) -> (i64, i64) {
        match self {
            TimePart::Minute => (0, 59),
            TimePart::Hour => (0, 23),
            TimePart::Day => (1, 31),
            TimePart::Week => (1, 53),
            TimePart::Month => (1, 12),
            TimePart::Year => (0, 9_999),
        }
    }
}

/// The number of the week that a time lies in: that of its Thursday, counted from the year's beginning.
fn week(milliseconds: i64) -> i64 {
    const DAY: i64 = 86_400_000;
    let day = milliseconds.div_euclid(DAY);
    // 1970-01-01 was a Thursday.
    let thursday = day.saturating_sub((day + 3).rem_euclid(7)).saturating_add(3);
    let year = Moment::of(thursday.saturating_mul(DAY)).year;
    let first = Moment { year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
    let first = first.milliseconds().unwrap_or(0).div_euclid(DAY);
    (thursday - first) / 7 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let holds = |network: &str, address: &str| {
            Network::parse(network).unwrap().holds(address.parse().unwrap())
        };
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/31", "::ffff:192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
        ] {
            assert!(holds(network, inside), "{network} {inside}");
            assert!(!holds(network, outside), "{network} {outside}");
        }
        assert_eq!(Network::parse("10.1.2.3/8"), Err(Some("10.0.0.0/8".into())));
        assert_eq!(Network::parse("2001:db8::1/32"), Err(Some("2001:db8::/32".into())));
        for text in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "x", "", "::/129"] {
            assert_eq!(Network::parse(text), Err(None), "{text}");
        }
    }

    #[test]
    fn weeks_of_iso_8601() {
        for (date, expected) in [
            ("2023-01-01", 52),
            ("2023-01-02", 1),
            ("2020-12-31", 53),
            ("2021-01-03", 53),
            ("2021-01-04", 1),
            ("2024-12-30", 1),
            ("1969-12-29", 1),
        ] {
            assert_eq!(TimePart::Week.of(milliseconds(date).unwrap()), expected, "{date}");
        }
        for extreme in [i64::MIN, i64::MAX] {
            week(extreme);
        }
    }
}
