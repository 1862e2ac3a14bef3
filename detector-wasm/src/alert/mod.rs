//! In: a rule and an event that it selects. Out: the alert's bytes, in the chosen format.
#![forbid(unsafe_code)]

mod bounded;
mod dedup_keys;
mod ecs;
mod facts;
mod format;
mod id;
mod message;
mod moment;
mod native;
mod object;
mod ocsf;
mod text;

use std::borrow::Cow;

pub(crate) use id::Identity;
pub(crate) use native::shown;
use tocsin_wire::{Facts, Format, Options};

use crate::event::envelope::Envelope;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, FieldId, Fields, Value, time};
use crate::query::Operand;
use crate::query::expression::{Datum, Values};
use crate::record::text::Text;
use crate::record::write;
use crate::rule::{Rule, Severity};
use crate::source::SOURCE;
use dedup_keys::{DedupKeys, Unfit};
use format::{Writer, writer};

/// The largest record whose computed values are worked out together: till the alert is written all of them
/// are held, which of a large one would take more memory than its judgement has made sure of.
const TOGETHER_BYTES: usize = 16 << 10;

/// Fields that alerts need whatever their rule reads.
#[derive(Debug)]
pub(crate) struct AlertFields {
    time: FieldId,
    /// The account that the trail belongs to, and where a record doesn't say it, the caller's.
    accounts: [FieldId; 2],
    event_id: FieldId,
    category: FieldId,
    source_address: FieldId,
    source_port: FieldId,
    user: FieldId,
    host: FieldId,
    /// Those that say who did what from where, if that is asked for.
    facts: Option<facts::FactFields>,
    /// Writes the alerts, and knows the fields that its format needs beyond these.
    writer: Box<dyn Writer>,
}

impl AlertFields {
    /// The fields for alerts as the options have them.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(fields: &mut Fields, options: &Options) -> AlertFields {
        let writer = writer(options.format, fields);
        let facts = (options.facts || options.format == Format::Text)
            .then(|| facts::FactFields::new(fields));
        let mut ecs = |name| fields.want(Vocabulary::Ecs, name);
        AlertFields {
            time: ecs("@timestamp"),
            accounts: SOURCE.alert.accounts.map(&mut ecs),
            event_id: ecs(SOURCE.alert.event_id),
            category: ecs("event.category"),
            source_address: ecs("source.address"),
            source_port: ecs("source.port"),
            user: ecs("user.name"),
            host: ecs("host.name"),
            facts,
            writer,
        }
    }
}

/// A rule's finding about one event.
pub(crate) struct Alert<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) event: Event<'a>,
    pub(crate) fields: &'a AlertFields,
    /// The record's bytes.
    pub(crate) record: &'a [u8],
    /// What the record came in, if that says where it comes from.
    pub(crate) envelope: Option<&'a Envelope>,
    /// The alert's identity: equal for the same record and rule, different for any other.
    pub(crate) id: [u8; 32],
    /// When the event happened, as the record writes it.
    pub(crate) time: Option<Cow<'a, str>>,
    /// The computed values that it shows, if they could be worked out together; nothing before it is
    /// written.
    shown: Option<Values<'a, 'a>>,
}

