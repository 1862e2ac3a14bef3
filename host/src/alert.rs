//! An alert's line in, the same as types out.
//!
//! The line stays what other programs get: a type is read from it where one is needed.
//!
//! ```
//! use tocsin_host::{Alert, Detector, Engine, Limits, Module, detector::Frame};
//!
//! let module = Module::embedded(&Engine::new()?)?;
//! let mut detector = Detector::new(&module, Limits::default())?;
//! let record = br#"{"eventVersion": "1.08", "eventSource": "config.amazonaws.com",
//!     "eventName": "StopConfigurationRecorder", "awsRegion": "eu-central-1"}"#;
//! for frame in detector.detect(record)?.frames {
//!     let Frame::Alert { alert, .. } = frame else { continue };
//!     let alert = Alert::read(alert.as_bytes())?;
//!     assert_eq!(alert.rule.severity, "high");
//!     assert_eq!(alert.rule.techniques(), ["T1562.001"]);
//!     assert!(alert.event.get().contains("StopConfigurationRecorder"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// An alert in the format `json`, as `docs/alerts.md` describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct Alert {
    /// What tells it from every other: the same for the same record and rule.
    pub id: String,
    /// When the event happened, as the record writes it.
    pub time: Option<String>,
    /// The rule, its overrides applied.
    pub rule: AlertRule,
    /// What the rule says about the event.
    pub message: String,
    /// The rule's output fields, in the rule's order.
    #[serde(deserialize_with = "in_order")]
    pub fields: Vec<(String, Box<RawValue>)>,
    /// The record, byte for byte.
    pub event: Box<RawValue>,
    /// What EventBridge says of where the record comes from.
    #[serde(default)]
    pub envelope: Option<AlertEnvelope>,
}

/// What an alert says of its rule.
#[derive(Debug, Clone, Deserialize)]
pub struct AlertRule {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The language of its query.
    pub language: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// The same from 0 to 100.
    pub risk_score: u8,
    /// Its tags.
    pub tags: Vec<String>,
    /// Pages about it.
    pub references: Vec<String>,
    /// Tactics and techniques of MITRE ATT&CK, in the form of Elastic's alerts.
    pub threat: Vec<Value>,
}

/// EventBridge's own words about a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct AlertEnvelope {
    /// The sender.
    #[serde(default)]
    pub source: Option<String>,
    /// The account.
    #[serde(default)]
    pub account: Option<String>,
    /// The region.
    #[serde(default)]
    pub region: Option<String>,
}

impl Alert {
    /// Reads an alert's line, or the alert of a frame.
    ///
    /// # Errors
    /// What of it isn't an alert in the format `json`.
    pub fn read(line: &[u8]) -> Result<Alert, serde_json::Error> {
        serde_json::from_slice(line)
    }

    /// An output field's value, if the rule has the field.
    pub fn field(&self, name: &str) -> Option<&RawValue> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

impl AlertRule {
    /// The ids of the techniques, those of sub-techniques where there are any.
    pub fn techniques(&self) -> Vec<&str> {
        fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
            of.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
        }
        let mut ids = Vec::new();
        for technique in self.threat.iter().flat_map(|threat| list(threat, "technique")) {
            let below = list(technique, "subtechnique");
            let those = if below.is_empty() { std::slice::from_ref(technique) } else { below };
            ids.extend(those.iter().filter_map(|one| one.get("id").and_then(Value::as_str)));
        }
        ids
    }
}

/// An object's members in the order in which they stand, values as they stand.
fn in_order<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Box<RawValue>)>, D::Error> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, Box<RawValue>)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    deserializer.deserialize_map(Members)
}

#[cfg(test)]
mod tests {
    use super::Alert;

    #[test]
    fn the_alerts_of_the_detectors_snapshots_are_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../detector-wasm/tests/alerts");
        let mut alerts = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let alert = Alert::read(line.as_bytes()).unwrap_or_else(|error| {
                    panic!("{}: {error}", path.display());
                });
                assert!(line.contains(alert.event.get()), "{}", path.display());
                assert_eq!(alert.rule.techniques(), ["T1562.001"], "{}", path.display());
                let region = ["cloud.region", "cloud_region"].map(|name| alert.field(name));
                assert!(region.iter().any(Option::is_some), "{}", path.display());
                alerts += 1;
            }
        }
        assert!(alerts > 20, "{alerts}");
    }
}
