//! In: an alert. Out: Elastic's alert document: `kibana.alert.*`, and the event's ECS fields.
//!
//! Names and values follow what Kibana's security solution (8.x, 9.x) writes into `.alerts-security.*`:
//! its own fields by dotted keys, `event.kind` among them, the event's fields nested.

use super::dedup_keys::{BYTES, DedupKeys, Unfit};
use super::format::Writer;
use super::object::Object;
use super::{Alert, message, moment, native};
use crate::event::mapping::FieldSource;
use crate::event::view::Shape;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, FieldId, Fields, Value};
use crate::record::write;
use crate::sort;
use crate::source::SOURCE;

/// Keys of a record that would pass for Kibana's, which Kibana drops, too, and for Tocsin's.
const RESERVED: [&str; 4] = ["kibana", "signal", "threshold_result", "tocsin"];

/// Fields that the document has already when the event's are written.
const WRITTEN: [&str; 2] = ["@timestamp", "event.kind"];

/// ECS fields that are lists even if they have one value.
const LISTS: [&str; 18] = [
    "actor.entity.id",
    "entity.id",
    "entity.target.id",
    "event.category",
    "event.type",
    "host.entity.id",
    "host.target.entity.id",
    "host.target.id",
    "related.entity",
    "related.hash",
    "related.hosts",
    "related.ip",
    "related.user",
    "service.entity.id",
    "service.target.entity.id",
    "target.entity.id",
    "user.entity.id",
    "user.target.entity.id",
];

/// Kibana's names for its rule types.
const TYPES: [(&str, &str, &str); 3] = [
    ("query", "Custom Query Rule", "siem.queryRule"),
    ("threshold", "Threshold Rule", "siem.thresholdRule"),
    ("new_terms", "New Terms Rule", "siem.newTermsRule"),
];

/// The fields that the document needs.
#[derive(Debug)]
pub(super) struct Document {
    /// By name, in the order that nested objects need: parts of a name compared one after the other.
    fields: Vec<(&'static str, FieldId)>,
    original: FieldId,
}

impl Writer for Document {
    fn copies(&self) -> usize {
        3
    }

    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>) {
        let time = alert.milliseconds().and_then(moment::rfc3339);
        let mut complete = time.is_some() || alert.time.is_none();
        let mut document = Object::open(out);
        document.some("@timestamp", time.as_deref());
        document.text("event.kind", "signal");
        alert_fields(alert, time.as_deref(), &mut document);
        self.original_event(alert, &mut document);
        rule_fields(alert, &mut document);
        if alert.envelope.is_some() {
            document.object("tocsin", |object| native::envelope(alert, object));
        }
        complete &= match alert.event.shape {
            Shape::Raw => self.nested(alert, &mut document),
            Shape::Normalised => match own(alert) {
                Ok(own) => {
                    document.members(&own.members);
                    self.translated(alert, &mut document);
                    own.complete
                }
                Err(Unfit) => {
                    self.nested(alert, &mut document);
                    false
                }
            },
        };
        if !complete && !has(&alert.event, self.original) {
            document.text("event.original", &String::from_utf8_lossy(alert.record));
        }
        document.close();
    }
}

impl Document {
    /// All fields of the ECS table, and its subtrees as objects.
    pub(super) fn new(fields: &mut Fields) -> Document {
        let mut all = Vec::new();
        for row in SOURCE.mappings.ecs.rows {
            if !matches!(row.source, FieldSource::Absent(_)) {
                all.push((row.name, fields.want(Vocabulary::Ecs, row.name)));
            }
        }
        for subtree in SOURCE.mappings.ecs.subtrees {
            all.push((subtree.prefix, fields.want(Vocabulary::Raw, subtree.path)));
        }
        sort::sort_by(&mut all, |one, other| one.0.split('.').cmp(other.0.split('.')));
        Document { fields: all, original: fields.want(Vocabulary::Ecs, "event.original") }
    }

    /// `kibana.alert.original_*`: what the alert's own fields stand in the way of.
    fn original_event(&self, alert: &Alert<'_>, document: &mut Object<'_>) {
        let mut values = Vec::new();
        for (name, id) in &self.fields {
            let original = match name.split_once('.') {
                Some(("event", rest)) => ("kibana.alert.original_event.", rest),
                Some(("data_stream", rest)) => ("kibana.alert.original_data_stream.", rest),
                _ => continue,
            };
            values.clear();
            if all_values(alert, name, *id, &mut values).is_ok() && !values.is_empty() {
                document.key(&[original.0, original.1].concat()).extend_from_slice(&values);
            }
        }
    }

