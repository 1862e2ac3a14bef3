//! In: what a call answered. Out: whether it succeeded.

use super::{Inputs, fixed, made};
use crate::event::value::Value;

pub(super) const PATHS: &[&str] =
    &["errorCode", "errorMessage", "eventName", "responseElements.ConsoleLogin"];

/// `failure` when an error is left, else `success`; a console login says it itself.
pub(super) fn outcome<'a>(inputs: &dyn Inputs<'a>) -> Value<'a> {
    if inputs.is(2, "ConsoleLogin") {
        let mut said = None;
        inputs.singles(3, &mut |value| {
            said = value.text();
            said.is_some()
        });
        if let Some(said) = said {
            return made(said.to_lowercase());
        }
    }
    fixed(if inputs.has(0) || inputs.has(1) { "failure" } else { "success" })
}
