//! In: the scripts that an interpreter could run. Out: those that it runs unless it is asked for all.

use std::sync::Arc;

use crate::script::Script;

/// The environment variable that asks for all scripts, by the value `whole`.
pub const VARIABLE: &str = "TOCSIN_CONFORMANCE";

/// Subjects of hundreds of scripts that show what rules and exports mean, in small records. Runtimes that
/// compile the module run them all.
const MEANINGS: [&str; 2] = ["tables/", "asked/"];

/// Of those, an interpreter runs one script in so many.
const ONE_IN: usize = 8;

/// Whether interpreters run everything, which takes them some minutes each.
#[must_use]
pub fn whole() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| value == "whole")
}

/// Every script, but one in eight of those that show what rules and exports mean.
#[must_use]
pub fn sample(mut scripts: Vec<Arc<Script>>) -> Vec<Arc<Script>> {
    let mut meanings = 0;
    scripts.retain(|script| {
        let repeats = MEANINGS.iter().any(|subject| script.name.starts_with(subject));
        meanings += usize::from(repeats);
        !repeats || meanings % ONE_IN == 1
    });
    scripts
}
