//! In: the same member of many resources. Out: its distinct values.

use std::collections::BTreeSet;

use super::{Inputs, Visit};

/// Each value once, in the record's order.
pub(super) fn distinct<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let mut seen = BTreeSet::new();
    inputs
        .singles(0, &mut |value| value.text().is_none_or(|text| seen.insert(text)) && visit(value))
}
