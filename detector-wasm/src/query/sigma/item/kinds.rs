//! In: an item whose values are no plain texts: expressions, networks, bounds, names. Out: its node.

use std::ops::Range;

use super::plain::number;
use super::{Item, Items, MOST_REGEXES};
use crate::query::Operand;
use crate::query::decimal::Decimal;
use crate::query::network::{Network, address};
use crate::query::notice::Notice;
use crate::query::order::Order;
use crate::query::predicate::ClauseId;
use crate::query::regex::{Flavour, Regex};
use crate::query::sigma::matcher::{Matcher, TimePart};
use crate::query::sigma::place;
use crate::query::sigma::value::Value;
use crate::query::sigma::yaml::{self, Scalar};

impl Items<'_, '_> {
    pub(super) fn regex(
        &mut self,
        item: &Item<'_>,
        text: &str,
        span: Range<usize>,
    ) -> Option<Regex> {
        self.regexes += 1;
        if self.regexes > MOST_REGEXES {
            let message = format!("the rule has more than {MOST_REGEXES} regular expressions");
            self.error("sigma-too-many-regexes", span, &message, "join some of them with `|`");
            return None;
        }
        match Regex::new(text, Flavour::Pcre, &item.key.flags) {
            Ok(regex) => Some(regex),
            Err(problem) => {
                let reason = problem.reason;
                let part = text.get(problem.range.clone()).unwrap_or_default();
                let part: String = part.chars().take(40).collect();
                let message = format!("the regular expression can't be used: `{part}`: {reason}");
                let hint = "classes, groups, anchors, quantifiers and alternatives run; look-around and back-references don't";
                let span = place(self.text, span, text, problem.range);
                self.error("sigma-regex", span, &message, hint);
                None
            }
        }
    }

    pub(super) fn network(&mut self, text: &str, span: Range<usize>) -> Option<Network> {
        let (base, _) = text.split_once('/').unwrap_or((text, ""));
        let hint = match Network::parse(text) {
            Some(network) if address(base) == Some(network.first) => return Some(network),
            Some(network) => format!("the network is {network}"),
            None => "such as `10.0.0.0/8` or `2001:db8::/32`".to_owned(),
        };
        let shown: String = text.chars().take(60).collect();
        self.error("sigma-cidr", span, &format!("`{shown}` is no network"), &hint);
        None
    }

    fn number(&mut self, text: &str, span: Range<usize>) -> Option<Decimal> {
        let number = number(text);
        if number.is_none() {
            let shown: String = text.chars().take(60).collect();
            self.error("sigma-number", span, &format!("`{shown}` is no number"), "");
        }
        number
    }

    pub(super) fn numbers(
        &mut self,
        item: &Item<'_>,
        values: &[yaml::YamlId],
        order: Order,
        span: &Range<usize>,
    ) -> Option<ClauseId> {
        let bounds = self.each(values, |items, text, span| items.number(text, span))?;
        Some(self.clause(item, Matcher::Numbers(order, bounds), span))
    }

    pub(super) fn time(
        &mut self,
        item: &Item<'_>,
        values: &[yaml::YamlId],
        part: TimePart,
        order: Option<Order>,
        span: &Range<usize>,
    ) -> Option<ClauseId> {
        let (first, last) = part.bounds();
        let decimal = |bound: i64| Decimal::parse(&bound.to_string());
        let range = decimal(first)..=decimal(last);
        let bounds = self.each(values, |items, text, span| {
            let number = items.number(text, span.clone())?;
            if !range.contains(&Some(number.clone())) {
                let message = format!("such a part of a date is from {first} to {last}");
                items.notes.add(Notice::warning("sigma-time-range", span, message));
            }
            Some(number)
        })?;
        Some(self.clause(item, Matcher::Time(part, order, bounds), span))
    }

    pub(super) fn exists(
        &mut self,
        item: &Item<'_>,
        values: &[yaml::YamlId],
        span: &Range<usize>,
    ) -> Option<ClauseId> {
        let [value] = values else {
            self.error("sigma-value", span.clone(), "`exists` takes one value: true or false", "");
            return None;
        };
        let Some(Scalar::Bool(truth)) = self.tree.scalar(*value) else {
            let message = "`exists` takes true or false, without quotes";
            self.error("sigma-value", self.tree.span(*value), message, "");
            return None;
        };
        let node = self.clause(item, Matcher::Present, span);
        Some(if *truth { node } else { self.builder.not(node) })
    }

    pub(super) fn same_as(
        &mut self,
        item: &Item<'_>,
        values: &[yaml::YamlId],
        span: &Range<usize>,
    ) -> Option<ClauseId> {
        let mut nodes = Vec::new();
        let mut others = Vec::new();
        for value in values {
            let (name, at) = (self.tree.text(*value).unwrap_or_default(), self.tree.span(*value));
            let plain = Value::parse(name);
            let name = plain.plain().and_then(|name| std::str::from_utf8(name).ok());
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                let message = "the value must be the name of a field";
                self.error("sigma-value", at, message, "");
                return None;
            };
            let other = self.field(name, at)?;
            let Operand::Field(id) = other else { return None };
            let matcher =
                Matcher::SameAs { other: id, place: item.key.place, cased: item.key.cased };
            nodes.push(self.clause(item, matcher, span));
            others.push(other);
        }
        let same = self.builder.any(nodes);
        if !item.key.not_equal {
            return Some(same);
        }
        // Fields are different only where there are both.
        let mut nodes = vec![self.clause(item, Matcher::Value, span)];
        for operand in others {
            let other = Item { key: item.key.clone(), operand, span: item.span.clone() };
            nodes.push(self.clause(&other, Matcher::Value, span));
        }
        nodes.push(self.builder.not(same));
        Some(self.builder.all(nodes))
    }
}
