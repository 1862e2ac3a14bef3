//! In: an alert. Out: who did what from where: what a person asks first, whatever the rule shows.

use std::borrow::Cow;

use tocsin_wire::Facts;

use super::Alert;
use super::bounded::bounded;
use crate::event::vocabulary::Vocabulary;
use crate::event::{FieldId, Fields};
use crate::source::SOURCE;

/// The longest value, in bytes.
const LONGEST: usize = 256;

/// The fields that the facts are read from.
#[derive(Debug)]
pub(super) struct FactFields {
    user: [FieldId; 5],
    service: FieldId,
    action: FieldId,
    region: FieldId,
    outcome: FieldId,
    error: FieldId,
}

impl FactFields {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn new(fields: &mut Fields) -> FactFields {
        let mut ecs = |name| fields.want(Vocabulary::Ecs, name);
        FactFields {
            user: SOURCE.facts.user.map(&mut ecs),
            service: ecs("event.provider"),
            action: ecs("event.action"),
            region: ecs("cloud.region"),
            outcome: ecs("event.outcome"),
            error: ecs(SOURCE.facts.error),
        }
    }
}

/// The facts of an alert, if its fields were made for them.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn facts(alert: &Alert<'_>) -> Option<Facts> {
    let fields = alert.fields.facts.as_ref()?;
    let user = fields.user.map(|field| filled(alert, field));
    let [recipient, caller] = alert.fields.accounts;
    let service = text(alert, fields.service);
    let service = service.map(|service| match service.strip_suffix(SOURCE.service_suffix) {
        Some(short) if !short.is_empty() => short.to_owned(),
        _ => service,
    });
    Some(Facts {
        name: short(&alert.name()),
        severity: alert.severity().name().into(),
        user: (SOURCE.facts.user_of)(&user).map(|user| short(&user)),
        service,
        action: text(alert, fields.action),
        address: text(alert, alert.fields.source_address),
        account: text(alert, recipient).or_else(|| text(alert, caller)),
        region: text(alert, fields.region),
        outcome: text(alert, fields.outcome),
        error: text(alert, fields.error),
    })
}

fn text(alert: &Alert<'_>, field: FieldId) -> Option<String> {
    filled(alert, field).map(|text| short(&text))
}

/// The first value of a field that isn't empty.
fn filled<'a>(alert: &Alert<'a>, field: FieldId) -> Option<Cow<'a, str>> {
    alert.text_of(field).filter(|text| !text.is_empty())
}

/// A text that a record can't make longer than people read.
fn short(text: &str) -> String {
    bounded(text, LONGEST)
}
