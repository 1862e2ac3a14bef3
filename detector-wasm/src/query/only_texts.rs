//! In: what a clause asks of a value. Out: the only texts that pass, if it is no more than a few.

use super::kql::decimal::Decimal;
use super::kql::literal::Literal as KqlLiteral;
use super::sigma::matcher::Matcher;
use super::test::Test;
use crate::pattern::{Case, Pattern};

/// The most texts that are listed.
const MOST: usize = 1024;

/// A text in the form in which values are compared here: whatever a language takes for equal, case or
/// no case, is equal so.
fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The only texts that pass, if they are all that passes; as [`folded`] makes them.
pub(crate) fn only_texts(test: &Test) -> Option<Vec<Box<str>>> {
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