impl<'a> Alert<'a> {
    /// The alert of a rule about an event. Its id is worked out here, once; what it shares with those of the record's
    /// other alerts is kept in `identity`.
    pub(crate) fn new(
        rule: &'a Rule,
        event: Event<'a>,
        fields: &'a AlertFields,
        record: &'a [u8],
        identity: &mut Identity,
    ) -> Alert<'a> {
        let (envelope, shown) = (None, None);
        let mut alert =
            Alert { rule, event, fields, record, envelope, id: [0; 32], time: None, shown };
        alert.time = alert.text_of(fields.time);
        alert.id = id::digest(&alert, identity);
        alert
    }

    /// How many times the alert holds the record, roughly.
    pub(crate) fn copies(&self) -> usize {
        self.fields.writer.copies()
    }

    /// Appends the alert in the format that its fields were made for.
    pub(crate) fn write(mut self, out: &mut Vec<u8>) {
        if self.record.len() <= TOGETHER_BYTES {
            self.shown = self.rule.query.expressions.shown(&self.event);
        }
        self.fields.writer.write(&self, out);
    }

    /// The value of what the alert's message or output names.
    fn value(&self, operand: &Operand) -> Cow<'_, Datum<'a>> {
        match (operand, &self.shown) {
            (Operand::Expression(id), Some(shown)) => Cow::Borrowed(shown.get(*id)),
            _ => Cow::Owned(self.rule.query.value(operand, &self.event)),
        }
    }

    /// Who did what from where, if that is asked for.
    pub(crate) fn facts(&self) -> Option<Facts> {
        facts::facts(self)
    }

    /// Appends the id as a JSON string.
    fn write_id(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        let mut digits = [0; 64];
        let _ = hex::encode_to_slice(self.id, &mut digits); // 32 bytes are 64 digits
        out.extend_from_slice(&digits);
        out.push(b'"');
    }

    /// The severity, the rule's overrides applied.
    fn severity(&self) -> Severity {
        self.rule.severity_of(&self.event)
    }

    /// The risk score, the rule's overrides applied.
    fn risk_score(&self) -> u8 {
        self.rule.risk_score_of(&self.event)
    }

    /// The rule's name, its overrides applied.
    fn name(&self) -> Cow<'a, str> {
        self.rule.name_of(&self.event)
    }

    /// The first value of a field as text.
    #[inline]
    /// The event's own id, if it has one.
    pub(crate) fn event_id(&self) -> Option<Cow<'a, str>> {
        self.text_of(self.fields.event_id).filter(|id| !id.is_empty())
    }

    fn text_of(&self, field: FieldId) -> Option<Cow<'a, str>> {
        let mut found = None;
        self.event.any(field, &mut |value| {
            found = value.text();
            found.is_some()
        });
        found
    }

    /// Whether a field has a value.
    fn has(&self, field: FieldId) -> bool {
        self.text_of(field).is_some_and(|text| !text.is_empty())
    }

    /// Appends an output field's value as JSON in which no key stands twice.
    fn write_value(&self, operand: &Operand, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let before = out.len();
        match operand {
            // Most values are texts that stand in the record as they are written.
            Operand::Field(field) => match self.event.first(*field) {
                Some(Value::Text(text)) if write_plain(&text, out) => return Ok(()),
                value => value.map_or(Datum::Null, Datum::of).write_json(out),
            },
            _ => self.value(operand).write_json(out),
        }
        let written = out.get(before..).unwrap_or_default();
        if !matches!(written.first(), Some(b'{' | b'[')) {
            return Ok(());
        }
        let written = written.to_vec();
        out.truncate(before);
        let value = Value::exact(&written).ok_or(Unfit)?;
        DedupKeys { duplicates: self.event.duplicates, cleans: false }.copy(&value, out).map(|_| ())
    }

    /// Like [`Alert::write_value`]. A value that takes more bytes than these is a text, cut and marked: rules
    /// may name a field often, and a record's writer choose how long it is.
    fn write_bounded_value(
        &self,
        operand: &Operand,
        bound: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Unfit> {
        if let Operand::Field(field) = operand {
            let large = match self.event.first(*field) {
                Some(Value::Object(bytes) | Value::Array(bytes)) if bytes.len() > bound => {
                    let bytes = bytes.get(..bound.saturating_add(1)).unwrap_or_default();
                    Some(String::from_utf8_lossy(bytes))
                }
                Some(value @ (Value::Text(_) | Value::Computed(_))) => {
                    value.text().filter(|text| text.len() > bound)
                }
                _ => None,
            };
            if let Some(text) = large {
                write::text(&bounded::bounded(&text, bound), out);
                return Ok(());
            }
        }
        let before = out.len();
        self.write_value(operand, out)?;
        if out.len().saturating_sub(before) > bound.saturating_mul(6).saturating_add(2) {
            let value = self.value(operand);
            let text = bounded::bounded(&value.as_text().unwrap_or_default(), bound);
            out.truncate(before);
            write::text(&text, out);
        }
        Ok(())
    }

    /// When the event happened, in milliseconds since 1970, if the record says it in a known form.
    pub(crate) fn milliseconds(&self) -> Option<i64> {
        self.time.as_deref().and_then(milliseconds)
    }
}

/// Appends a text of the record as it stands there. False if it must be written otherwise.
fn write_plain(text: &Text<'_>, out: &mut Vec<u8>) -> bool {
    text.unescaped().is_some_and(|raw| write::plain(raw, out))
}

/// The moment that a text says: an RFC 3339 timestamp, or milliseconds since 1970 as Elasticsearch
/// takes them beside it.
fn milliseconds(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (11..=15).contains(&text.len()) {
        return text.parse().ok();
    }
    time::milliseconds(text)
}
