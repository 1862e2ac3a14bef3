//! In: a predicate, and a path of the raw record. Out: the texts of which any event that satisfies the
//! predicate has one there, if that can be told.
//!
//! Unlike the [literals](super::required) that the record's bytes must hold, these are whole values of one
//! field, so that a record's value leads to the few rules that ask for it.

use super::Operand;
use super::kql::decimal::Decimal;
use super::kql::literal::Literal as KqlLiteral;
use super::needs::{MOST, needs};
use super::predicate::{Clause, Predicate};
use super::sigma::matcher::Matcher;
use super::test::Test;
use crate::event::fields::{Field, Fields, Leaves, Raw};
use crate::event::layout::Slot;
use crate::pattern::{Case, Pattern};

/// The texts of which the field at a path of the raw record has one, if an event satisfies the
/// predicate. All are as [`folded`] makes them; what the record holds must be compared so, too.
pub(crate) fn required_values(
    predicate: &Predicate,
    fields: &Fields,
    path: Slot,
) -> Option<Vec<Box<str>>> {
    let of_clause = |clause: &Clause| {
        asks_at(clause, fields).filter(|(slot, _)| *slot == path)?;
        of_test(&clause.test)
    };
    needs(predicate, of_clause, <[Box<str>]>::len)
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

/// The only texts that pass, if they are all that passes; as [`folded`] makes them.
pub(crate) fn only_texts(test: &Test) -> Option<Vec<Box<str>>> {
    of_test(test)
}

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
