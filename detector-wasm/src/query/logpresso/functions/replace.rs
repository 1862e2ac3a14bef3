//! The function `replace`: of a text by another one, or of a regular expression's matches.

use super::{literal, texts};
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Outcome, Prepared, Refusal};
use crate::query::expression::replacement::Replacement;

/// With a fourth argument `"re"`, the second is a regular expression and all three must be literals.
pub(super) fn prepare(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    if constants.len() < 4 {
        return Ok(Prepared::Nothing);
    }
    if literal(constants, 3, "the last argument of `replace`")? != "re" {
        let message = "the last argument of `replace` can only be \"re\"";
        return Err(Refusal::new(3, "logpresso-argument", message));
    }
    let regex = texts::regex(1, literal(constants, 1, "the regular expression of `replace`")?)?;
    let replacement = literal(constants, 2, "the replacement of `replace`")?;
    Replacement::new(regex, replacement).map(Prepared::Replacement).map_err(|group| {
        let message = format!("the regular expression has no group {group}");
        Refusal::new(2, "logpresso-argument", message)
    })
}

/// The first argument with all occurrences of the second replaced by the third.
pub(super) fn apply<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(whole) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
    if let Prepared::Replacement(replacement) = arguments.prepared() {
        return Outcome::Value(
            arguments.compose(|out| replacement.fill(&whole, &mut |part| out.push(part))),
        );
    }
    let (Some(from), to) = (arguments.get(1).as_text(), arguments.get(2).as_text()) else {
        return Outcome::Argument(0);
    };
    let to = to.unwrap_or_default();
    Outcome::Value(arguments.compose(|out| {
        let mut rest = 0;
        for (at, found) in whole.match_indices(&*from) {
            out.push(whole.get(rest..at).unwrap_or_default());
            out.push(&to);
            rest = at + found.len();
            if out.is_full() {
                return;
            }
        }
        out.push(whole.get(rest..).unwrap_or_default());
    }))
}
