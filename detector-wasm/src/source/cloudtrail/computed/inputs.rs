//! In: the inputs of a computation. Out: values at the first place that has one; a part of the inputs.

use crate::event::capture::Duplicates;
use crate::event::computed::{Inputs, Visit};
use crate::event::value::Value;

/// Visits the single values at the first of the places that has a value.
pub(super) fn choose<'a>(inputs: &dyn Inputs<'a>, places: &[usize], visit: Visit<'_, 'a>) -> bool {
    let place = places.iter().find(|place| inputs.has(**place));
    place.is_some_and(|place| inputs.singles(*place, visit))
}

/// The inputs of one computation among those of a larger one.
pub(super) struct Part<'i, 'a> {
    pub(super) inputs: &'i dyn Inputs<'a>,
    /// Where the places of the one are among those of the larger.
    pub(super) places: &'static [usize],
}

impl<'a> Inputs<'a> for Part<'_, 'a> {
    fn each(&self, place: usize, visit: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
        self.places.get(place).is_some_and(|place| self.inputs.each(*place, visit))
    }

    fn reading(&self) -> Option<Duplicates> {
        self.inputs.reading()
    }
}
