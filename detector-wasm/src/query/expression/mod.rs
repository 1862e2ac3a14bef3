//! In: what a query computes, as steps. Out: the value of one of them for an event.
//!
//! Steps refer to earlier ones by number, so a name that is used twice is stored once, and evaluating a
//! step takes each step below it once. Nothing recurses, whatever the query's depth.

pub(crate) mod compare;
pub(crate) mod date_format;
pub(crate) mod datum;
pub(crate) mod evaluate;
pub(crate) mod function;
pub(crate) mod number;
pub(crate) mod replacement;
pub(crate) mod shown;
pub(crate) mod span;

pub(crate) use datum::Datum;
pub(crate) use evaluate::Values;

use std::collections::{BTreeSet, HashMap};

use function::{Function, Prepared, Refusal};

use super::regex::Regex;
use super::test::Test;
use crate::event::{Event, FieldId};

/// A step's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ExpressionId(pub(crate) u32);

/// How a value comes about.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Constant(Datum<'static>),
    /// The first value of a field.
    Field(FieldId),
    /// Whether any value of a field passes the test, as a clause on the field has it.
    FieldTest(FieldId, Test),
    Call(Call),
}

/// A function or an operator, applied to the values of earlier steps.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) function: &'static Function,
    pub(crate) arguments: Box<[ExpressionId]>,
    pub(crate) prepared: Prepared,
}

/// The values that a query computes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expressions {
    steps: Vec<Step>,
    /// For steps that every event asks for: the calls and fields below, in order.
    plans: HashMap<ExpressionId, Box<[ExpressionId]>>,
    /// The same for all that an alert shows.
    shown: Box<[ExpressionId]>,
}

impl Expressions {
    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// A step by its number.
    pub(crate) fn step(&self, id: ExpressionId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// The constant that a step is.
    pub(crate) fn constant(&self, id: ExpressionId) -> Option<&Datum<'static>> {
        match self.step(id) {
            Some(Step::Constant(datum)) => Some(datum),
            _ => None,
        }
    }

    /// Adds a step.
    pub(crate) fn push(&mut self, step: Step) -> ExpressionId {
        self.steps.push(step);
        ExpressionId(self.steps.len() as u32 - 1)
    }

    /// Adds a call, after its constant arguments have been looked at.
    pub(crate) fn call(
        &mut self,
        function: &'static Function,
        arguments: &[ExpressionId],
    ) -> Result<ExpressionId, Refusal> {
        let constants: Vec<Option<&Datum<'static>>> =
            arguments.iter().map(|id| self.constant(*id)).collect();
        let prepared = (function.prepare)(&constants)?;
        Ok(self.push(Step::Call(Call { function, arguments: arguments.into(), prepared })))
    }

    /// Works out once what evaluating the step takes, because every event asks for it. Returns the
    /// number of steps.
    pub(crate) fn plan(&mut self, id: ExpressionId) -> usize {
        let plan = self.below([id]);
        let length = plan.len();
        self.plans.insert(id, plan);
        length
    }

    /// The value of a step for an event.
    pub(crate) fn value<'a>(&self, id: ExpressionId, event: &Event<'a>) -> Datum<'a> {
        match self.plans.get(&id) {
            Some(plan) => evaluate::value(&self.steps, plan, id, event),
            None => evaluate::value(&self.steps, &self.below([id]), id, event),
        }
    }

    /// What the most expensive regular expression below a step can cost a byte, if there is one.
    pub(crate) fn cost(&self, id: ExpressionId) -> Option<u64> {
        let below = self.below([id]);
        let steps = below.iter().filter_map(|id| self.step(*id));
        steps
            .filter_map(|step| match step {
                Step::FieldTest(_, Test::Regex(regex)) => Some(regex.cost()),
                Step::Call(call) => call.prepared.regex().map(Regex::cost),
                _ => None,
            })
            .max()
    }

    /// Works out once what evaluating the steps that an alert shows takes.
    pub(crate) fn show(&mut self, ids: impl IntoIterator<Item = ExpressionId>) {
        self.shown = self.below(ids);
    }

    /// The values that an alert shows, if they can be worked out together.
    pub(crate) fn shown<'q, 'a>(&'q self, event: &Event<'a>) -> Option<Values<'q, 'a>> {
        evaluate::together(&self.steps, &self.shown, event)
    }

    /// The steps and all that they depend on, each after those that it depends on; constants left out.
    fn below(&self, ids: impl IntoIterator<Item = ExpressionId>) -> Box<[ExpressionId]> {
        let mut todo = BTreeSet::new();
        // Made from them at once, the set would bring a sort of its own along (`crate::sort`).
        todo.extend(ids);
        let mut order = Vec::new();
        // Arguments have smaller numbers than the calls they belong to.
        while let Some(id) = todo.pop_last() {
            match self.step(id) {
                None | Some(Step::Constant(_)) => continue,
                Some(Step::Call(call)) => {
                    todo.extend(call.arguments.iter().filter(|argument| **argument < id));
                }
                Some(Step::Field(_) | Step::FieldTest(..)) => {}
            }
            order.push(id);
        }
        order.reverse();
        order.into()
    }
}
