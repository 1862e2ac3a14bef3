//! What a module says about itself, and which file it is.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use tocsin_wire::ModuleInfo;

use super::DetectorError;
use crate::Module;

/// What a module holds.
pub type Description = tocsin_wire::Description<'static>;

/// One rule of a module.
pub type RuleInfo = tocsin_wire::RuleInfo<'static>;

/// Puts the key `module` before the others of a module's description.
pub(super) fn add_module(text: &mut Vec<u8>, module: &Module) -> Result<(), DetectorError> {
    let broken = |reason: String| DetectorError::Answer(format!("its description: {reason}"));
    // Its own keys are passed on as they are, but they must be what they should.
    let keys = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(text);
    if !keys.is_ok_and(|keys| !keys.is_empty()) {
        return Err(broken("it isn't a JSON object with keys".to_owned()));
    }
    let begin = text.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
    let info = ModuleInfo { sha256: module.sha256().to_owned(), bytes: module.size() };
    let info = serde_json::to_string(&info).map_err(|error| broken(error.to_string()))?;
    text.splice(begin..begin, format!("\"module\":{info},").into_bytes());
    Ok(())
}
