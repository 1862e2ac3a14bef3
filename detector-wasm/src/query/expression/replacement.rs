//! In: a regular expression and what to put in its matches' place. Out: texts with them replaced.

use crate::query::regex::Regex;

/// What to put in place of a regular expression's matches, as Java's `replaceAll` reads it.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    regex: Regex,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// What a group has matched; 0 for the whole match.
    Group(usize),
}

impl Replacement {
    /// The expression whose matches it replaces.
    pub(crate) fn regex(&self) -> &Regex {
        &self.regex
    }

    /// What replaces a regular expression's matches; the number of a group that it doesn't have.
    pub(crate) fn new(regex: Regex, replacement: &str) -> Result<Replacement, usize> {
        let parts = parts(replacement);
        let unknown = parts.iter().find_map(|part| match part {
            Part::Group(group) if *group >= regex.engine().captures_len() => Some(*group),
            _ => None,
        });
        unknown.map_or(Ok(Replacement { regex, parts }), Err)
    }

    /// Gives the text with all matches replaced to `push`, part by part.
    pub(crate) fn fill(&self, text: &str, push: &mut dyn FnMut(&str)) {
        let shorter = self.regex.without_line_end(text);
        let whole = shorter.filter(|_| !self.regex.engine().is_match(text)).unwrap_or(text);
        let mut rest = 0;
        // Each search may look as far as the end.
        for captures in self.regex.engine().captures_iter(whole) {
            if !self.regex.may_look_at(whole.get(rest..).unwrap_or_default()) {
                break;
            }
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
        push(text.get(rest..).unwrap_or_default());
    }
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
