//! In: an alert. Out: the JSON object of `docs/alerts.md`, its keys in the documented order.

use super::{Alert, id, message};
use crate::record::copy::one_line;
use crate::record::write;
use crate::rule::Threat;

/// Appends the alert.
pub(super) fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":\"");
    id::hex(&id::digest(alert), out);
    out.extend_from_slice(b"\",\"time\":");
    match alert.time() {
        Some(time) => write::text(&time, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"rule\":");
    rule(alert, out);
    out.extend_from_slice(b",\"message\":");
    write::text(&message::message(alert), out);
    out.extend_from_slice(b",\"fields\":");
    fields(alert, out);
    out.extend_from_slice(b",\"event\":");
    one_line(alert.record, out);
    out.push(b'}');
}

fn rule(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let rule = alert.rule;
    out.extend_from_slice(b"{\"id\":");
    write::text(&rule.id, out);
    out.extend_from_slice(b",\"name\":");
    write::text(&rule.name, out);
    out.extend_from_slice(b",\"version\":");
    out.extend_from_slice(rule.version.to_string().as_bytes());
    out.extend_from_slice(b",\"language\":");
    write::text(rule.language.name(), out);
    out.extend_from_slice(b",\"severity\":");
    write::text(rule.severity.name(), out);
    out.extend_from_slice(b",\"risk_score\":");
    out.extend_from_slice(rule.risk_score.to_string().as_bytes());
    out.extend_from_slice(b",\"tags\":");
    texts(&rule.tags, out);
    out.extend_from_slice(b",\"references\":");
    texts(&rule.references, out);
    out.extend_from_slice(b",\"threat\":");
    threat(&rule.threat, out);
    out.push(b'}');
}

/// Appends a list of texts.
pub(super) fn texts(texts: &[String], out: &mut Vec<u8>) {
    list(texts, out, |text, out| write::text(text, out));
}

/// Appends what the rule says about MITRE ATT&CK, in the form of Elastic's alerts.
pub(super) fn threat(threat: &[Threat], out: &mut Vec<u8>) {
    list(threat, out, |threat, out| {
        out.extend_from_slice(b"{\"framework\":");
        write::text(&threat.framework, out);
        out.extend_from_slice(b",\"tactic\":");
        let tactic = &threat.tactic;
        named(&tactic.id, &tactic.name, &tactic.reference, out);
        out.extend_from_slice(b"},\"technique\":");
        list(&threat.technique, out, |technique, out| {
            named(&technique.id, &technique.name, &technique.reference, out);
            out.extend_from_slice(b",\"subtechnique\":");
            list(&technique.subtechnique, out, |subtechnique, out| {
                named(&subtechnique.id, &subtechnique.name, &subtechnique.reference, out);
                out.push(b'}');
            });
            out.push(b'}');
        });
        out.push(b'}');
    });
}

/// Appends the beginning of an object of ATT&CK; the caller closes it.
fn named(id: &str, name: &str, reference: &str, out: &mut Vec<u8>) {
    for (key, value) in [("{\"id\":", id), (",\"name\":", name), (",\"reference\":", reference)] {
        out.extend_from_slice(key.as_bytes());
        write::text(value, out);
    }
}

fn fields(alert: &Alert<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, (name, operand)) in alert.rule.output.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write::text(name, out);
        out.push(b':');
        alert.rule.query.value(operand, &alert.event).write_json(out);
    }
    out.push(b'}');
}

/// Appends a list, each item by `item`.
pub(super) fn list<T>(items: &[T], out: &mut Vec<u8>, mut item: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (place, one) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        item(one, out);
    }
    out.push(b']');
}
