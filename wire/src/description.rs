//! What a module says about itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{LogSource, Options};

/// What a module holds. Written by the module with borrowed texts, read by hosts with their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description<'a, Threat = Value> {
    /// The file that it is. A module can't know this of itself; a host puts it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleInfo>,
    /// The engine inside.
    pub engine: EngineInfo<'a>,
    /// The state of the vendor's pipeline that the mapping to ECS follows.
    #[serde(default)]
    pub mapping: Cow<'a, str>,
    /// The module's own limits.
    pub limits: ModuleLimits,
    /// The options that hold. They aren't read back: a newer module has some that this host doesn't know.
    #[serde(skip_deserializing)]
    pub options: Options,
    /// Its rules, in order.
    pub rules: Vec<RuleInfo<'a, Threat>>,
}

/// The file that a module is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleInfo {
    /// SHA-256 of its bytes in hex digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: usize,
}

/// The engine inside a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// The version of the interface that it speaks.
    #[serde(default)]
    pub abi: i32,
}

/// A module's own limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleLimits {
    /// Bytes of a batch.
    pub batch_bytes: u64,
    /// Bytes of a record.
    pub record_bytes: u64,
    /// Envelopes around each other.
    #[serde(default)]
    pub envelope_depth: u64,
    /// Bytes of a rule document.
    #[serde(default)]
    pub rule_bytes: u64,
    /// Bytes of an answer to a batch.
    #[serde(default)]
    pub answer_bytes: u64,
    /// Texts of which records must hold one that can be looked for; with rules that have more every record is read.
    #[serde(default)]
    pub literals: u64,
}

/// One rule of a module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo<'a, Threat = Value> {
    /// Its identifier.
    pub id: Cow<'a, str>,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its version.
    #[serde(default)]
    pub version: u64,
    /// The language of its query.
    pub language: Cow<'a, str>,
    /// What kind of rule it is.
    #[serde(default)]
    pub r#type: Cow<'a, str>,
    /// How severe its alerts are.
    #[serde(default)]
    pub severity: Option<Cow<'a, str>>,
    /// The same from 0 to 100.
    #[serde(default)]
    pub risk_score: u8,
    /// When Elastic's scheduler would run it.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// Tactics and techniques, in the form of the rule file.
    #[serde(default = "Vec::new")]
    pub threat: Vec<Threat>,
    /// The fields that its query reads, in its own vocabulary.
    #[serde(default)]
    pub fields: Vec<Cow<'a, str>>,
    /// Texts of which each record that it selects holds one; none if there are no such texts.
    #[serde(default)]
    pub literals: Option<Vec<Cow<'a, str>>>,
    /// The name of the document it came from.
    #[serde(default)]
    pub document: Option<Cow<'a, str>>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Cow<'a, str>>,
    /// Whether a record may change its name, its severity or its risk score.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overrides: bool,
    /// The records that it is for, if they are another source's than the one that is known: then it judges none of that
    /// source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_source: Option<LogSource>,
    /// The data sets, or for want of these the indices, that it asks for, if they are another source's than the one that is
    /// known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_data: Vec<Cow<'a, str>>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_false(it: &bool) -> bool {
    !it
}

/// When Elastic's scheduler would run a rule. Rules that say nothing run as Elastic's rules do that say
/// nothing: every five minutes over the last six, with at most 100 alerts an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Seconds from one execution to the next.
    pub interval_seconds: u64,
    /// Seconds that an execution looks back.
    pub lookback_seconds: u64,
    /// The most alerts that an execution raises.
    pub max_signals: u32,
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule { interval_seconds: 300, lookback_seconds: 360, max_signals: 100 }
    }
}

impl RuleInfo<'_> {
    /// The identifiers of its techniques; a technique with sub-techniques is named by these.
    #[must_use]
    pub fn techniques(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for technique in self.threat.iter().flat_map(|threat| list(threat, "technique")) {
            let narrower: Vec<&str> = list(technique, "subtechnique")
                .filter_map(|narrower| narrower["id"].as_str())
                .collect();
            match narrower.is_empty() {
                true => found.extend(technique["id"].as_str()),
                false => found.extend(narrower),
            }
        }
        found.dedup();
        found
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}
