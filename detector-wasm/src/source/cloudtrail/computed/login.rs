//! In: what a console login says about itself. Out: its flags as truth values, its target as it stands.

use super::{Inputs, Visit};
use crate::event::value::Value;

/// Anything but `No` means yes.
pub(super) fn flag<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.is(0, "ConsoleLogin")
        && inputs.singles(1, &mut |value| visit(Value::Bool(!value.is_text("No"))))
}

/// The page that the login leads to.
pub(super) fn target<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.is(0, "ConsoleLogin") && inputs.singles(1, visit)
}
