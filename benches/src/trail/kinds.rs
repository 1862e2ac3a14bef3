//! The records that a search for one name meets: real stops, and all that only looks like one.
//!
//! The name is `StopConfigurationRecorder`, what both embedded rules look for. A kind says how a record is
//! changed and what each rule answers to it, by the rules' own text: Elastic's asks for the service, the
//! name and success; Logpresso's for the name alone.

use super::dice::Dice;
use super::record::{Record, quoted};

/// The event name that the embedded rules look for.
pub const NAME: &str = "StopConfigurationRecorder";

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// Nothing to do with a recorder.
    Plain,
    /// A recorder was stopped.
    Stop,
    /// A recorder wasn't stopped: the call failed.
    FailedStop,
    /// A stop whose name is written with a JSON escape.
    EscapedStop,
    /// A call of this name at another service.
    OtherService,
    /// The name in the user agent.
    DecoyUserAgent,
    /// The name in a request's parameters, once as a value of a key `eventName`, once within a policy.
    DecoyRequest,
    /// The name in an error message.
    DecoyError,
    /// The name as a key.
    DecoyKey,
    /// An event name that only begins with it.
    DecoyLonger,
    /// The name with a JSON escape, in the user agent.
    DecoyEscaped,
}

/// What the rules answer to a kind, and what the manifest calls it.
#[derive(Debug)]
pub struct Truth {
    /// The name in the manifest.
    pub name: &'static str,
    /// Whether Elastic's rule raises an alert.
    pub elastic: bool,
    /// Whether Logpresso's rule raises an alert.
    pub logpresso: bool,
}

impl RecordKind {
    /// All kinds but `Plain`.
    pub const MARKED: [RecordKind; 10] = [
        RecordKind::Stop,
        RecordKind::FailedStop,
        RecordKind::EscapedStop,
        RecordKind::OtherService,
        RecordKind::DecoyUserAgent,
        RecordKind::DecoyRequest,
        RecordKind::DecoyError,
        RecordKind::DecoyKey,
        RecordKind::DecoyLonger,
        RecordKind::DecoyEscaped,
    ];

    /// What the rules say of it.
    #[must_use]
    pub fn truth(self) -> Truth {
        let (name, elastic, logpresso) = match self {
            RecordKind::Plain => ("plain", false, false),
            RecordKind::Stop => ("stops", true, true),
            RecordKind::FailedStop => ("failed_stops", false, true),
            RecordKind::EscapedStop => ("escaped_stops", true, true),
            RecordKind::OtherService => ("other_service", false, true),
            RecordKind::DecoyUserAgent => ("decoys_user_agent", false, false),
            RecordKind::DecoyRequest => ("decoys_request", false, false),
            RecordKind::DecoyError => ("decoys_error", false, false),
            RecordKind::DecoyKey => ("decoys_key", false, false),
            RecordKind::DecoyLonger => ("decoys_longer_name", false, false),
            RecordKind::DecoyEscaped => ("decoys_escaped", false, false),
        };
        Truth { name, elastic, logpresso }
    }

    /// Makes a record of this kind of a plain one.
    #[must_use]
    pub fn make(self, plain: &Record, dice: &mut Dice) -> Record {
        let mut record = plain.clone();
        match self {
            RecordKind::Plain => {}
            RecordKind::Stop => stop(&mut record),
            RecordKind::FailedStop => {
                stop(&mut record);
                fail(&mut record, "AccessDeniedException");
            }
            RecordKind::EscapedStop => {
                stop(&mut record);
                record.set("eventName", escaped(&quoted(NAME), dice));
            }
            RecordKind::OtherService => {
                stop(&mut record);
                record.set("eventSource", quoted("fleet-recorder.amazonaws.com"));
            }
            RecordKind::DecoyUserAgent => record.set("userAgent", quoted(&agent())),
            RecordKind::DecoyRequest => record.set("requestParameters", request(dice)),
            RecordKind::DecoyError => fail(&mut record, "AccessDenied"),
            RecordKind::DecoyKey => record.set(
                "requestParameters",
                format!(r#"{{"limits":{{"{NAME}":{{"rate":5,"burst":10}},"DeliverConfigSnapshot":null}}}}"#),
            ),
            RecordKind::DecoyLonger => record.set("eventName", quoted(&format!("{NAME}Schedule"))),
            RecordKind::DecoyEscaped => record.set("userAgent", escape_name(&quoted(&agent()), dice)),
        }
        record
    }
}

fn stop(record: &mut Record) {
    for key in
        ["errorCode", "errorMessage", "additionalEventData", "resources", "serviceEventDetails"]
    {
        record.remove(key);
    }
    record.set("eventSource", quoted("config.amazonaws.com"));
    record.set("eventName", quoted(NAME));
    record.set("eventType", quoted("AwsApiCall"));
    record.set("requestParameters", r#"{"configurationRecorderName":"default"}"#);
    record.set("responseElements", "null");
    record.set("readOnly", "false");
    if record.get("tlsDetails").is_some() {
        let host = "config.us-east-1.amazonaws.com";
        record.set(
            "tlsDetails",
            format!(r#"{{"tlsVersion":"TLSv1.3","clientProvidedHostHeader":"{host}"}}"#),
        );
    }
}

fn fail(record: &mut Record, code: &str) {
    record.set("errorCode", quoted(code));
    let message = format!(
        "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: config:{NAME} \
         because no identity-based policy allows the config:{NAME} action"
    );
    record.set("errorMessage", quoted(&message));
    record.set("responseElements", "null");
}

fn agent() -> String {
    format!(
        "aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1 lang/python#3.11.9 md/command#{NAME}"
    )
}

fn request(dice: &mut Dice) -> String {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":["config:{NAME}","config:DeleteConfigurationRecorder"],"Resource":"*"}}]}}"#
    );
    match dice.below(3) {
        0 => format!(r#"{{"policyName":"keep-recording","policyDocument":{}}}"#, quoted(&policy)),
        1 => format!(
            r#"{{"lookupAttributes":[{{"attributeKey":"EventName","attributeValue":"{NAME}"}}]}}"#
        ),
        _ => {
            format!(r#"{{"replay":{{"eventSource":"config.amazonaws.com","eventName":"{NAME}"}}}}"#)
        }
    }
}

/// The same JSON string with one of its letters written as `\u00hh`; as it was if it has no letter.
#[must_use]
pub fn escaped(string: &str, dice: &mut Dice) -> String {
    let bytes = string.as_bytes();
    let letters: Vec<usize> = (1..bytes.len())
        .filter(|at| bytes.get(*at).is_some_and(u8::is_ascii_alphabetic))
        // The letter or digits of another escape are no letters.
        .filter(|at| !bytes.get(at.saturating_sub(5)..*at).unwrap_or_default().contains(&b'\\'))
        .collect();
    letters
        .get(dice.below(letters.len()))
        .map_or_else(|| string.to_owned(), |at| spell(string, *at))
}

/// The same JSON string with a letter of the name in it written as `\u00hh`.
fn escape_name(string: &str, dice: &mut Dice) -> String {
    string
        .find(NAME)
        .map_or_else(|| string.to_owned(), |at| spell(string, at + dice.below(NAME.len())))
}

/// Writes the ASCII character at a place as an escape.
fn spell(string: &str, at: usize) -> String {
    let (head, tail) = string.split_at(at);
    let mut rest = tail.chars();
    let letter = rest.next().map_or(0, u32::from);
    format!("{head}\\u{letter:04x}{}", rest.as_str())
}
