//! In: a detector. Out: what it says of its rules.

use crate::runtimes::Guest;

/// A rule that a detector holds.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Rule {
    /// Names it in alerts and calls.
    pub id: String,
    /// The language of its query.
    pub language: String,
}

/// All rules, in the detector's order.
///
/// # Errors
/// If it can't be asked, or describes itself in no such form.
pub fn rules(guest: &mut dyn Guest) -> Result<Vec<Rule>, String> {
    #[derive(serde::Deserialize)]
    struct Description {
        rules: Vec<Rule>,
    }
    let text = guest.describe()?.text;
    let description: Description =
        serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    Ok(description.rules)
}