    /// The event's fields by the table, as objects in each other. False if one doesn't fit.
    fn nested(&self, alert: &Alert<'_>, document: &mut Object<'_>) -> bool {
        let mut complete = true;
        let mut tree = Tree { out: Vec::new(), open: Vec::new(), after_value: false };
        let mut last = "";
        let mut values = Vec::new();
        for (name, id) in &self.fields {
            if WRITTEN.contains(name) || is_below(name, last) {
                continue;
            }
            values.clear();
            complete &= all_values(alert, name, *id, &mut values).is_ok();
            if !values.is_empty() {
                tree.put(name, &values);
                last = name;
            }
        }
        document.members(&tree.finish());
        complete
    }

    /// Fields that a normalised record holds under another vocabulary's names.
    fn translated(&self, alert: &Alert<'_>, document: &mut Object<'_>) {
        for (name, id) in &self.fields {
            if WRITTEN.contains(name) || has(&alert.event, *id) {
                continue;
            }
            if let Some(Value::Bool(_) | Value::Number(_) | Value::Text(_)) = alert.event.first(*id)
            {
                document.some(name, alert.text_of(*id));
            }
        }
    }
}

/// Whether a normalised record has the field's own name.
fn has(event: &Event<'_>, id: FieldId) -> bool {
    let own = event.field(id).and_then(|field| field.direct.first());
    own.is_some_and(|slot| event.captures.has(*slot))
}

/// Whether a name is that of a field inside another.
fn is_below(name: &str, other: &str) -> bool {
    !other.is_empty() && name.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'))
}

/// Appends a field's value, or a list of its values; nothing if it has none. What doesn't fit is left
/// out whole.
fn all_values(alert: &Alert<'_>, name: &str, id: FieldId, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let event = &alert.event;
    let dedup = DedupKeys { duplicates: event.duplicates, cleans: event.shape == Shape::Raw };
    let start = out.len();
    let mut count = 0_usize;
    let mut fit = Ok(());
    event.visit(id, &mut |value, _| {
        let before = out.len();
        if count > 0 {
            out.push(b',');
        }
        match dedup.copy(&value, out) {
            Ok(true) => count += 1,
            Ok(false) => out.truncate(before),
            Err(Unfit) => fit = Err(Unfit),
        }
        fit.is_err()
    });
    if fit.is_err() {
        out.truncate(start);
    } else if count > 1 || (count == 1 && LISTS.contains(&name) && out.get(start) != Some(&b'[')) {
        out.insert(start, b'[');
        out.push(b']');
    }
    fit
}

/// Members of objects in each other, written from names in order.
struct Tree {
    out: Vec<u8>,
    /// The objects that are open.
    open: Vec<&'static str>,
    /// Whether a comma has to come before what follows.
    after_value: bool,
}

impl Tree {
    fn put(&mut self, name: &'static str, value: &[u8]) {
        let (parents, key) = name.rsplit_once('.').unwrap_or(("", name));
        let parents = parents.split('.').filter(|part| !part.is_empty());
        let shared =
            self.open.iter().zip(parents.clone()).take_while(|(open, part)| *open == part).count();
        self.close_to(shared);
        for part in parents.skip(shared) {
            self.key(part);
            self.out.push(b'{');
            self.open.push(part);
            self.after_value = false;
        }
        self.key(key);
        self.out.extend_from_slice(value);
        self.after_value = true;
    }

    fn key(&mut self, key: &str) {
        if self.after_value {
            self.out.push(b',');
        }
        write::text(key, &mut self.out);
        self.out.push(b':');
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.open.pop();
            self.out.push(b'}');
            self.after_value = true;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.close_to(0);
        self.out
    }
}

/// A normalised record's own members.
struct Own {
    members: Vec<u8>,
    /// Whether none was left out for good.
    complete: bool,
}

