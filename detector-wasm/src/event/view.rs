//! In: what one pass found in a record. Out: the record's fields, in one of its readings.

use std::borrow::Cow;

use super::capture::{Captures, Duplicates};
use super::cleaning::says_nothing;
use super::computed::Inputs;
use super::fields::{Field, FieldId, Fields, Leaves, Raw};
use super::layout::Slot;
use super::leaves::{self, Keys};
use super::names::Names;
use super::repeats::Repeats;
use super::value::Value;

/// Whose names a record's keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// The log source's own.
    Raw,
    /// Those of a vocabulary that a shipper has translated it to, or of no known kind.
    Normalised,
}

/// A record in one reading: the fields that rules ask for.
#[derive(Clone, Copy)]
pub(crate) struct Event<'a> {
    /// The text that the record stands in.
    pub(crate) text: &'a [u8],
    pub(crate) captures: &'a Captures,
    pub(crate) fields: &'a Fields,
    pub(crate) shape: Shape,
    pub(crate) duplicates: Duplicates,
}

/// Where a value came from, for explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A path of the record, and the value's offset in its text.
    Path(Slot, usize),
    /// No path: a constant, or worked out.
    Derived,
}

impl<'a> Event<'a> {
    /// Gives each value of a field to `visit` as the record holds it (arrays whole), until it says
    /// true. Null counts as no value.
    pub(crate) fn visit(
        &self,
        id: FieldId,
        visit: &mut dyn FnMut(Value<'a>, Origin) -> bool,
    ) -> bool {
        let Some(field) = self.fields.get(id) else { return false };
        match (self.shape, &field.raw) {
            (Shape::Normalised, _) => {
                field.direct.iter().find_map(|slot| self.direct(field, *slot, visit)) == Some(true)
            }
            (Shape::Raw, Raw::Slot(slot)) => self.at(*slot, field.vocabulary.cleans(), visit),
            (Shape::Raw, Raw::Constant(text)) => {
                visit(Value::Computed(Cow::Borrowed(text)), Origin::Derived)
            }
            (Shape::Raw, Raw::Computed(computed, slots)) => {
                (computed.compute)(&Cleaned { event: self, slots }, &mut |value| {
                    visit(value, Origin::Derived)
                })
            }
            (Shape::Raw, Raw::Nothing) => false,
        }
    }

    /// Whether any single value of a field, looking into arrays, satisfies `test`. A flattened object's
    /// values are its leaves.
    #[inline]
    pub(crate) fn any(&self, id: FieldId, test: &mut dyn FnMut(&Value<'a>) -> bool) -> bool {
        let leaves = self.field(id).map_or(Leaves::None, |field| field.leaves);
        let cleans = self.shape == Shape::Raw && self.field_cleans(id);
        let is_none = |element: &Value<'a>| {
            matches!(element, Value::Null)
                || (leaves == Leaves::Own && matches!(element, Value::Object(_)))
                || (cleans && says_nothing(element))
        };
        let mut counts = |element: &Value<'a>| !is_none(element) && test(element);
        self.visit(id, &mut |value, _| match leaves {
            Leaves::All => self.any_leaf(&value, &mut counts),
            Leaves::None | Leaves::Own => value.any_element(&mut counts),
        })
    }

    /// Whether any value in a container that holds no others satisfies `test`.
    fn any_leaf(&self, value: &Value<'a>, test: &mut dyn FnMut(&Value<'a>) -> bool) -> bool {
        match (value, self.reading()) {
            (Value::Object(bytes) | Value::Array(bytes), None) => leaves::holds(bytes, test),
            (Value::Object(bytes) | Value::Array(bytes), Some(reading)) => {
                Repeats::find(bytes, reading).any_leaf(bytes, test)
            }
            _ => test(value),
        }
    }

