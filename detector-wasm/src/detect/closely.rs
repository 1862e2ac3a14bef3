//! In: a record that somebody looks at closely. Out: why a rule selects it, what it holds, or what each rule makes of it.

use std::collections::BTreeSet;

use super::judge::Judged;
use super::layer::Layer;
use super::raised::Raised;
use super::tally::Tally;
use crate::alert::{Alert, Identity};
use crate::event::Event;
use crate::explain::{Barred, Subject};
use crate::reading::EveryField;
use crate::rule::{JudgedExceptions, Rule};

impl<'a> Judged<'a> {
    /// Says why a rule does or doesn't select the record: in the reading that it selects, else in one that is
    /// undecided, else in the first.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(super) fn explain(
        &self,
        rule: &Rule,
        readings: impl Iterator<Item = Event<'a>>,
        layer: &Layer<'_>,
        tally: &mut Tally<'_>,
    ) {
        let Some((event, _)) = self.judged(rule, readings) else { return };
        match tally.has_room_to_explain(self.record(), rule) {
            true => {
                tally.explanation(rule, self.subject(&event, layer), self.barred(rule, layer));
            }
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

    /// Counts what each rule makes of the record: in the reading that it selects, else in one that is undecided, else
    /// in the first.
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
        let mut identity = Identity::default();
        for (place, rule) in (0_u32..).zip(&self.rules.rules) {
            let Barred { elsewhere, untrusted } = self.barred(rule, layer);
            let (is_barred, bytes) = (elsewhere || untrusted, self.record().len());
            let Some((event, verdict)) = self.judged(rule, readings.clone()) else { continue };
            if verdict.is_none() && !is_barred {
                tally.undecided(&rule.id, layer.origin.unwrap_or(self.start));
            }
            coverage.count(place as usize, rule, &event, bytes, is_barred, || {
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

    /// What keeps the rule from judging the record.
    fn barred(&self, rule: &Rule, layer: &Layer<'_>) -> Barred {
        let is_trusted = layer.envelope.as_deref().is_none_or(|envelope| envelope.is_trusted);
        Barred { elsewhere: !self.is_for(rule), untrusted: !is_trusted && rule.is_for_source }
    }

    /// What the rule makes of the record, if that is decided, and in which of its readings: the first that it raises an
    /// alert for, else one that is undecided, else the first.
    fn judged(
        &self,
        rule: &Rule,
        readings: impl Iterator<Item = Event<'a>>,
    ) -> Option<(Event<'a>, Option<bool>)> {
        let (bytes, mut excepted) = (self.record().len(), JudgedExceptions::default());
        let mut shown: Option<(Event<'a>, Option<bool>)> = None;
        for event in readings {
            let verdict = rule.judge(&event, &|_| None, bytes, &mut excepted);
            match (verdict, &shown) {
                (Some(true), _) => return Some((event, verdict)),
                (None, Some((_, Some(_)))) | (_, None) => shown = Some((event, verdict)),
                _ => {}
            }
        }
        shown
    }

    fn subject<'e>(&self, event: &'e Event<'a>, layer: &Layer<'_>) -> Subject<'e, 'a> {
        Subject { event, start: self.start, end: self.end, origin: layer.origin }
    }
}
