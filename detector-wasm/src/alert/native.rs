//! In: an alert. Out: the JSON object of `docs/alerts.md`, its keys in the documented order.

use super::bounded::{VALUE, VALUES};
use super::format::Writer;
use super::object::Object;
use super::{Alert, message};
use crate::record::copy::one_line;
use crate::record::write;
use crate::rule::{Rule, Severity, Threat};

/// Tocsin's own object.
#[derive(Debug)]
pub(super) struct Native;

impl Writer for Native {
    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>) {
        write(alert, out);
    }
}

fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    alert.write_id(object.key("id"));
    match &alert.time {
        Some(time) => object.text("time", time),
        None => object.plain("time", "null"),
    }
    match alert.rule.has_overrides() {
        false => object.key("rule").extend_from_slice(&alert.rule.shown),
        true => rule(
            alert.rule,
            (&alert.name(), alert.severity(), alert.risk_score()),
            object.key("rule"),
        ),
    }
    object.text("message", &message::message(alert));
    fields(alert, object.key("fields"));
    one_line(alert.record, object.key("event"));
    envelope(alert, &mut object);
    object.close();
}

/// What the envelope around the record says, which the record's author can't choose.
pub(super) fn envelope(alert: &Alert<'_>, object: &mut Object<'_>) {
    let Some(envelope) = alert.envelope else { return };
    object.object("envelope", |object| {
        object.some("source", envelope.source.as_deref());
        object.some("account", envelope.account.as_deref());
        object.some("region", envelope.region.as_deref());
    });
}

/// What alerts show of a rule that nothing overrides: it is the same in all of them.
#[inline(never)] // a frame of its own, live only while it runs
pub(crate) fn shown(of: &Rule) -> Box<[u8]> {
    let mut out = Vec::new();
    rule(of, (&of.name, of.severity, of.risk_score), &mut out);
    out.into()
}

fn rule(rule: &Rule, (name, severity, risk_score): (&str, Severity, u8), out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.text("id", &rule.id);
    object.text("name", name);
    object.plain("version", rule.version);
    object.text("language", rule.language.name());
    object.text("severity", severity.name());
    object.plain("risk_score", risk_score);
    object.texts("tags", &rule.tags);
    object.texts("references", &rule.references);
    threat(&rule.threat, object.key("threat"));
    object.close();
}

/// Appends what the rule says about MITRE ATT&CK, in the form of Elastic's alerts.
pub(super) fn threat(threat: &[Threat], out: &mut Vec<u8>) {
    write::list(threat, out, |threat, out| {
        let mut object = Object::open(out);
        object.text("framework", &threat.framework);
        let tactic = &threat.tactic;
        named(&tactic.id, &tactic.name, &tactic.reference, object.key("tactic")).close();
        write::list(&threat.technique, object.key("technique"), |technique, out| {
            let mut object = named(&technique.id, &technique.name, &technique.reference, out);
            write::list(&technique.subtechnique, object.key("subtechnique"), |one, out| {
                named(&one.id, &one.name, &one.reference, out).close();
            });
            object.close();
        });
        object.close();
    });
}

/// Begins an object of ATT&CK.
fn named<'o>(id: &str, name: &str, reference: &str, out: &'o mut Vec<u8>) -> Object<'o> {
    let mut object = Object::open(out);
    object.text("id", id);
    object.text("name", name);
    object.text("reference", reference);
    object
}

fn fields(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    let mut room = VALUES;
    for (name, operand) in &alert.rule.output {
        let out = object.key(name);
        let before = out.len();
        if alert.write_bounded_value(operand, room.min(VALUE), out).is_err() {
            // Too large to look for repeated keys: as it stands.
            out.truncate(before);
            alert.value(operand).write_json(out);
        }
        room = room.saturating_sub(out.len().saturating_sub(before));
    }
    object.close();
}
