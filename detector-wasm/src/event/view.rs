//! In: what one pass found in a record. Out: the record's fields, in one of its readings.

use std::borrow::Cow;

use super::capture::{Captures, Duplicates};
use super::computed::Inputs;
use super::fields::{Field, FieldId, Fields, Raw};
use super::layout::Slot;
use super::leaves;
use super::names::Names;
use super::value::Value;
use super::vocabulary::Vocabulary;

/// Whose names a record's keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// CloudTrail's own.
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
                let has = |slot: &&Slot| self.captures.has(**slot);
                field.direct.iter().find(has).is_some_and(|slot| self.at(*slot, false, visit))
            }
            (Shape::Raw, Raw::Slot(slot)) => self.at(*slot, field.vocabulary.cleans(), visit),
            (Shape::Raw, Raw::Constant(text)) => {
                visit(Value::Computed(Cow::Borrowed(text)), Origin::Derived)
            }
            (Shape::Raw, Raw::Computed(computed, slots)) => computed
                .visit(&Cleaned { event: self, slots }, &mut |value| visit(value, Origin::Derived)),
            (Shape::Raw, Raw::Nothing) => false,
        }
    }

    /// Whether any single value of a field, looking into arrays, satisfies `test`.
    pub(crate) fn any(&self, id: FieldId, test: &mut dyn FnMut(&Value<'a>) -> bool) -> bool {
        let cleans = self.shape == Shape::Raw && self.field_cleans(id);
        self.visit(id, &mut |value, _| {
            value.any_element(&mut |element| {
                !matches!(element, Value::Null)
                    && !(cleans && says_nothing(element))
                    && test(element)
            })
        })
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
        let (pattern, reading) = (&names.pattern, self.duplicates);
        let own = self.captures.start();
        if names.own && leaves::any_named(self.text, own, "", pattern, reading, test) {
            return true;
        }
        // A normalised record has the subtrees' names itself.
        self.shape == Shape::Raw
            && names.roots.iter().any(|id| {
                let name = self.fields.get(*id).map_or("", |field| field.name.as_str());
                self.visit(*id, &mut |value, _| match value {
                    Value::Object(bytes) | Value::Array(bytes) => {
                        leaves::any_named(bytes, 0, name, pattern, reading, &mut |leaf| {
                            !says_nothing(leaf) && test(leaf)
                        })
                    }
                    _ => false,
                })
            })
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
        self.fields.get(id).is_some_and(|field| field.vocabulary == Vocabulary::Ecs)
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
    fn first(&self, place: usize) -> Option<Value<'a>> {
        let slot = *self.slots.get(place)?;
        let mut first = None;
        self.event.at(slot, true, &mut |value, _| {
            first = Some(value);
            true
        });
        first
    }
}

/// Whether Elastic's pipeline drops the value before it maps anything. Containers that hold only such
/// values are dropped there too.
pub(crate) fn says_nothing(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => matches!(text.raw(), b"" | b"-" | b"none"),
        Value::Computed(text) => matches!(&**text, "" | "-" | "none"),
        Value::Object(bytes) | Value::Array(bytes) => {
            !leaves::holds(bytes, &mut |leaf| !says_nothing(leaf))
        }
        Value::Bool(_) | Value::Number(_) => false,
    }
}
