//! In: an alert. Out: a Detection Finding of OCSF 1.6.0, with the profile `cloud`.
//!
//! Attributes, their types and their numbers are those of <https://schema.ocsf.io/1.6.0/>.

use std::borrow::Cow;
use std::net::IpAddr;

use super::dedup_keys::DedupKeys;
use super::format::Writer;
use super::object::Object;
use super::{Alert, message, milliseconds, native};
use crate::event::view::Shape;
use crate::event::vocabulary::Vocabulary;
use crate::event::{FieldId, Fields, Value};
use crate::rule::Threat;
use crate::source::{OcsfTable, SOURCE};

/// The schema's version.
const VERSION: &str = "1.6.0";

/// What the log source fills a finding with.
static TABLE: &OcsfTable = &SOURCE.ocsf;

/// The fields that a finding needs.
#[derive(Debug)]
pub(super) struct Finding {
    provider: FieldId,
    region: FieldId,
    account: FieldId,
    dataset: FieldId,
    operation: FieldId,
    service: FieldId,
    api_version: FieldId,
    request_id: FieldId,
    error_code: FieldId,
    error_message: FieldId,
    user_type: FieldId,
    user_arn: FieldId,
    user_id: FieldId,
    user_email: FieldId,
    access_key: FieldId,
    invoked_by: FieldId,
    session_created: FieldId,
    session_mfa: FieldId,
    session_issuer: FieldId,
    source_ip: FieldId,
    user_agent: FieldId,
    tls_version: FieldId,
    tls_cipher: FieldId,
    tls_server: FieldId,
    /// The resources as objects: of a raw record, and of a normalised one.
    resources: [FieldId; 2],
}

impl Writer for Finding {
    fn copies(&self) -> usize {
        3
    }

    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>) {
        let mut finding = Object::open(out);
        class(&mut finding);
        let time = alert.milliseconds();
        // The schema requires a time, and the module has no clock: 0 says that the event's is unknown.
        finding.plain("time", time.unwrap_or(0));
        if let Some(time) = time {
            finding.plain("start_time", time);
            finding.plain("end_time", time);
        }
        let severity = alert.severity();
        finding.plain("severity_id", severity.ocsf());
        finding.text("severity", &capitalised(severity.name()));
        finding.plain("status_id", 1);
        finding.text("status", "New");
        finding.plain("is_alert", true);
        finding.plain("risk_score", alert.risk_score());
        finding.text("message", &message::message(alert));
        finding.object("metadata", |metadata| self.metadata(alert, metadata));
        finding.object("finding_info", |info| self.info(alert, time, info));
        finding.object("cloud", |cloud| self.cloud(alert, cloud));
        self.resources(alert, &mut finding);
        let fits = self.evidence(alert, &mut finding);
        self.observables(alert, &mut finding);
        unmapped(alert, &mut finding);
        if !fits {
            finding.text("raw_data", &String::from_utf8_lossy(alert.record));
            finding.plain("raw_data_size", alert.record.len());
        }
        finding.close();
    }
}

impl Finding {
    pub(super) fn new(fields: &mut Fields) -> Finding {
        let raw = fields.want(Vocabulary::Raw, TABLE.raw_resources.field);
        let mut ecs = |name| fields.want(Vocabulary::Ecs, name);
        Finding {
            provider: ecs("cloud.provider"),
            region: ecs("cloud.region"),
            account: ecs("cloud.account.id"),
            dataset: ecs("event.dataset"),
            operation: ecs("event.action"),
            service: ecs("event.provider"),
            api_version: ecs(TABLE.api_version),
            request_id: ecs(TABLE.request_id),
            error_code: ecs(TABLE.error_code),
            error_message: ecs(TABLE.error_message),
            user_type: ecs(TABLE.user_type),
            user_arn: ecs(TABLE.user_arn),
            user_id: ecs("user.id"),
            user_email: ecs("user.email"),
            access_key: ecs(TABLE.access_key),
            invoked_by: ecs(TABLE.invoked_by),
            session_created: ecs(TABLE.session_created),
            session_mfa: ecs(TABLE.session_mfa),
            session_issuer: ecs(TABLE.session_issuer),
            source_ip: ecs("source.ip"),
            user_agent: ecs("user_agent.original"),
            tls_version: ecs("tls.version"),
            tls_cipher: ecs("tls.cipher"),
            tls_server: ecs("tls.client.server_name"),
            resources: [raw, ecs(TABLE.ecs_resources.field)],
        }
    }

    fn metadata(&self, alert: &Alert<'_>, metadata: &mut Object<'_>) {
        metadata.text("version", VERSION);
        metadata.key("profiles").extend_from_slice(b"[\"cloud\"]");
        alert.write_id(metadata.key("uid"));
        metadata.some("original_time", alert.time.as_ref());
        metadata.object("product", |product| {
            product.text("name", "Tocsin");
            product.text("vendor_name", "Tocsin");
            product.text("version", env!("CARGO_PKG_VERSION"));
        });
    }

