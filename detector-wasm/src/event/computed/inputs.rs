//! In: the places of a computed field's paths. Out: the values there, cleaned.

use super::Visit;
use crate::event::capture::Duplicates;
use crate::event::cleaning::says_nothing;
use crate::event::value::Value;

/// A raw record's values by path, cleaned: what says nothing isn't there.
pub(crate) trait Inputs<'a> {
    /// Gives each value at the place-th of the computed field's [paths](super::Computed::paths) to
    /// `visit` as the record holds it, arrays whole, until it says true.
    fn each(&self, place: usize, visit: &mut dyn FnMut(Value<'a>) -> bool) -> bool;

    /// How keys that stand twice inside the values are read, if there are any.
    fn reading(&self) -> Option<Duplicates>;

    /// Whether there is a value at a place.
    fn has(&self, place: usize) -> bool {
        self.each(place, &mut |_| true)
    }

    /// Gives each single value at a place to `visit`, looking into arrays, until it says true.
    fn singles(&self, place: usize, visit: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
        self.each(place, &mut |value| {
            value.any_element(&mut |element| !says_nothing(element) && visit(element.clone()))
        })
    }

    /// Whether a text stands at a place.
    fn is(&self, place: usize, text: &str) -> bool {
        self.singles(place, &mut |value| value.is_text(text))
    }
}

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
