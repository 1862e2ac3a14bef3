//! In: a field of a record. Out: whether it is as a detection's item says.

use std::borrow::Cow;
use std::collections::HashSet;

use super::modifier::Anchor;
use crate::budget;
use crate::event::time::milliseconds;
use crate::event::{Event, FieldId, Value};
use crate::pattern::Pattern;
use crate::query::accepted::{Accepted, AcceptedTexts, Numbers};
use crate::query::decimal::Decimal;
use crate::query::expression::shown;
use crate::query::network::{Network, address};
use crate::query::order::Order;
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
                .and_then(|text| address(text.trim()))
                .is_some_and(|address| networks.iter().any(|network| network.holds(address))),
            Matcher::Numbers(order, bounds) => {
                Decimal::of(value).is_some_and(|number| ordered(&number, Some(*order), bounds))
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
        order.map_or(ordering.is_eq(), |order| order.holds(ordering))
    })
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
