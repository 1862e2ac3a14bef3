//! In: a query's text. Out: one predicate form for all languages, and how it judges an event.
#![forbid(unsafe_code)]

pub(crate) mod accepted;
pub(crate) mod decimal;
pub(crate) mod diagnostic_sink;
pub(crate) mod expression;
pub(crate) mod kql;
pub(crate) mod logpresso;
pub(crate) mod nearest;
mod network;
pub(crate) mod notice;
pub(crate) mod only_texts;
mod order;
pub(crate) mod predicate;
pub(crate) mod regex;
mod regex_cost;
pub(crate) mod sigma;
pub(crate) mod test;
pub(crate) mod text_set;

use crate::event::FieldId;
use accepted::Accepted;
use expression::{Datum, ExpressionId, Expressions};
use notice::Notice;
use predicate::{ClauseId, Predicate};
use regex::Regex;

use crate::event::Event;

/// What a clause tests and an alert shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// A field of the event.
    Field(FieldId),
    /// A value that the query computes.
    Expression(ExpressionId),
    /// A member of the object that a nested query looks at, by the keys that lead to it.
    Member(Vec<String>),
    /// Every field whose name fits: `*` for all of them.
    Named(predicate::NameId),
}

impl Operand {
    /// The computed value that it is.
    pub(crate) fn expression(&self) -> Option<ExpressionId> {
        match self {
            Operand::Expression(id) => Some(*id),
            _ => None,
        }
    }
}

/// A compiled query of any language.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// When the query selects an event.
    pub(crate) predicate: Predicate,
    /// The values that it computes.
    pub(crate) expressions: Expressions,
    /// The names that it gives to fields and computed values, in the order in which they first appear.
    /// A name that isn't here means a field of the rule's vocabulary.
    pub(crate) names: Vec<(String, Operand)>,
    /// The names that the query itself puts out, in order, if it says so.
    pub(crate) output: Option<Vec<String>>,
}

impl Query {
    /// Whether the query selects the event.
    #[cfg(test)]
    pub(crate) fn selects(&self, event: &Event<'_>) -> bool {
        self.predicate.holds(event, &self.expressions)
    }

    /// Whether the query selects the event, where tests of it may be undecided: each is given the steps for a
    /// record of so many bytes, and what the others say may be enough.
    pub(crate) fn decide(
        &self,
        event: &Event<'_>,
        known: &dyn Fn(ClauseId) -> Option<bool>,
        record: usize,
    ) -> Option<bool> {
        self.predicate.decide(event, &self.expressions, known, record)
    }

    /// Whether the query selects the event, of some of whose clauses it is known whether they hold.
    pub(crate) fn selects_knowing(
        &self,
        event: &Event<'_>,
        known: &dyn Fn(ClauseId) -> Option<bool>,
    ) -> bool {
        self.predicate.holds_knowing(event, &self.expressions, known)
    }

    /// Warnings about regular expressions that can take long.
    pub(crate) fn costs(&self) -> Vec<Notice> {
        let clauses = self.predicate.clauses();
        let costs = clauses.filter_map(|clause| {
            let regexes = match (clause.test.accepted(), &clause.operand) {
                (Accepted::Regexes(regexes), _) => regexes,
                (_, Operand::Expression(id)) => {
                    return self.expressions.cost(*id).map(|cost| (cost, clause));
                }
                _ => &[],
            };
            let cost = regexes.iter().map(Regex::cost).max()?;
            Some((cost, clause))
        });
        let costly = costs.filter(|(cost, _)| *cost > regex::COSTLY);
        costly
            .map(|(cost, clause)| {
                let message =
                    format!("a regular expression can take {cost} steps for each byte of a text");
                let hint = "repetitions inside of repetitions multiply; fewer of them cost less";
                Notice::warning("regex-cost", clause.span.clone(), message).hint(hint)
            })
            .collect()
    }

    /// What the query calls by a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Operand> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, operand)| operand)
    }

    /// An operand's value in an event.
    pub(crate) fn value<'a>(&self, operand: &Operand, event: &Event<'a>) -> Datum<'a> {
        match operand {
            Operand::Field(id) => event.first(*id).map_or(Datum::Null, Datum::of),
            Operand::Expression(id) => self.expressions.value(*id, event),
            Operand::Member(_) | Operand::Named(_) => Datum::Null,
        }
    }
}
