//! In: the values at several paths of a raw record. Out: the values of a field that is worked out from them.
//!
//! These are the types; the computations are the log source's (`source/`).

use std::borrow::Cow;
use std::fmt;

use super::capture::Duplicates;
use super::cleaning::says_nothing;
use super::value::Value;

/// Takes values until it says true.
pub(crate) type Visit<'v, 'a> = &'v mut dyn FnMut(Value<'a>) -> bool;

/// Gives each value of a computed field to a visitor, until it says true.
pub(crate) type Compute = for<'a> fn(&dyn Inputs<'a>, Visit<'_, 'a>) -> bool;

/// A field that is more than one path's value.
#[derive(Clone, Copy)]
pub(crate) struct Computed {
    /// The raw paths that the computation reads.
    pub(crate) paths: &'static [&'static str],
    /// The computation, its inputs in the order of the paths.
    pub(crate) compute: Compute,
    /// Whether it reads all that the values at the paths hold: then equal keys matter at any depth.
    pub(crate) reads_whole: bool,
    /// What the field is, for `docs/fields.md` and for editors.
    pub(crate) meaning: &'static str,
}

impl Computed {
    pub(crate) const fn new(
        paths: &'static [&'static str],
        compute: Compute,
        meaning: &'static str,
    ) -> Computed {
        Computed { paths, compute, reads_whole: false, meaning }
    }

    pub(crate) const fn reading_whole(self) -> Computed {
        Computed { reads_whole: true, ..self }
    }
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Computed").field(&self.paths).finish()
    }
}

/// A raw record's values by path, cleaned: what says nothing isn't there.
pub(crate) trait Inputs<'a> {
    /// Gives each value at the place-th of the computed field's [paths](Computed::paths) to `visit` as
    /// the record holds it, arrays whole, until it says true.
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

/// A text that the record doesn't hold.
pub(crate) fn fixed<'a>(text: &'static str) -> Value<'a> {
    Value::Computed(Cow::Borrowed(text))
}

/// A text that the record doesn't hold in this form.
pub(crate) fn made<'a>(text: String) -> Value<'a> {
    Value::Computed(Cow::Owned(text))
}
