//! In: steps in order, and an event. Out: the last step's value, or all their values.
//!
//! What a query puts together is kept within an allowance, so that `eval a = concat(a, a)` a thousand times
//! over costs a bounded amount of time and memory: one MiB, and 64 bytes for each byte of the fields that
//! the value depends on. What exceeds it is cut off at its end. A query that doesn't repeat itself never
//! gets there, however long a record's texts are.
//!
//! What an alert shows is evaluated together, each step once, as long as nothing is cut off that way.

use std::any::Any;
use std::borrow::Cow;

use super::datum::{Datum, NULL};
use super::function::{Outcome, Prepared};
use super::{Call, ExpressionId, Step};
use crate::event::capture::Duplicates;
use crate::event::{Event, Value};

/// Bytes of text that an evaluation may put together whatever the record is.
const ALLOWANCE: usize = 1 << 20;

/// And for each byte of the fields that it reads.
const PER_BYTE: usize = 64;

/// What a part of a list takes, beside its text.
const PER_PART: usize = size_of::<Cow<'static, str>>();

/// A value, or where it stands.
#[derive(Debug)]
enum Operand<'a> {
    Value(Datum<'a>),
    /// It is the value of an earlier step.
    Same(ExpressionId),
}

/// The values of steps for one event.
#[derive(Debug)]
pub(crate) struct Values<'q, 'a> {
    /// All steps of the query.
    steps: &'q [Step],
    /// Those that are evaluated.
    order: &'q [ExpressionId],
    slots: Vec<Operand<'a>>,
}

/// What may still be put together.
struct Room {
    left: usize,
    /// Whether a value was cut off.
    exceeded: bool,
}

/// What a function sees: its arguments' values and what was worked out when the query was compiled.
pub(crate) struct Arguments<'m, 'a> {
    values: &'m Values<'m, 'a>,
    call: &'m Call,
    /// Bytes that may still be put together.
    left: usize,
    /// Which of an object's equal keys counts.
    pub(crate) reading: Duplicates,
}

impl<'m, 'a> Arguments<'m, 'a> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.call.arguments.len()
    }

    /// An argument's value; null if there is no such argument.
    pub(crate) fn get(&self, place: usize) -> &'m Datum<'a> {
        let id = self.call.arguments.get(place).copied();
        id.map_or(&NULL, |id| self.values.get(id))
    }

    /// What was worked out when the query was compiled.
    pub(crate) fn prepared(&self) -> &'m Prepared {
        &self.call.prepared
    }

    /// What the function itself worked out when the query was compiled.
    pub(crate) fn own<T: Any>(&self) -> Option<&'m T> {
        match &self.call.prepared {
            Prepared::Own(value) => value.downcast_ref(),
            _ => None,
        }
    }

    /// Bytes that may still be put together.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// A text that is put together within the allowance.
    pub(crate) fn compose(&self, write: impl FnOnce(&mut Composer)) -> Datum<'a> {
        let mut composer = Composer { text: String::new(), room: self.left };
        write(&mut composer);
        Datum::Text(Cow::Owned(composer.text))
    }

    /// How many parts a list may have within the allowance; at least one.
    pub(crate) fn parts(&self) -> usize {
        (self.left / PER_PART).saturating_add(1)
    }
}

/// A text in the making.
pub(crate) struct Composer {
    text: String,
    room: usize,
}

impl Composer {
    /// Appends as much as there is room for.
    pub(crate) fn push(&mut self, text: &str) {
        let part = beginning(text, self.room);
        // What doesn't fit ends the text; nothing later may follow the gap.
        self.room = if part.len() < text.len() { 0 } else { self.room.saturating_sub(part.len()) };
        self.text.push_str(part);
    }

    /// Whether nothing more can be appended.
    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }
}

