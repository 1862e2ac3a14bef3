//! In: a rule and an event that it selects. Out: the alert's bytes, in the chosen format.
#![forbid(unsafe_code)]

mod id;
mod message;
mod native;
mod text;

pub(crate) use id::hex;
use serde::{Deserialize, Serialize};

use crate::event::time::milliseconds;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, FieldId, Fields};
use crate::rule::Rule;

/// What an alert is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Tocsin's own object.
    #[default]
    Json,
    /// A line for a person, as a JSON string.
    Text,
}

/// Fields that alerts need whatever their rule reads.
#[derive(Debug, Clone)]
pub(crate) struct AlertFields {
    time: FieldId,
    /// The account that the trail belongs to, and where a record doesn't say it, the caller's.
    accounts: [FieldId; 2],
    event_id: FieldId,
    category: FieldId,
    source_ip: FieldId,
    source_port: FieldId,
    user: FieldId,
    host: FieldId,
}

impl AlertFields {
    pub(crate) fn new(fields: &mut Fields) -> AlertFields {
        let mut ecs = |name| fields.want(Vocabulary::Ecs, name);
        AlertFields {
            time: ecs("@timestamp"),
            accounts: [ecs("aws.cloudtrail.recipient_account_id"), ecs("cloud.account.id")],
            event_id: ecs("event.id"),
            category: ecs("event.category"),
            source_ip: ecs("source.ip"),
            source_port: ecs("source.port"),
            user: ecs("user.name"),
            host: ecs("host.name"),
        }
    }
}

/// A rule's finding about one event.
#[derive(Clone, Copy)]
pub(crate) struct Alert<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) event: Event<'a>,
    pub(crate) fields: &'a AlertFields,
    /// The record's bytes.
    pub(crate) record: &'a [u8],
}

impl<'a> Alert<'a> {
    /// Appends the alert in a format.
    pub(crate) fn write(&self, format: Format, out: &mut Vec<u8>) {
        match format {
            Format::Json => native::write(self, out),
            Format::Text => text::write(self, out),
        }
    }

    /// What tells this alert from every other.
    pub(crate) fn id(&self) -> [u8; 32] {
        id::digest(self)
    }

    /// When the event happened, in milliseconds since 1970, if the record says it in a known form.
    pub(crate) fn milliseconds(&self) -> Option<i64> {
        self.time().and_then(|time| milliseconds(&time))
    }

    /// The first value of a field as text.
    fn text_of(&self, field: FieldId) -> Option<std::borrow::Cow<'a, str>> {
        let mut found = None;
        self.event.any(field, &mut |value| {
            found = value.text();
            found.is_some()
        });
        found
    }

    /// When the event happened, as the record writes it.
    fn time(&self) -> Option<std::borrow::Cow<'a, str>> {
        self.text_of(self.fields.time)
    }
}