    fn info(&self, alert: &Alert<'_>, time: Option<i64>, info: &mut Object<'_>) {
        let rule = alert.rule;
        alert.write_id(info.key("uid"));
        info.text("title", &alert.name());
        info.some("desc", Some(&rule.description));
        if let Some(time) = time {
            info.plain("first_seen_time", time);
            info.plain("last_seen_time", time);
        }
        if let Some(dataset) = alert.text_of(self.dataset) {
            info.texts("data_sources", &[dataset.into_owned()]);
        }
        info.object("analytic", |analytic| {
            analytic.plain("type_id", 1);
            analytic.text("type", "Rule");
            analytic.text("uid", &rule.id);
            analytic.text("name", &rule.name);
            analytic.text("version", &rule.version.to_string());
            analytic.text("category", rule.language.name());
        });
        let attacks = rule.threat.iter().flat_map(attacks);
        info.objects("attacks", attacks, |attack, object| {
            for (key, (id, name, reference)) in attack {
                if id.is_empty() && name.is_empty() {
                    continue;
                }
                object.object(key, |one| {
                    one.some("uid", Some(id));
                    one.some("name", Some(name));
                    one.some("src_url", Some(reference));
                });
            }
        });
        let lists = [("tags", &rule.tags), ("references", &rule.references)];
        info.objects("tags", lists, |(name, values), tag| {
            if !values.is_empty() {
                tag.text("name", name);
                tag.texts("values", values);
            }
        });
    }

    fn cloud(&self, alert: &Alert<'_>, cloud: &mut Object<'_>) {
        let (ecs, ocsf) = TABLE.provider;
        let provider = alert.text_of(self.provider).filter(|provider| provider != ecs);
        // The log source has one, whether the record says so or not.
        cloud.text("provider", provider.as_deref().unwrap_or(ocsf));
        cloud.some("region", alert.text_of(self.region));
        cloud.object("account", |account| self.account(alert, account));
    }

    fn account(&self, alert: &Alert<'_>, account: &mut Object<'_>) {
        if let Some(uid) = alert.text_of(self.account) {
            account.text("uid", &uid);
            let (type_id, name) = TABLE.account_type;
            account.plain("type_id", type_id);
            account.text("type", name);
        }
    }

    fn resources(&self, alert: &Alert<'_>, finding: &mut Object<'_>) {
        let [raw, normalised] = self.resources;
        let (field, keys) = match alert.event.shape {
            Shape::Raw => (raw, &TABLE.raw_resources),
            Shape::Normalised => (normalised, &TABLE.ecs_resources),
        };
        let mut resources = Vec::new();
        alert.event.any(field, &mut |resource| {
            if matches!(resource, Value::Object(_)) {
                resources.push(resource.clone());
            }
            false
        });
        finding.objects("resources", resources, |resource, object| {
            let text = |key: &str| resource.member(key).and_then(|value| value.text());
            let Some(uid) = text(keys.uid).filter(|uid| !uid.is_empty()) else { return };
            object.text("uid", &uid);
            object.some("type", text("type"));
            object.plain("role_id", 1);
            object.text("role", "Target");
            object.object("owner", |owner| {
                owner.object("account", |owner| owner.some("uid", text(keys.account)));
            });
        });
    }

    /// The event. False if the record doesn't fit as an object.
    fn evidence(&self, alert: &Alert<'_>, finding: &mut Object<'_>) -> bool {
        let dedup = DedupKeys { duplicates: alert.event.duplicates, cleans: false };
        let mut data = Vec::new();
        let copied = Value::exact(alert.record).map(|record| dedup.copy(&record, &mut data));
        let fits = matches!(copied, Some(Ok(_)));
        finding.list_of_one("evidences", |evidence| {
            evidence.some("uid", alert.text_of(alert.fields.event_id));
            self.api(alert, evidence);
            evidence.object("actor", |actor| self.actor(alert, actor));
            evidence.object("src_endpoint", |endpoint| self.source(alert, endpoint));
            evidence.object("http_request", |request| {
                request.some("user_agent", alert.text_of(self.user_agent));
            });
            if let Some(version) = alert.text_of(self.tls_version) {
                evidence.object("tls", |tls| {
                    tls.text("version", &version);
                    tls.some("cipher", alert.text_of(self.tls_cipher));
                    tls.some("sni", alert.text_of(self.tls_server));
                });
            }
            if fits {
                evidence.key("data").extend_from_slice(&data);
            }
        });
        fits
    }

    fn api(&self, alert: &Alert<'_>, evidence: &mut Object<'_>) {
        let Some(operation) = alert.text_of(self.operation) else { return };
        evidence.object("api", |api| {
            api.text("operation", &operation);
            api.some("version", alert.text_of(self.api_version));
            api.object("service", |service| service.some("name", alert.text_of(self.service)));
            api.object("request", |request| request.some("uid", alert.text_of(self.request_id)));
            api.object("response", |response| {
                response.some("error", alert.text_of(self.error_code));
                response.some("error_message", alert.text_of(self.error_message));
            });
        });
    }