/// At most so many bytes of a text, whole characters.
fn beginning(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// Takes what a value costs from the allowance, and cuts off what exceeds it.
fn charge(datum: &mut Datum<'_>, room: &mut Room) {
    let left = &mut room.left;
    match datum {
        Datum::Text(Cow::Owned(text)) => {
            let end = beginning(text, *left).len();
            *left = left.saturating_sub(end);
            // A text that was cut while it was put together leaves less than a character's room.
            room.exceeded |= end < text.len() || *left < char::MAX_LEN_UTF8;
            text.truncate(end);
        }
        // What is cut off a container isn't JSON any more, so all of it goes.
        Datum::Made(bytes) | Datum::Bytes(bytes) => match left.checked_sub(bytes.len()) {
            Some(less) => *left = less,
            None => {
                room.exceeded = true;
                *datum = Datum::Null;
            }
        },
        Datum::List(parts) => {
            let mut fits = 0;
            for part in parts.iter() {
                let owned = if let Cow::Owned(text) = part { text.len() } else { 0 };
                let Some(less) = left.checked_sub(owned.saturating_add(PER_PART)) else { break };
                *left = less;
                fits += 1;
            }
            room.exceeded |= fits < parts.len();
            parts.truncate(fits);
        }
        _ => {}
    }
}

/// The bytes of the record that a value takes.
fn size(datum: &Datum<'_>) -> usize {
    match datum {
        Datum::Text(text) => text.len(),
        Datum::Json(Value::Object(bytes) | Value::Array(bytes)) => bytes.len(),
        _ => 0,
    }
}

/// The value of the step `id`, after the steps of `order` have been evaluated.
pub(crate) fn value<'a>(
    steps: &[Step],
    order: &[ExpressionId],
    id: ExpressionId,
    event: &Event<'a>,
) -> Datum<'a> {
    let mut values = Values { steps, order, slots: Vec::with_capacity(order.len()) };
    values.evaluate(event, PER_BYTE);
    match values.slots.pop() {
        Some(Operand::Value(datum)) => datum,
        Some(Operand::Same(id)) => values.take(id),
        None => values.take(id),
    }
}

/// The values of all steps of `order`; nothing if they aren't what each would be by itself, because
/// together they exceed what one may put together.
pub(crate) fn together<'q, 'a>(
    steps: &'q [Step],
    order: &'q [ExpressionId],
    event: &Event<'a>,
) -> Option<Values<'q, 'a>> {
    let mut values = Values { steps, order, slots: Vec::with_capacity(order.len()) };
    // One value's fields are no reason for another to be longer.
    let room = values.evaluate(event, 0);
    (!room.exceeded).then_some(values)
}

impl<'a> Values<'_, 'a> {
    /// Evaluates the steps.
    fn evaluate(&mut self, event: &Event<'a>, per_byte: usize) -> Room {
        let mut room = Room { left: ALLOWANCE, exceeded: false };
        for id in self.order {
            let slot = match self.steps.get(id.0 as usize) {
                Some(Step::Field(field)) => {
                    let datum = event.first(*field).map_or(Datum::Null, Datum::of);
                    room.left = room.left.saturating_add(size(&datum).saturating_mul(per_byte));
                    Operand::Value(datum)
                }
                Some(Step::FieldTest(field, test)) => {
                    Operand::Value(Datum::Bool(event.any(*field, &mut |value| test.passes(value))))
                }
                Some(Step::Call(call)) => self.call(call, &mut room, event),
                Some(Step::Constant(_)) | None => Operand::Value(Datum::Null),
            };
            self.slots.push(slot);
        }
        room
    }

    fn call(&self, call: &Call, room: &mut Room, event: &Event<'a>) -> Operand<'a> {
        let arguments =
            Arguments { values: self, call, left: room.left, reading: event.duplicates };
        match (call.function.apply)(&arguments) {
            Outcome::Value(mut datum) => {
                charge(&mut datum, room);
                Operand::Value(datum)
            }
            Outcome::Argument(place) => match call.arguments.get(place).copied() {
                None => Operand::Value(Datum::Null),
                // Never more than one hop, so that finding a value takes no walk.
                Some(id) => match self.slot(id) {
                    Some(Operand::Same(further)) => Operand::Same(*further),
                    _ => Operand::Same(id),
                },
            },
        }
    }

    #[inline]
    fn slot(&self, id: ExpressionId) -> Option<&Operand<'a>> {
        self.slots.get(self.order.binary_search(&id).ok()?)
    }

    /// A step's value; null if it isn't among those evaluated.
    pub(crate) fn get(&self, id: ExpressionId) -> &Datum<'a> {
        let id = match self.slot(id) {
            Some(Operand::Value(datum)) => return datum,
            Some(Operand::Same(id)) => *id,
            None => id,
        };
        match (self.steps.get(id.0 as usize), self.slot(id)) {
            (Some(Step::Constant(datum)), _) => datum,
            (_, Some(Operand::Value(datum))) => datum,
            _ => &NULL,
        }
    }

    /// A step's value for good.
    fn take(&mut self, id: ExpressionId) -> Datum<'a> {
        if let Some(Step::Constant(datum)) = self.steps.get(id.0 as usize) {
            return datum.clone();
        }
        let place = self.order.binary_search(&id).ok();
        match place.and_then(|place| self.slots.get_mut(place)) {
            Some(Operand::Value(datum)) => std::mem::replace(datum, Datum::Null),
            _ => Datum::Null,
        }
    }
}
