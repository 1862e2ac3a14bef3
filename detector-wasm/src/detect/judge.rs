//! In: a record, in each of its readings. Out: an alert for each rule that one of them satisfies.

use std::collections::BTreeSet;

use tocsin_wire::Options;

use super::layer::Layer;
use super::raised::Raised;
use super::tally::Tally;
use super::{RuleSet, Task};
use crate::alert::{Alert, Identity};
use crate::event::Event;
use crate::event::capture::{Captures, Duplicates};
use crate::event::view::Shape;
use crate::prefilter::index::Candidates;
use crate::rule::sources::Marks;
use crate::rule::{JudgedExceptions, Rule};

/// A value that has been read, and what is needed to judge it.
pub(super) struct Judged<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) task: Task<'a>,
    pub(super) captures: &'a mut Captures,
    pub(super) options: &'a Options,
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'a> Judged<'a> {
    pub(super) fn record(&self) -> &'a [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
}

impl Judged<'_> {
    /// Judges the record in each of its readings, and writes an alert for each rule that one of them
    /// satisfies.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn judge(
        &self,
        shapes: impl Iterator<Item = Shape> + Clone,
        layer: &Layer<'_>,
        raised: &mut BTreeSet<[u8; 32]>,
        mut made: Option<&mut Raised>,
        tally: &mut Tally<'_>,
    ) {
        let record = self.text.get(self.start..self.end).unwrap_or_default();
        let candidates = match self.task {
            Task::Alerts => {
                let range = (self.start, self.end);
                let index = self.rules.indexes.of(self.marks());
                index.map(|index| index.candidates(self.captures, self.text, range))
            }
            Task::Explanation(_) | Task::Reading(_) | Task::Coverage => None,
        };
        let several = self.captures.has_duplicates()
            || self.looks_anywhere(candidates.as_ref())
                && self.captures.has_duplicates_anywhere(self.text);
        let orders: &[Duplicates] =
            if several { &[Duplicates::Last, Duplicates::First] } else { &[Duplicates::Last] };
        let fields = &self.rules.fields;
        let event = |shape, duplicates| Event {
            text: self.text,
            captures: self.captures,
            fields,
            shape,
            duplicates,
        };
        let readings =
            shapes.flat_map(|shape| orders.iter().map(move |order| event(shape, *order)));
        match self.task {
            Task::Explanation(rule) => return self.explain(rule, readings, layer, tally),
            Task::Reading(every) => return self.read(every, readings, layer, tally),
            Task::Coverage => return self.count(readings, layer, raised, made, tally),
            Task::Alerts => {}
        }
        let (mut excepted, mut identity) = (JudgedExceptions::default(), Identity::default());
        let Some(candidates) = candidates else { return };
        let envelope = layer.envelope.as_deref();
        let is_trusted = envelope.is_none_or(|envelope| envelope.is_trusted);
        for (place, rule) in candidates.of(&self.rules.rules) {
            if !is_trusted && rule.is_for_source {
                continue;
            }
            let mut is_decided = true;
            let selected = readings.clone().find(|event| {
                let known = |node| candidates.clause(place, node);
                let verdict = rule.judge(event, &known, record.len(), &mut excepted);
                is_decided &= verdict.is_some();
                verdict == Some(true)
            });
            let Some(event) = selected else {
                if !is_decided {
                    tally.undecided(&rule.id, layer.origin.unwrap_or(self.start));
                }
                continue;
            };
            let fields = &self.rules.alert_fields;
            let mut alert = Alert::new(rule, event, fields, record, &mut identity);
            alert.envelope = envelope;
            let is_new = layer.is_new(place, &alert, raised);
            if let Some(made) = &mut made {
                made.add(place, &alert);
            }
            if !is_new {
                continue;
            }
            if !tally.has_room_for(record, alert.copies()) {
                tally.no_room(layer.origin, self.start);
                return;
            }
            tally.alert(alert, self.options.facts.then(|| layer.origin.unwrap_or(self.start)));
        }
    }

    /// Whether a rule that is to be judged looks at keys whose names aren't known.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    fn looks_anywhere(&self, candidates: Option<&Candidates<'_>>) -> bool {
        match self.task {
            Task::Explanation(rule) => rule.query.predicate.looks_anywhere(),
            Task::Reading(_) => false,
            Task::Coverage => {
                self.rules.rules.iter().any(|rule| rule.query.predicate.looks_anywhere())
            }
            Task::Alerts => candidates.is_some_and(|candidates| {
                let mut rules = candidates.of(&self.rules.rules);
                rules.any(|(_, rule)| rule.query.predicate.looks_anywhere())
            }),
        }
    }

    /// Whose record this may be.
    fn marks(&self) -> Marks {
        self.rules.sources.marks(self.captures, &self.rules.fields.layout)
    }

    /// Whether the rule is for records like this one.
    pub(super) fn is_for(&self, rule: &Rule) -> bool {
        self.rules.sources.admit(rule, self.marks())
    }
}
