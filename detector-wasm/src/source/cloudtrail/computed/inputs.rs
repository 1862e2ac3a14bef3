//! In: the inputs of a computation. Out: values at the first place that has one.

use crate::event::computed::{Inputs, Visit};

/// Visits the single values at the first of the places that has a value.
pub(super) fn choose<'a>(inputs: &dyn Inputs<'a>, places: &[usize], visit: Visit<'_, 'a>) -> bool {
    let place = places.iter().find(|place| inputs.has(**place));
    place.is_some_and(|place| inputs.singles(*place, visit))
}
