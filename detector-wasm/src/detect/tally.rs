//! In: alerts, explanations and errors of one batch. Out: their frames, and how many there are.

use tocsin_wire::Format;
use tocsin_wire::frames::{self, AlertHead, RecordError, Summary};

use super::Layer;
use crate::alert::{Alert, hex};
use crate::event::Event;
use crate::explain::explain;
use crate::record::json::JsonError;
use crate::rule::Rule;

/// What is counted, and where frames go.
pub(super) struct Tally<'o> {
    pub(super) records: u32,
    pub(super) matches: u32,
    pub(super) errors: u32,
    pub(super) out: &'o mut Vec<u8>,
}

impl Tally<'_> {
    pub(super) fn alert(&mut self, alert: Alert<'_>, format: Format) {
        self.matches = self.matches.saturating_add(1);
        let mut id = Vec::with_capacity(2 * alert.id.len());
        hex(&alert.id, &mut id);
        let head = AlertHead {
            record: u64::from(self.records.saturating_sub(1)),
            rule: (&alert.rule.id).into(),
            id: String::from_utf8(id).unwrap_or_default().into(),
            time: alert.milliseconds(),
        };
        frames::alert(&head, self.out, |out| alert.write(format, out));
    }

    pub(super) fn explanation(&mut self, rule: &Rule, event: &Event<'_>) {
        let index = self.records.saturating_sub(1);
        self.out.extend_from_slice(b"{\"record\":");
        self.out.extend_from_slice(index.to_string().as_bytes());
        self.out.extend_from_slice(b",\"explanation\":");
        explain(rule, event, self.out);
        self.out.extend_from_slice(b"}\n");
    }

    pub(super) fn error(&mut self, layer: &Layer<'_>, error: JsonError) {
        if layer.beside_record {
            // Text beside a record that only looked like JSON: the record itself has been judged.
            return;
        }
        let index = self.records;
        self.records = self.records.saturating_add(1);
        self.errors = self.errors.saturating_add(1);
        let (offset, reason) = match layer.origin {
            None => (error.offset, error.reason().into()),
            Some(origin) => {
                let place = format!("in an envelope's text, at its byte {}: ", error.offset);
                (origin, (place + error.reason()).into())
            }
        };
        let error = RecordError { offset: offset as u64, reason };
        frames::error(u64::from(index), &error, self.out);
    }

    pub(super) fn summary(&mut self) {
        let summary = Summary {
            records: self.records.into(),
            matches: self.matches.into(),
            errors: self.errors.into(),
        };
        frames::summary(&summary, self.out);
    }
}
