//! The function `replace`: of a text by another one, or of a regular expression's matches.

use super::{Outcome, Prepared, Refusal, literal, texts};
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::regex::Regex;

/// What to put in place of a regular expression's matches, as Java's `replaceAll` reads it.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    regex: Regex,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// What a group has matched; 0 for the whole match.
    Group(usize),
}

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
    let parts = parts(literal(constants, 2, "the replacement of `replace`")?);
    if let Some(group) = parts.iter().find_map(|part| match part {
        Part::Group(group) if *group >= regex.engine().captures_len() => Some(*group),
        _ => None,
    }) {
        let message = format!("the regular expression has no group {group}");
        return Err(Refusal::new(2, "logpresso-argument", message));
    }
    Ok(Prepared::Template(Template { regex, parts }))
}

/// `$1` stands for a group, a backslash takes the next character as it is.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek().and_then(|next| next.to_digit(10))) {
            ('\\', _) => plain.extend(characters.next()),
            ('$', Some(group)) => {
                characters.next();
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Group(group as usize));
            }
            _ => plain.push(character),
        }
    }
    parts.push(Part::Text(plain));
    parts
}

/// The first argument with all occurrences of the second replaced by the third.
pub(super) fn apply<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(whole) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
    if let Prepared::Template(template) = arguments.prepared() {
        return Outcome::Value(
            arguments.compose(|out| template.fill(&whole, &mut |part| out.push(part))),
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

impl Template {
    fn fill(&self, whole: &str, push: &mut dyn FnMut(&str)) {
        let mut rest = 0;
        for captures in self.regex.engine().captures_iter(whole) {
            let Some(matched) = captures.get(0) else { continue };
            push(whole.get(rest..matched.start()).unwrap_or_default());
            for part in &self.parts {
                match part {
                    Part::Text(text) => push(text),
                    Part::Group(group) => {
                        push(captures.get(*group).map_or("", |group| group.as_str()));
                    }
                }
            }
            rest = matched.end();
        }
        push(whole.get(rest..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_as_java_reads_them() {
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(parts("a$1b"), [text("a"), Part::Group(1), text("b")]);
        assert_eq!(parts(r"\$1$"), [text("$1$")]);
        assert_eq!(parts("$12"), [text(""), Part::Group(1), text("2")]);
    }
}
