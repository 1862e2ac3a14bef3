//! In: the values of a clause and the kind of its field. Out: a test that a record's value passes or not.

use super::instant::instant;
use super::intervals::Intervals;
use super::words::{Words, split};
use crate::event::Value;
use crate::event::time::milliseconds;
use crate::pattern::Pattern;
use crate::query::accepted::{Accepted, AcceptedTexts, Numbers};
use crate::query::decimal::Decimal;
use crate::query::network::address;
use crate::query::order::Order;
use crate::sort;

/// The values that a clause allows.
#[derive(Debug, Clone)]
pub(crate) enum Literal {
    /// Exact texts, numbers by value, and patterns.
    Values(Values),
    /// Words of a full-text field; one of these is enough.
    Words(Vec<Words>),
    /// Moments, in milliseconds since 1970.
    Instants(Intervals<i64>),
    /// Addresses and networks.
    Addresses(Intervals<u128>),
}

/// Allowed texts and numbers, found by bisection, so that a long list costs little more than a short one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    texts: Vec<String>,
    numbers: Vec<Decimal>,
    patterns: Vec<Pattern>,
    /// Texts that are numbers compare by value too.
    reads_numbers: bool,
}

impl Values {
    /// The texts, and patterns beside them. `reads_numbers` if the field holds numbers, as texts or not.
    pub(super) fn new(
        mut texts: Vec<String>,
        patterns: Vec<Pattern>,
        reads_numbers: bool,
    ) -> Values {
        sort::sort_and_dedup(&mut texts);
        let mut numbers: Vec<Decimal> =
            texts.iter().filter_map(|text| Decimal::parse(text)).collect();
        sort::sort_and_dedup(&mut numbers);
        Values { texts, numbers, patterns, reads_numbers }
    }

    fn allow(&self, value: &Value<'_>) -> bool {
        let Some(text) = value.text() else { return false };
        if self.texts.binary_search_by(|known| known.as_str().cmp(&text)).is_ok() {
            return true;
        }
        let number = self.reads_numbers || matches!(value, Value::Number(_));
        (number && self.allow_number(&text))
            || self.patterns.iter().any(|pattern| pattern.matches(&text))
    }

    fn allow_number(&self, text: &str) -> bool {
        !self.numbers.is_empty()
            && Decimal::parse(text)
                .is_some_and(|number| self.numbers.binary_search(&number).is_ok())
    }
}

impl Literal {
    /// Which values are allowed.
    pub(crate) fn accepted(&self) -> Accepted<'_> {
        let Literal::Values(values) = self else { return Accepted::SomeValue };
        Accepted::Texts(AcceptedTexts {
            exact: &values.texts,
            numbers: match values.numbers.is_empty() {
                true => Numbers::AsTexts,
                false => Numbers::EqualTexts,
            },
            ..AcceptedTexts::patterns(&values.patterns)
        })
    }

    /// Whether a single value is allowed.
    pub(crate) fn equals(&self, value: &Value<'_>) -> bool {
        match self {
            Literal::Values(values) => values.allow(value),
            Literal::Words(all) => {
                value.text().is_some_and(|text| all.iter().any(|words| words.answer(&text)))
            }
            Literal::Instants(instants) => moment(value).is_some_and(|at| instants.contain(at)),
            Literal::Addresses(networks) => {
                value.text().and_then(|text| address(&text)).is_some_and(|ip| networks.contain(ip))
            }
        }
    }
}

/// An order relation to a bound.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(super) order: Order,
    pub(super) bound: Bound,
}

/// What values are compared with.
#[derive(Debug, Clone)]
pub(crate) enum Bound {
    /// Texts by their characters' code points.
    Text(Box<str>),
    /// Numbers by value, whether the record writes them as numbers or as texts.
    Number(Decimal),
    /// Numbers by value, other values as texts: of a field whose kind isn't known.
    Either(Decimal, Box<str>),
    /// Words of a full-text field.
    Word(Box<str>),
    /// The first and the last millisecond that the bound may mean.
    Instant(i64, i64),
    Address(u128),
}

impl Range {
    /// Whether a single value stands in the relation.
    pub(crate) fn holds(&self, value: &Value<'_>) -> bool {
        let ordering = match &self.bound {
            Bound::Text(bound) => value.text().map(|text| (*text).cmp(bound)),
            Bound::Number(bound) => Decimal::of(value).map(|number| number.cmp(bound)),
            Bound::Either(bound, text) => match value {
                Value::Number(written) => Decimal::parse(written).map(|number| number.cmp(bound)),
                _ => value.text().map(|value| (*value).cmp(text)),
            },
            Bound::Word(bound) => {
                return value.text().is_some_and(|text| {
                    split(&text).iter().any(|word| self.order.holds((**word).cmp(bound)))
                });
            }
            Bound::Instant(first, last) => moment(value).map(|at| match self.order {
                Order::Less | Order::GreaterOrEqual => at.cmp(first),
                Order::LessOrEqual | Order::Greater => at.cmp(last),
            }),
            Bound::Address(bound) => {
                value.text().and_then(|text| address(&text)).map(|address| address.cmp(bound))
            }
        };
        ordering.is_some_and(|ordering| self.order.holds(ordering))
    }
}

/// The moment that a record's date begins at.
fn moment(value: &Value<'_>) -> Option<i64> {
    let text = value.text()?;
    milliseconds(&text).or_else(|| {
        let whole = text.split_once('.').map_or(&*text, |(whole, _)| whole);
        instant(whole).map(|(first, _)| first)
    })
}
