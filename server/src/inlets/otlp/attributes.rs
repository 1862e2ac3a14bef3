//! Records that came as attributes: those of any shipper, and those of the Collector's encoding `cloudtrail`,
//! which renames everything and is turned back here as far as it goes.

use serde_json::{Map, Value, json};
use tocsin_wire::calendar::iso;

use crate::inlets::lines::is_object_on_one_line;

/// What that encoding leaves out of a record, for people.
pub const LOST: &str = "vpcEndpointId, serviceEventDetails, sessionContext.webIdFederationData, \
                        sessionContext.ec2RoleDelivery, nulls, empty strings, and every key it doesn't know";

/// Attributes, as a JSON object, with the text that they were parsed from beside them, so that both are judged.
pub fn beside_text(fields: &str, text: &str) -> String {
    let mut has_message = false;
    let read = crate::inlets::pick::members(fields, |key, _| has_message |= key == "message");
    if has_message || read.is_err() {
        return format!("[{fields},{{\"message\":{}}}]", Value::from(text));
    }
    let inside = fields.strip_suffix('}').unwrap_or(fields);
    format!("{inside},\"message\":{}}}", Value::from(text))
}

/// The record as it was before somebody took it apart, by the attribute that OpenTelemetry's conventions have for it.
pub fn original(fields: &str) -> Option<String> {
    let mut found = None;
    crate::inlets::pick::members(fields, |key, value| {
        if key == "log.record.original" {
            found = serde_json::from_str::<String>(value).ok();
        }
    })
    .ok()?;
    found.filter(|record| is_object_on_one_line(record.trim()))
}

/// Whether the records of a scope with these attributes are of the encoding `cloudtrail`.
pub fn is_cloudtrail(scope: &Map<String, Value>) -> bool {
    scope.get("encoding.format").and_then(Value::as_str) == Some("aws.cloudtrail")
}

/// Where an attribute stood in the record.
const PLACES: &[(&str, &str)] = &[
    ("aws.cloudtrail.event_version", "eventVersion"),
    ("aws.cloudtrail.event_id", "eventID"),
    ("aws.cloudtrail.api_version", "apiVersion"),
    ("rpc.method", "eventName"),
    ("rpc.service", "eventSource"),
    ("rpc.system", "eventType"),
    ("aws.request_id", "requestID"),
    ("aws.event.category", "eventCategory"),
    ("aws.shared_event_id", "sharedEventID"),
    ("aws.event.read_only", "readOnly"),
    ("aws.event.management", "managementEvent"),
    ("source.address", "sourceIPAddress"),
    ("user_agent.original", "userAgent"),
    ("aws.error.code", "errorCode"),
    ("aws.error.message", "errorMessage"),
    ("aws.principal.type", "userIdentity.type"),
    ("aws.principal.id", "userIdentity.principalId"),
    ("aws.principal.arn", "userIdentity.arn"),
    ("aws.user_identity.account_id", "userIdentity.accountId"),
    ("aws.user_identity.invoked_by", "userIdentity.invokedBy"),
    ("aws.access_key.id", "userIdentity.accessKeyId"),
    ("user.name", "userIdentity.userName"),
    ("user.id", "userIdentity.userId"),
    ("aws.identity_store.arn", "userIdentity.identityStoreArn"),
    (
        "aws.user_identity.session_context.attributes.creation_date",
        "userIdentity.sessionContext.attributes.creationDate",
    ),
    (
        "aws.user_identity.session_context.issuer.type",
        "userIdentity.sessionContext.sessionIssuer.type",
    ),
    (
        "aws.user_identity.session_context.issuer.principal_id",
        "userIdentity.sessionContext.sessionIssuer.principalId",
    ),
    (
        "aws.user_identity.session_context.issuer.arn",
        "userIdentity.sessionContext.sessionIssuer.arn",
    ),
    (
        "aws.user_identity.session_context.issuer.account_id",
        "userIdentity.sessionContext.sessionIssuer.accountId",
    ),
    (
        "aws.user_identity.session_context.issuer.user_name",
        "userIdentity.sessionContext.sessionIssuer.userName",
    ),
    ("aws.request.parameters", "requestParameters"),
    ("aws.response.elements", "responseElements"),
    ("aws.cloudtrail.additional_event_data", "additionalEventData"),
    ("aws.insight_details", "insightDetails"),
    ("tls.cipher", "tlsDetails.cipherSuite"),
    ("server.address", "tlsDetails.clientProvidedHostHeader"),
];

/// The record whose attributes these are. Attributes that no key is known for stay beside the others.
pub fn turn_back(
    resource: &Map<String, Value>,
    time_unix_nano: u64,
    attributes: Map<String, Value>,
) -> Map<String, Value> {
    let mut found = Map::new();
    for (attribute, place) in
        [("cloud.region", "awsRegion"), ("cloud.account.id", "recipientAccountId")]
    {
        if let Some(value) = resource.get(attribute) {
            put(&mut found, place, value.clone());
        }
    }
    if time_unix_nano > 0 {
        put(&mut found, "eventTime", Value::from(timestamp(time_unix_nano / 1_000_000_000)));
    }
    for (name, value) in attributes {
        match name.as_str() {
            // CloudTrail writes these two as texts.
            "aws.user_identity.session_context.attributes.mfa_authenticated" => {
                let truth = Value::from(value.as_bool().unwrap_or(false).to_string());
                put(&mut found, "userIdentity.sessionContext.attributes.mfaAuthenticated", truth);
            }
            "aws.session.console" => {
                let truth = Value::from(value.as_bool().unwrap_or(false).to_string());
                put(&mut found, "sessionCredentialFromConsole", truth);
            }
            "tls.protocol.version" => {
                let version = format!("TLSv{}", value.as_str().unwrap_or_default());
                put(&mut found, "tlsDetails.tlsVersion", Value::from(version));
            }
            "aws.resources" => put(&mut found, "resources", resources(&value)),
            name => match PLACES.iter().find(|(attribute, _)| *attribute == name) {
                Some((_, place)) => put(&mut found, place, value),
                None => drop(found.insert(name.to_owned(), value)),
            },
        }
    }
    found
}

fn resources(value: &Value) -> Value {
    let one = |resource: &Value| {
        let mut one = Map::new();
        for (name, key) in [("account.id", "accountId"), ("type", "type"), ("arn", "ARN")] {
            if let Some(value) = resource.get(name) {
                one.insert(key.to_owned(), value.clone());
            }
        }
        Value::Object(one)
    };
    Value::Array(value.as_array().into_iter().flatten().map(one).collect())
}

/// Puts a value at a place below objects that are made as needed.
fn put(object: &mut Map<String, Value>, place: &str, value: Value) {
    match place.split_once('.') {
        None => drop(object.insert(place.to_owned(), value)),
        Some((first, rest)) => {
            let below = object.entry(first).or_insert_with(|| json!({}));
            if let Some(below) = below.as_object_mut() {
                put(below, rest, value);
            }
        }
    }
}

/// Seconds since 1970 as CloudTrail writes a time: without milliseconds.
fn timestamp(seconds: u64) -> String {
    let milliseconds = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
    iso(milliseconds)
}
