//! In: what a clause asks of a value. Out: the only texts that pass, if it is no more than a few.

use super::accepted::{Accepted, Numbers};
use super::decimal::Decimal;
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
    let Accepted::Texts(texts) = test.accepted() else { return None };
    if matches!(texts.numbers, Numbers::Also(_)) || texts.exact.len() > MOST {
        return None;
    }
    let by_value = matches!(texts.numbers, Numbers::EqualTexts);
    let exact = texts.exact.iter().map(|text| {
        // Numbers compare by value, and what shows so may be an object or a list.
        let others = by_value && Decimal::parse(text).is_some()
            || texts.shown && text.starts_with(['{', '[']);
        (!others).then(|| folded(text).into())
    });
    let texts: Vec<Box<str>> =
        exact.chain(texts.patterns.iter().map(of_pattern)).collect::<Option<_>>()?;
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
