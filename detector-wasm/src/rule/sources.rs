//! In: a record, and a rule that selects it. Out: whether the rule is for records like it.
//!
//! A record that has the known source's marks and nothing else at its top is of that source, and rules for other
//! logs don't judge it. The writer of a log may add keys: so a record that has other
//! keys, too, may be anything, and both kinds of rules judge it.

use tocsin_wire::LogSource;

use super::Rule;
use crate::event::Value;
use crate::source::SOURCE;

/// What shippers write beside a record's own keys.
const BESIDE: &[&str] = &[
    "@timestamp",
    "@version",
    "_time",
    "agent",
    "cloud",
    "data_stream",
    "date",
    "ecs",
    "host",
    "input",
    "log",
    "offset",
    "service",
    "source_type",
    "stream",
    "tag",
    "tags",
    "time",
    "timestamp",
    "type",
];

/// Whose records rules are for.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The source whose records are known.
    known: LogSource,
    /// Whose records those are that don't tell it; nothing if they may be anybody's.
    unknown: Option<LogSource>,
    /// What shippers write beside a record's own keys, as far as no rule for other logs reads it.
    beside: Vec<&'static str>,
}

/// What the keys at a record's top tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    /// It has what all records of the known source have.
    known: bool,
    /// It has what none of them has.
    others: bool,
}

impl Sources {
    pub(crate) fn new(rules: &[Rule], unknown: Option<&LogSource>) -> Sources {
        let part = |text: &str| Some(text.to_owned());
        let (product, service) = (part(SOURCE.sigma.product), part(SOURCE.sigma.service));
        let known = LogSource { category: None, product, service };
        let reads = |key: &&str| {
            rules.iter().any(|rule| {
                let elsewhere = rule.source.as_ref().is_some_and(|source| !source.meets(&known));
                elsewhere && rule.reads.iter().any(|name| name.split('.').next() == Some(*key))
            })
        };
        let beside = BESIDE.iter().copied().filter(|key| !reads(key)).collect();
        let unknown = unknown.filter(|source| !source.is_anything()).cloned();
        Sources { known, unknown, beside }
    }

    /// What a record's keys tell.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn marks(&self, record: &[u8]) -> Marks {
        let mut seen = vec![false; SOURCE.sigma.marks.len()];
        let mut others = false;
        if let Some(object) = Value::exact(record) {
            object.members(&mut |key, _| {
                let key = key.decode();
                let top = key.split('.').next().unwrap_or_default();
                match SOURCE
                    .sigma
                    .marks
                    .iter()
                    .position(|mark| *mark == key)
                    .and_then(|at| seen.get_mut(at))
                {
                    Some(seen) => *seen = true,
                    None => {
                        others |=
                            !SOURCE.sigma.top_keys.contains(&top) && !self.beside.contains(&top)
                    }
                }
                false
            });
        }
        Marks { known: seen.iter().all(|seen| *seen), others }
    }

    /// Whether a rule judges records with these marks.
    pub(crate) fn admit(&self, rule: &Rule, marks: Marks) -> bool {
        let Some(source) = &rule.source else { return true };
        let is_known = marks.known && source.meets(&self.known);
        let may_be_other = !marks.known || marks.others;
        let meets_unknown = self.unknown.as_ref().is_none_or(|unknown| source.meets(unknown));
        is_known || may_be_other && meets_unknown
    }

    /// Whether a rule judges records of the known source.
    pub(crate) fn admit_known(&self, rule: &Rule) -> bool {
        rule.source.as_ref().is_none_or(|source| source.meets(&self.known))
    }

    /// Whether a rule judges every record, whatever its marks: then they needn't be looked for.
    pub(crate) fn admit_all(&self, rule: &Rule) -> bool {
        let meets =
            |other: &LogSource| rule.source.as_ref().is_none_or(|source| source.meets(other));
        meets(&self.known) && self.unknown.as_ref().is_none_or(meets)
    }
}
