//! In: the alerts of a record. Out: whether one about the text that the record was made of says the same.

use std::collections::BTreeMap;

use crate::alert::Alert;

/// The rules, by their places, that have raised an alert about a record, each with the event's id as the record has it.
#[derive(Debug, Default)]
pub(super) struct Raised(BTreeMap<u32, Option<String>>);

impl Raised {
    /// Notes the alert of the rule at a place.
    pub(super) fn add(&mut self, place: u32, alert: &Alert<'_>) {
        self.0.insert(place, alert.event_id().map(String::from));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an alert of the rule at a place is one of them again: they are of one event, unless both say of which
    /// and say different ones.
    pub(super) fn has(&self, place: u32, alert: &Alert<'_>) -> bool {
        self.0.get(&place).is_some_and(|raised| match (raised, alert.event_id()) {
            (Some(raised), Some(id)) => *raised == id,
            _ => true,
        })
    }
}
