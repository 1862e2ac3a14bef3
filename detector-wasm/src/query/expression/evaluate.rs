//! In: steps in order, and an event. Out: the last step's value.
//!
//! Texts that a query puts together are kept within an allowance, so that `eval a = concat(a, a)` a
//! thousand times over costs a bounded amount of time and memory: one MiB, and sixteen times the length of
//! the texts read from the record. What exceeds it is cut off at the end. A query that doesn't repeat
//! itself never gets there, however long a record's texts are.

use std::borrow::Cow;

use super::datum::{Datum, NULL};
use super::functions::{Outcome, Prepared};
use super::{Call, ExpressionId, Step};
use crate::event::Event;
use crate::event::capture::Duplicates;

/// Bytes of text that an evaluation may put together whatever the record is.
const ALLOWANCE: usize = 1 << 20;

/// And for each byte of text that it reads from the record.
const PER_BYTE: usize = 16;

/// A value, or where it stands.
#[derive(Debug)]
enum Slot<'a> {
    Value(Datum<'a>),
    /// It is the value of an earlier step.
    Same(ExpressionId),
}

/// What a function sees: its arguments' values and what was worked out when the query was compiled.
pub(crate) struct Arguments<'m, 'a> {
    steps: &'m [Step],
    order: &'m [ExpressionId],
    slots: &'m [Slot<'a>],
    call: &'m Call,
    left: &'m mut usize,
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
        id.map_or(&NULL, |id| find(self.steps, self.order, self.slots, id))
    }

    /// What was worked out when the query was compiled.
    pub(crate) fn prepared(&self) -> &'m Prepared {
        &self.call.prepared
    }

    /// A text that is put together within the allowance.
    pub(crate) fn compose(&mut self, write: impl FnOnce(&mut Composer<'_>)) -> Datum<'a> {
        let mut composer = Composer { text: String::new(), left: self.left };
        write(&mut composer);
        Datum::Text(Cow::Owned(composer.text))
    }
}

/// A text in the making.
pub(crate) struct Composer<'l> {
    text: String,
    left: &'l mut usize,
}

impl Composer<'_> {
    /// Appends as much as the allowance holds.
    pub(crate) fn push(&mut self, text: &str) {
        let mut end = text.len().min(*self.left);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let part = text.get(..end).unwrap_or_default();
        // What doesn't fit ends the text; nothing later may follow the gap.
        *self.left = if part.len() < text.len() { 0 } else { self.left.saturating_sub(end) };
        self.text.push_str(part);
    }

    /// Whether nothing more can be appended.
    pub(crate) fn is_full(&self) -> bool {
        *self.left == 0
    }
}

/// The value of the step `id`, after the steps of `order` have been evaluated.
pub(crate) fn value<'a>(
    steps: &[Step],
    order: &[ExpressionId],
    id: ExpressionId,
    event: &Event<'a>,
) -> Datum<'a> {
    let mut slots: Vec<Slot<'a>> = Vec::with_capacity(order.len());
    let mut left = ALLOWANCE;
    for id in order {
        let slot = match steps.get(id.0 as usize) {
            Some(Step::Field(field)) => {
                let datum = event.first(*field).map_or(Datum::Null, Datum::of);
                if let Datum::Text(text) = &datum {
                    left = left.saturating_add(text.len().saturating_mul(PER_BYTE));
                }
                Slot::Value(datum)
            }
            Some(Step::FieldTest(field, test)) => {
                Slot::Value(Datum::Bool(event.any(*field, &mut |value| test.passes(value))))
            }
            Some(Step::Call(call)) => call_value(steps, order, &slots, call, &mut left, event),
            Some(Step::Constant(_)) | None => Slot::Value(Datum::Null),
        };
        slots.push(slot);
    }
    match slots.pop() {
        Some(Slot::Value(datum)) => datum,
        Some(Slot::Same(id)) => take(steps, order, &mut slots, id),
        None => take(steps, order, &mut slots, id),
    }
}

fn call_value<'a>(
    steps: &[Step],
    order: &[ExpressionId],
    slots: &[Slot<'a>],
    call: &Call,
    left: &mut usize,
    event: &Event<'a>,
) -> Slot<'a> {
    let reading = event.duplicates;
    let mut arguments = Arguments { steps, order, slots, call, left, reading };
    match (call.function.apply)(&mut arguments) {
        Outcome::Value(datum) => Slot::Value(datum),
        Outcome::Argument(place) => match call.arguments.get(place).copied() {
            None => Slot::Value(Datum::Null),
            // Never more than one hop, so that finding a value takes no walk.
            Some(id) => match slot(order, slots, id) {
                Some(Slot::Same(further)) => Slot::Same(*further),
                _ => Slot::Same(id),
            },
        },
    }
}

fn slot<'m, 'a>(
    order: &[ExpressionId],
    slots: &'m [Slot<'a>],
    id: ExpressionId,
) -> Option<&'m Slot<'a>> {
    slots.get(order.binary_search(&id).ok()?)
}

/// A value in place.
fn find<'m, 'a>(
    steps: &'m [Step],
    order: &[ExpressionId],
    slots: &'m [Slot<'a>],
    id: ExpressionId,
) -> &'m Datum<'a> {
    let id = match slot(order, slots, id) {
        Some(Slot::Value(datum)) => return datum,
        Some(Slot::Same(id)) => *id,
        None => id,
    };
    match (steps.get(id.0 as usize), slot(order, slots, id)) {
        (Some(Step::Constant(datum)), _) => datum,
        (_, Some(Slot::Value(datum))) => datum,
        _ => &NULL,
    }
}

/// A value for good.
fn take<'a>(
    steps: &[Step],
    order: &[ExpressionId],
    slots: &mut [Slot<'a>],
    id: ExpressionId,
) -> Datum<'a> {
    if let Some(Step::Constant(datum)) = steps.get(id.0 as usize) {
        return datum.clone();
    }
    let place = order.binary_search(&id).ok();
    match place.and_then(|place| slots.get_mut(place)) {
        Some(Slot::Value(datum)) => std::mem::replace(datum, Datum::Null),
        _ => Datum::Null,
    }
}
