//! What a module says about itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DetectorError;
use crate::Module;

/// What a module holds.
#[derive(Debug, Clone, Deserialize)]
pub struct Description {
    /// The file that it is.
    pub module: ModuleInfo,
    /// The engine inside.
    pub engine: EngineInfo,
    /// The module's own limits.
    pub limits: ModuleLimits,
    /// Its rules, in order.
    pub rules: Vec<RuleInfo>,
}

/// The file that a module is. A module can't know this of itself; the host says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleInfo {
    /// SHA-256 of its bytes in hex digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: usize,
}

/// The engine inside a module.
#[derive(Debug, Clone, Deserialize)]
pub struct EngineInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A module's own limits.
#[derive(Debug, Clone, Deserialize)]
pub struct ModuleLimits {
    /// Bytes of a batch.
    pub batch_bytes: u64,
    /// Bytes of a record.
    pub record_bytes: u64,
}

/// One rule of a module.
#[derive(Debug, Clone, Deserialize)]
pub struct RuleInfo {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: u64,
    /// The language of its query.
    pub language: String,
    /// How severe its alerts are.
    pub severity: Option<String>,
    /// Tactics and techniques, in the form of the rule file.
    #[serde(default)]
    pub threat: Value,
    /// The name of the document it came from.
    pub document: Option<String>,
    /// When Elastic's scheduler would run it.
    pub schedule: Option<Schedule>,
}

/// When Elastic's scheduler would run a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Schedule {
    /// Seconds from one execution to the next.
    pub interval_seconds: u64,
    /// Seconds that an execution looks back.
    pub lookback_seconds: u64,
    /// The most alerts that an execution raises.
    pub max_signals: u32,
}

impl RuleInfo {
    /// The identifiers of its techniques; a technique with sub-techniques is named by these.
    pub fn techniques(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for technique in
            self.threat.as_array().into_iter().flatten().flat_map(|t| list(t, "technique"))
        {
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

/// Puts the key `module` before the others of a module's description.
pub(super) fn add_module(text: &mut Vec<u8>, module: &Module) -> Result<(), DetectorError> {
    let broken = |reason: String| DetectorError::Answer(format!("its description: {reason}"));
    // Its own keys are passed on as they are, but they must be what they should.
    if !matches!(serde_json::from_slice(text), Ok(Value::Object(keys)) if !keys.is_empty()) {
        return Err(broken("it isn't a JSON object with keys".to_owned()));
    }
    let begin = text.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
    let info = ModuleInfo { sha256: module.sha256().to_owned(), bytes: module.size() };
    let info = serde_json::to_string(&info).map_err(|error| broken(error.to_string()))?;
    text.splice(begin..begin, format!("\"module\":{info},").into_bytes());
    Ok(())
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}
