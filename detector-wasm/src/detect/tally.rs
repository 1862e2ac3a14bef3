//! In: alerts, explanations and errors of one batch. Out: their frames, and how many there are.

use super::Layer;
use crate::alert::{Alert, Format, hex};
use crate::event::Event;
use crate::explain::explain;
use crate::record::json::JsonError;
use crate::record::write;
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
        let index = self.records.saturating_sub(1);
        self.matches = self.matches.saturating_add(1);
        self.out.extend_from_slice(b"{\"record\":");
        self.out.extend_from_slice(index.to_string().as_bytes());
        self.out.extend_from_slice(b",\"rule\":");
        write::text(&alert.rule.id, self.out);
        self.out.extend_from_slice(b",\"id\":\"");
        hex(&alert.id, self.out);
        self.out.extend_from_slice(b"\",\"time\":");
        match alert.milliseconds() {
            Some(time) => self.out.extend_from_slice(time.to_string().as_bytes()),
            None => self.out.extend_from_slice(b"null"),
        }
        self.out.extend_from_slice(b",\"alert\":");
        alert.write(format, self.out);
        self.out.extend_from_slice(b"}\n");
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
        self.out.extend_from_slice(b"{\"record\":");
        self.out.extend_from_slice(index.to_string().as_bytes());
        self.out.extend_from_slice(b",\"error\":{\"offset\":");
        self.out.extend_from_slice(layer.origin.unwrap_or(error.offset).to_string().as_bytes());
        self.out.extend_from_slice(b",\"reason\":");
        match layer.origin {
            None => write::text(error.reason(), self.out),
            Some(_) => {
                let place = format!("in an envelope's text, at its byte {}: ", error.offset);
                write::text(&(place + error.reason()), self.out);
            }
        }
        self.out.extend_from_slice(b"}}\n");
    }

    pub(super) fn summary(&mut self) {
        let line = format!(
            "{{\"summary\":{{\"records\":{},\"matches\":{},\"errors\":{}}}}}\n",
            self.records, self.matches, self.errors
        );
        self.out.extend_from_slice(line.as_bytes());
    }
}
