//! In: a record that somebody looks at closely. Out: why a rule selects it, what it holds, or what each rule makes of it.

use std::collections::BTreeSet;

use super::judge::Judged;
use super::layer::Layer;
use super::raised::Raised;
use super::tally::Tally;
use crate::alert::{Alert, Identity};
use crate::event::Event;
use crate::explain::Subject;
use crate::reading::EveryField;
use crate::rule::{JudgedExceptions, Rule};

impl<'a> Judged<'a> {
    /// Says why a rule does or doesn't select the record: in the reading that it selects, else in the first.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn explain(
        &self,
        rule: &Rule,
        mut readings: impl Iterator<Item = Event<'a>> + Clone,
        layer: &Layer<'_>,
        tally: &mut Tally<'_>,
    ) {
        let Some(event) = self.selected(rule, readings.clone()).or_else(|| readings.next()) else {
            return;
        };
        let elsewhere = !self.is_for(rule);
        match tally.has_room_to_explain(self.record(), rule) {
            true => tally.explanation(rule, self.subject(&event, layer), elsewhere),
            false => tally.no_room(layer.origin, self.start),
        }
    }

    /// Says what each reading of the record holds.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn read(
        &self,
        every: &EveryField,
        readings: impl Iterator<Item = Event<'a>>,
        layer: &Layer<'_>,
        tally: &mut Tally<'_>,
    ) {
        for event in readings {
            if !tally.has_room_to_read(self.record()) {
                tally.no_room(layer.origin, self.start);
                return;
            }
            tally.reading(every, self.subject(&event, layer));
        }
    }

    /// Counts what each rule makes of the record: in the reading that it selects, else in the first.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn count(
        &self,
        readings: impl Iterator<Item = Event<'a>> + Clone,
        layer: &Layer<'_>,
        raised: &mut BTreeSet<[u8; 32]>,
        mut made: Option<&mut Raised>,
        tally: &mut Tally<'_>,
    ) {
        let Some(mut coverage) = tally.coverage.take() else { return };
        let is_trusted = layer.envelope.as_deref().is_none_or(|envelope| envelope.is_trusted);
        let mut identity = Identity::default();
        for (place, rule) in (0_u32..).zip(&self.rules.rules) {
            let selected = self.selected(rule, readings.clone());
            let Some(event) = selected.or_else(|| readings.clone().next()) else { continue };
            let elsewhere = !is_trusted && rule.is_for_source || !self.is_for(rule);
            coverage.count(place as usize, rule, &event, elsewhere, || {
                let fields = &self.rules.alert_fields;
                let alert = Alert::new(rule, event, fields, self.record(), &mut identity);
                let is_new = layer.is_new(place, &alert, raised);
                if let Some(made) = &mut made {
                    made.add(place, &alert);
                }
                tally.matches = tally.matches.saturating_add(u32::from(is_new));
                is_new
            });
        }
        tally.coverage = Some(coverage);
    }

    /// The first reading that the rule raises an alert for.
    fn selected(
        &self,
        rule: &Rule,
        mut readings: impl Iterator<Item = Event<'a>>,
    ) -> Option<Event<'a>> {
        let (bytes, mut excepted) = (self.record().len(), JudgedExceptions::default());
        readings.find(|event| rule.judge(event, &|_| None, bytes, &mut excepted) == Some(true))
    }

    fn subject<'e>(&self, event: &'e Event<'a>, layer: &Layer<'_>) -> Subject<'e, 'a> {
        Subject { event, start: self.start, end: self.end, origin: layer.origin }
    }
}
