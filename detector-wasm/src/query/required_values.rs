//! In: a predicate, and a path of the raw record. Out: the texts of which any event that satisfies the
//! predicate has one there, if that can be told.
//!
//! Told by the tree, like the [literals](super::required) that the record's bytes must hold. But these are
//! whole values of one field, so that a record's value leads to the few rules that ask for it.

use std::rc::Rc;

use super::Operand;
use super::kql::decimal::Decimal;
use super::kql::literal::Literal as KqlLiteral;
use super::predicate::{Clause, Node, NodeId, Predicate};
use super::sigma::matcher::Matcher;
use super::test::Test;
use crate::event::fields::{Field, Fields, Leaves, Raw};
use crate::event::layout::Slot;
use crate::pattern::{Case, Pattern};

/// The most texts that a predicate may ask for; a longer list tells nothing.
const MOST: usize = 1024;

/// One of these is needed; nothing is known if there is no list, and an empty one is never satisfied.
type Needs = Option<Rc<[Box<str>]>>;

/// The texts of which the field at a path of the raw record has one, if an event satisfies the
/// predicate. All are as [`folded`] makes them; what the record holds must be compared so, too.
pub(crate) fn required_values(
    predicate: &Predicate,
    fields: &Fields,
    path: Slot,
) -> Option<Vec<Box<str>>> {
    let mut needs: Vec<(Needs, Needs)> = Vec::new();
    // Nodes stand behind those that they join. What is needed if the node is true, and if it is false:
    for node in predicate.nodes() {
        let of = |id: &NodeId| needs.get(id.index()).cloned().unwrap_or_default();
        needs.push(match node {
            Node::Constant(truth) => {
                let never: Needs = Some(Rc::new([]));
                if *truth { (None, never) } else { (never, None) }
            }
            Node::Clause(clause) => {
                let here = asks_at(clause, fields).filter(|(slot, _)| *slot == path);
                (here.and_then(|_| of_test(&clause.test)).map(Rc::from), None)
            }
            Node::Not(inner) => {
                let (holds, fails) = of(inner);
                (fails, holds)
            }
            Node::All(members) => {
                (fewest(members.iter().map(|id| of(id).0)), any(members.iter().map(|id| of(id).1)))
            }
            Node::Any(members) => {
                (any(members.iter().map(|id| of(id).0)), fewest(members.iter().map(|id| of(id).1)))
            }
        });
    }
    let (holds, _) = needs.get(predicate.root().index())?;
    holds.as_deref().map(<[Box<str>]>::to_vec)
}

/// The path of the raw record that a clause looks at, and the field, if what it finds there (or at the
/// field's names in a normalised record) is tested as it stands.
pub(crate) fn asks_at<'f>(clause: &Clause, fields: &'f Fields) -> Option<(Slot, &'f Field)> {
    let Operand::Field(id) = clause.operand else { return None };
    let field = fields.get(id)?;
    match field.raw {
        // A flattened object's values are whatever it holds, at any depth.
        Raw::Slot(slot) if field.leaves != Leaves::All => Some((slot, field)),
        _ => None,
    }
}

/// A text in the form in which values are compared here: whatever a language takes for equal, case or
/// no case, is equal so.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The shortest list.
fn fewest(all: impl Iterator<Item = Needs>) -> Needs {
    all.flatten().min_by_key(|needs| needs.len())
}

/// What any of them needs.
fn any(all: impl Iterator<Item = Needs>) -> Needs {
    let mut joined: Vec<Box<str>> = Vec::new();
    for needs in all {
        joined.extend_from_slice(&needs?);
        if joined.len() > MOST {
            return None;
        }
    }
    joined.sort_unstable();
    joined.dedup();
    // None of nothing is true.
    Some(joined.into())
}

/// The only texts that pass, if they are all that passes.
fn of_test(test: &Test) -> Option<Vec<Box<str>>> {
    let texts: Vec<Box<str>> = match test {
        Test::Text(pattern) | Test::Shown(pattern) => vec![of_pattern(pattern)?],
        Test::OneOf(patterns) => patterns.iter().map(of_pattern).collect::<Option<_>>()?,
        Test::In(texts) if texts.patterns().is_empty() && texts.exact().len() <= MOST => {
            texts.exact().iter().map(|text| folded(text).into()).collect()
        }
        Test::Kql(KqlLiteral::Values(values)) if values.texts().len() <= MOST => {
            let exact = values.texts().iter().map(|text| match Decimal::parse(text) {
                // Numbers compare by value.
                Some(_) => None,
                None => Some(folded(text).into()),
            });
            exact.chain(values.patterns().iter().map(of_pattern)).collect::<Option<_>>()?
        }
        Test::Sigma(Matcher::Values(values))
            if !values.has_numbers()
                && values.patterns().is_empty()
                && values.texts().len() <= MOST =>
        {
            let text = |text: &String| match values.is_cased() {
                // What shows so may be an object or a list.
                _ if text.starts_with(['{', '[']) => None,
                true => Some(folded(text).into()),
                false => Some(text.as_str().into()),
            };
            values.texts().iter().map(text).collect::<Option<_>>()?
        }
        _ => return None,
    };
    (texts.len() <= MOST).then_some(texts)
}

/// The text of a pattern without wildcards.
fn of_pattern(pattern: &Pattern) -> Option<Box<str>> {
    let text = pattern.literal()?;
    Some(match pattern.case() {
        Case::Sensitive => folded(text).into(),
        // Compared with what the record holds in lower case.
        Case::Insensitive => text.into(),
    })
}
