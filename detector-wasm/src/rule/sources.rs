//! In: a record, and a rule that selects it. Out: whether the rule is for records like it.
//!
//! A record that has the known source's marks and nothing else at its top is of that source, and rules for other
//! logs don't judge it. The writer of a log may add keys: so a record that has other
//! keys, too, may be anything, and both kinds of rules judge it.

use tocsin_wire::LogSource;

use super::Rule;
use crate::event::capture::Captures;
use crate::event::layout::Layout;
use crate::event::top_keys::TopKeys;
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

impl Marks {
    /// One of each kind of marks that rules can be told apart by.
    pub(crate) const KINDS: [Marks; 3] = [
        Marks { known: true, others: true },
        Marks { known: false, others: true },
        Marks { known: true, others: false },
    ];

    /// The place of such marks among the kinds.
    pub(crate) fn kind(self) -> usize {
        match (self.known, self.others) {
            (true, true) => 0,
            (false, _) => 1,
            (true, false) => 2,
        }
    }
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

    /// The keys that tell whose a record is.
    pub(crate) fn top_keys(&self) -> TopKeys {
        let known = SOURCE.sigma.top_keys.iter().chain(&self.beside).copied();
        TopKeys::new(SOURCE.sigma.marks, known)
    }

    /// What a record's keys tell.
    pub(crate) fn marks(&self, captures: &Captures, layout: &Layout) -> Marks {
        let (known, others) = captures.marks(layout).unwrap_or((true, true));
        Marks { known, others }
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