    /// Whether any single value of any of the named fields satisfies `test`: fields of the vocabulary,
    /// and the record's own keys by their path.
    pub(crate) fn any_named(
        &self,
        names: &Names,
        test: &mut dyn FnMut(&Value<'a>) -> bool,
    ) -> bool {
        if names.fields.iter().any(|id| self.any(*id, test)) {
            return true;
        }
        let pattern = &names.pattern;
        let keys = match self.captures.has_duplicates_anywhere(self.text) {
            true => Keys::One(self.duplicates),
            false => Keys::All,
        };
        let own = self.captures.start();
        if names.own && leaves::any_named(self.text, own, "", pattern, keys, test) {
            return true;
        }
        // A normalised record has the subtrees' names itself.
        self.shape == Shape::Raw
            && names.roots.iter().any(|id| {
                let name = self.fields.get(*id).map_or("", |field| field.name.as_str());
                self.visit(*id, &mut |value, _| match value {
                    Value::Object(bytes) | Value::Array(bytes) => {
                        leaves::any_named(bytes, 0, name, pattern, keys, &mut |leaf| {
                            !says_nothing(leaf) && test(leaf)
                        })
                    }
                    _ => false,
                })
            })
    }

    /// Whether the record has a field that it holds at a path, be the value null or empty.
    pub(crate) fn has(&self, id: FieldId) -> bool {
        let Some(field) = self.fields.get(id) else { return false };
        let present =
            |slot: &Slot| self.captures.values(self.text, *slot, self.duplicates).next().is_some();
        match (self.shape, &field.raw) {
            (Shape::Normalised, _) => field.direct.iter().any(present),
            (Shape::Raw, Raw::Slot(slot)) => present(slot),
            (Shape::Raw, _) => self.visit(id, &mut |_, _| true),
        }
    }

    /// The whole record.
    pub(crate) fn record(&self) -> Value<'a> {
        Value::Object(self.text.get(self.captures.start()..).unwrap_or_default())
    }

    /// The paths of this record that a field's values may stand at.
    pub(crate) fn paths(&self, id: FieldId) -> Vec<&'a str> {
        let Some(field) = self.fields.get(id) else { return Vec::new() };
        let slots = match (self.shape, &field.raw) {
            (Shape::Normalised, _) => field.direct.as_slice(),
            (Shape::Raw, Raw::Slot(slot)) => std::slice::from_ref(slot),
            (Shape::Raw, _) => &[],
        };
        slots.iter().map(|slot| self.fields.layout.path(*slot)).collect()
    }

    /// The first value of a field, arrays whole.
    pub(crate) fn first(&self, id: FieldId) -> Option<Value<'a>> {
        let mut first = None;
        self.visit(id, &mut |value, _| {
            first = Some(value);
            true
        });
        first
    }

    /// A field's description.
    pub(crate) fn field(&self, id: FieldId) -> Option<&'a Field> {
        self.fields.get(id)
    }

    fn field_cleans(&self, id: FieldId) -> bool {
        self.fields.get(id).is_some_and(|field| field.vocabulary.cleans())
    }

    /// How keys that stand twice are read, if there are any.
    fn reading(&self) -> Option<Duplicates> {
        self.captures.has_duplicates().then_some(self.duplicates)
    }

    /// A normalised record's values at one of the field's names; nothing if there are none, so that
    /// the next name counts.
    fn direct(
        &self,
        field: &Field,
        slot: Slot,
        visit: &mut dyn FnMut(Value<'a>, Origin) -> bool,
    ) -> Option<bool> {
        let mut found = None;
        let done = self.at(slot, false, &mut |value, origin| {
            let counts = field.takes(&self.fields.layout, slot, &value);
            if counts {
                found = Some(false);
            }
            counts && visit(value, origin)
        });
        if done { Some(true) } else { found }
    }

    fn at(
        &self,
        slot: Slot,
        clean: bool,
        visit: &mut dyn FnMut(Value<'a>, Origin) -> bool,
    ) -> bool {
        for (value, offset) in self.captures.values(self.text, slot, self.duplicates) {
            if matches!(value, Value::Null) || clean && says_nothing(&value) {
                continue;
            }
            if visit(value, Origin::Path(slot, offset)) {
                return true;
            }
        }
        false
    }
}

/// A computed field's inputs, in the order of its paths.
struct Cleaned<'e, 'a> {
    event: &'e Event<'a>,
    slots: &'e [Slot],
}

impl<'a> Inputs<'a> for Cleaned<'_, 'a> {
    #[inline]
    fn each(&self, place: usize, visit: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
        let Some(slot) = self.slots.get(place) else { return false };
        self.event.at(*slot, true, &mut |value, _| visit(value))
    }

    fn reading(&self) -> Option<Duplicates> {
        self.event.reading()
    }
}