    fn actor(&self, alert: &Alert<'_>, actor: &mut Object<'_>) {
        actor.object("user", |user| self.user(alert, user));
        actor.object("session", |session| {
            let text = |field| alert.text_of(field);
            if let Some(time) = text(self.session_created).and_then(|text| milliseconds(&text)) {
                session.plain("created_time", time);
            }
            match text(self.session_mfa).as_deref() {
                Some("true") => session.plain("is_mfa", true),
                Some("false") => session.plain("is_mfa", false),
                _ => {}
            }
            session.some("issuer", text(self.session_issuer));
        });
        actor.some("app_name", alert.text_of(self.invoked_by));
    }

    fn user(&self, alert: &Alert<'_>, user: &mut Object<'_>) {
        let name = alert.text_of(alert.fields.user);
        let (arn, id) = (alert.text_of(self.user_arn), alert.text_of(self.user_id));
        if name.is_none() && arn.is_none() && id.is_none() && !alert.has(self.account) {
            // The schema has no user without any of them.
            return;
        }
        user.some("name", name);
        if arn.is_some() {
            user.some("uid", arn);
            user.some("uid_alt", id);
        } else {
            user.some("uid", id);
        }
        user.some("email_addr", alert.text_of(self.user_email));
        if let Some(kind) = alert.text_of(self.user_type) {
            let known = TABLE.user_types.iter().find(|known| known.0 == kind);
            user.plain("type_id", known.map_or(99, |known| known.1));
            user.text("type", &kind);
        }
        user.list_of_one("programmatic_credentials", |credential| {
            credential.some("uid", alert.text_of(self.access_key));
        });
        user.object("account", |account| self.account(alert, account));
    }

    /// The address: an IP address, or the name of a service.
    fn source(&self, alert: &Alert<'_>, endpoint: &mut Object<'_>) {
        match self.address(alert) {
            Some(Ok(ip)) => endpoint.text("ip", &ip),
            Some(Err(name)) => endpoint.some("svc_name", Some(name)),
            None => {}
        }
    }

    fn address<'a>(&self, alert: &Alert<'a>) -> Option<Result<Cow<'a, str>, Cow<'a, str>>> {
        let address = alert.text_of(alert.fields.source_address);
        let address = address.or_else(|| alert.text_of(self.source_ip))?;
        Some(if address.parse::<IpAddr>().is_ok() { Ok(address) } else { Err(address) })
    }

    fn observables(&self, alert: &Alert<'_>, finding: &mut Object<'_>) {
        let ip = self.address(alert).and_then(Result::ok);
        let observables = [
            ("evidences[0].src_endpoint.ip", 2, "IP Address", ip),
            ("evidences[0].actor.user.name", 4, "User Name", alert.text_of(alert.fields.user)),
            (
                "evidences[0].http_request.user_agent",
                16,
                "HTTP User-Agent",
                alert.text_of(self.user_agent),
            ),
        ];
        finding.objects("observables", observables, |(name, type_id, kind, value), one| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                one.text("name", name);
                one.plain("type_id", type_id);
                one.text("type", kind);
                one.text("value", &value);
            }
        });
    }
}

/// What kind of event a finding is.
fn class(finding: &mut Object<'_>) {
    finding.plain("category_uid", 2);
    finding.text("category_name", "Findings");
    finding.plain("class_uid", 2004);
    finding.text("class_name", "Detection Finding");
    finding.plain("activity_id", 1);
    finding.text("activity_name", "Create");
    finding.plain("type_uid", 200_401);
    finding.text("type_name", "Detection Finding: Create");
}

/// The rule's output fields, those that have a value.
fn unmapped(alert: &Alert<'_>, finding: &mut Object<'_>) {
    finding.object("unmapped", |unmapped| {
        let mut value = Vec::new();
        for (name, operand) in &alert.rule.output {
            value.clear();
            // What doesn't fit is in the raw data.
            if alert.write_value(operand, &mut value).is_ok() && value != b"null" {
                unmapped.key(name).extend_from_slice(&value);
            }
        }
        // A rule's own field of this name stays, and is the one of its name.
        if !alert.rule.output.iter().any(|(name, _)| name == "envelope") {
            native::envelope(alert, unmapped);
        }
    });
}

/// An id, a name and a reference.
type Named<'a> = (&'a str, &'a str, &'a str);

/// One `attack` for each of the most particular things that a threat names.
fn attacks(threat: &Threat) -> Vec<Vec<(&'static str, Named<'_>)>> {
    let tactic = &threat.tactic;
    let tactic = ("tactic", (&*tactic.id, &*tactic.name, &*tactic.reference));
    let mut attacks = Vec::new();
    for one in &threat.technique {
        let technique = ("technique", (&*one.id, &*one.name, &*one.reference));
        for sub in &one.subtechnique {
            let sub = ("sub_technique", (&*sub.id, &*sub.name, &*sub.reference));
            attacks.push(vec![tactic, technique, sub]);
        }
        if one.subtechnique.is_empty() {
            attacks.push(vec![tactic, technique]);
        }
    }
    if attacks.is_empty() {
        attacks.push(vec![tactic]);
    }
    attacks
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
