//! How records are read and alerts are written.
//!
//! A new option is a field here, whose default is what was so before, a row in `docs/abi.md`, and the code
//! that obeys it.

use serde::{Deserialize, Serialize, Serializer};

use crate::LogSource;

/// The module's options.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// What an alert frame holds.
    pub format: Format,
    /// Whether every byte of every record is read, whatever the rules ask for.
    pub strict: bool,
    /// How many errors of a batch have a frame each; the others are counted, by their reason. By default
    /// all of them.
    pub error_frames: Option<u32>,
    /// Senders of events, by the `source` of EventBridge's envelope or of a CloudEvent, whose events are believed to be CloudTrail's,
    /// beside those of AWS.
    pub trust_event_sources: Vec<String>,
    /// The time by which exceptions may have ended, in milliseconds since 1970; without it none has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<u64>,
    /// Whether rules run that their authors have set aside: deprecated, unsupported, not enabled. Without it,
    /// what held before holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<bool>,
    /// Whose records those are that tell it not themselves. Without it, what held before holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logsource: Option<LogSource>,
    /// Whether an alert's frame says, beside the alert, who did what from where, and where its record begins.
    pub facts: bool,
    /// The ids of the rules that run, if not all of them do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_rules: Option<Vec<String>>,
}

/// What an alert is written as; see `docs/alerts.md`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Tocsin's own object.
    #[default]
    Json,
    /// A line for a person, as a JSON string.
    Text,
    /// Elastic's alert document.
    Ecs,
    /// OCSF's Detection Finding.
    Ocsf,
}

/// Writes options without those that have their default: an older module refuses names that it doesn't know.
pub(crate) fn changed<S: Serializer>(
    options: &Option<Options>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(options) = options else { return serializer.serialize_none() };
    let keys = |options: &Options| match serde_json::to_value(options) {
        Ok(serde_json::Value::Object(keys)) => keys,
        _ => serde_json::Map::new(),
    };
    let default = keys(&Options::default());
    let changed = keys(options).into_iter().filter(|(key, value)| default.get(key) != Some(value));
    serializer.collect_map(changed)
}
