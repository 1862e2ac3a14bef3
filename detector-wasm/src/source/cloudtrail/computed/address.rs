//! In: where a call came from. Out: the same, if it is an address.

use std::collections::BTreeSet;

use super::{Inputs, Visit};

/// CloudTrail also names services there, such as `ec2.amazonaws.com`; those have no address.
pub(super) fn source_ip<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| value.is_address() && visit(value))
}

/// Each address at any of the paths, once.
pub(super) fn related<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    [0, 1].iter().any(|place| {
        inputs.singles(*place, &mut |value| {
            value.is_address() && value.text().is_some_and(|text| seen.insert(text)) && visit(value)
        })
    })
}