/// The members as they stand, each key once. Left out are those that Elasticsearch would refuse (a
/// scalar where ECS has an object) and those that would pass for the alert's.
fn own(alert: &Alert<'_>) -> Result<Own, Unfit> {
    if alert.record.len() > BYTES {
        return Err(Unfit);
    }
    let dedup = DedupKeys { duplicates: alert.event.duplicates, cleans: false };
    let record = Value::exact(alert.record).ok_or(Unfit)?;
    let mut own = Own { members: Vec::new(), complete: true };
    for child in dedup.children(&record)? {
        let Some(key) = child.key.as_deref() else { continue };
        let (root, rest) = key.split_once('.').unwrap_or((key, ""));
        if WRITTEN.contains(&key) {
            continue;
        }
        let object = matches!(child.value, Value::Object(_) | Value::Array(_));
        if RESERVED.contains(&root) || (rest.is_empty() && !object && is_object(root)) {
            own.complete &= child.value == Value::Null || is_translated(key);
            continue;
        }
        let out = &mut own.members;
        if !out.is_empty() {
            out.push(b',');
        }
        write::text(key, out);
        out.push(b':');
        if key == "event" && matches!(child.value, Value::Object(_)) {
            without_kind(dedup, &child.value, out)?;
        } else {
            dedup.copy(&child.value, out)?;
        }
    }
    Ok(own)
}

/// Appends the object `event` without the kind, which the document has already.
fn without_kind(dedup: DedupKeys, event: &Value<'_>, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let mut object = Object::open(out);
    for child in dedup.children(event)? {
        if let Some(key) = child.key.as_deref().filter(|key| *key != "kind") {
            dedup.copy(&child.value, object.key(key))?;
        }
    }
    object.close();
    Ok(())
}

/// Whether the ECS table has fields inside this one.
fn is_object(name: &str) -> bool {
    SOURCE.mappings.ecs.rows.iter().any(|row| is_below(row.name, name))
}

/// Whether the ECS table takes a field's value from this name.
fn is_translated(name: &str) -> bool {
    SOURCE.mappings.ecs.rows.iter().any(|row| row.aliases.contains(&name))
}

fn alert_fields(alert: &Alert<'_>, time: Option<&str>, document: &mut Object<'_>) {
    document.list_of_one("kibana.alert.ancestors", |ancestor| {
        ancestor.plain("depth", 0);
        ancestor.some("id", alert.text_of(alert.fields.event_id));
        ancestor.text("index", "");
        ancestor.text("type", "event");
    });
    document.plain("kibana.alert.depth", 1);
    document.some("kibana.alert.original_time", time);
    document.text("kibana.alert.reason", &message::message(alert));
    document.plain("kibana.alert.risk_score", alert.risk_score());
    document.text("kibana.alert.severity", alert.severity().name());
    document.text("kibana.alert.status", "active");
    alert.write_id(document.key("kibana.alert.uuid"));
    document.text("kibana.alert.workflow_status", "open");
    document.key("kibana.space_ids").extend_from_slice(b"[\"default\"]");
}

fn rule_fields(alert: &Alert<'_>, document: &mut Object<'_>) {
    let rule = alert.rule;
    let kind = TYPES.iter().find(|kind| kind.0 == rule.kind).or(TYPES.first());
    let (category, type_id) = kind.map_or(("", ""), |kind| (kind.1, kind.2));
    document.texts("kibana.alert.rule.author", &rule.author);
    document.text("kibana.alert.rule.category", category);
    document.text("kibana.alert.rule.consumer", "siem");
    document.text("kibana.alert.rule.description", &rule.description);
    write::list(
        &rule.false_positives,
        document.key("kibana.alert.rule.false_positives"),
        |text, out| {
            write::text(text.trim(), out);
        },
    );
    let from = format!("now-{}", duration(rule.schedule.lookback_seconds));
    document.text("kibana.alert.rule.from", &from);
    document.text("kibana.alert.rule.interval", &duration(rule.schedule.interval_seconds));
    document.some("kibana.alert.rule.license", rule.license.as_deref());
    document.plain("kibana.alert.rule.max_signals", rule.schedule.max_signals);
    document.text("kibana.alert.rule.name", &alert.name());
    document.text("kibana.alert.rule.producer", "siem");
    document.texts("kibana.alert.rule.references", &rule.references);
    document.plain("kibana.alert.rule.revision", 0);
    document.plain("kibana.alert.rule.risk_score", rule.risk_score);
    document.text("kibana.alert.rule.rule_id", &rule.id);
    document.text("kibana.alert.rule.rule_type_id", type_id);
    document.text("kibana.alert.rule.severity", rule.severity.name());
    document.texts("kibana.alert.rule.tags", &rule.tags);
    native::threat(&rule.threat, document.key("kibana.alert.rule.threat"));
    document.text("kibana.alert.rule.type", &rule.kind);
    document.text("kibana.alert.rule.uuid", &rule.id);
    document.plain("kibana.alert.rule.version", rule.version);
}

/// A duration as rule files write it, in minutes where it has no seconds beside them.
fn duration(seconds: u64) -> String {
    if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}
