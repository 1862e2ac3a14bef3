//! In: an alert. Out: the JSON object of `docs/alerts.md`, its keys in the documented order.

use super::object::{Object, list};
use super::{Alert, message};
use crate::record::copy::one_line;
use crate::rule::Threat;

/// Appends the alert.
pub(super) fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    alert.write_id(object.key("id"));
    match alert.time() {
        Some(time) => object.text("time", &time),
        None => object.plain("time", "null"),
    }
    rule(alert, object.key("rule"));
    object.text("message", &message::message(alert));
    fields(alert, object.key("fields"));
    one_line(alert.record, object.key("event"));
    object.close();
}

fn rule(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let rule = alert.rule;
    let mut object = Object::open(out);
    object.text("id", &rule.id);
    object.text("name", &alert.name());
    object.plain("version", rule.version);
    object.text("language", rule.language.name());
    object.text("severity", alert.severity().name());
    object.plain("risk_score", alert.risk_score());
    object.members(&rule.lists);
    object.close();
}

/// The lists that an alert shows of its rule, as members: they are the same in all its alerts.
pub(crate) fn lists(tags: &[String], references: &[String], threats: &[Threat]) -> Box<[u8]> {
    let mut out = Vec::new();
    let mut object = Object::open(&mut out);
    object.texts("tags", tags);
    object.texts("references", references);
    threat(threats, object.key("threat"));
    // Without the object's brace.
    out.split_off(1).into()
}

/// Appends what the rule says about MITRE ATT&CK, in the form of Elastic's alerts.
pub(super) fn threat(threat: &[Threat], out: &mut Vec<u8>) {
    list(threat, out, |threat, out| {
        let mut object = Object::open(out);
        object.text("framework", &threat.framework);
        let tactic = &threat.tactic;
        named(&tactic.id, &tactic.name, &tactic.reference, object.key("tactic")).close();
        list(&threat.technique, object.key("technique"), |technique, out| {
            let mut object = named(&technique.id, &technique.name, &technique.reference, out);
            list(&technique.subtechnique, object.key("subtechnique"), |one, out| {
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
    for (name, operand) in &alert.rule.output {
        let out = object.key(name);
        let before = out.len();
        if alert.write_value(operand, out).is_err() {
            // Too large to look for repeated keys: as it stands.
            out.truncate(before);
            alert.value(operand).write_json(out);
        }
    }
    object.close();
}
