//! In: a regular expression. Out: a text that stands in whatever it matches, in lower case, if there plainly is one.
//!
//! Only what stands outside of groups, classes and alternatives is looked at, so that the result is true whatever
//! those do. What isn't understood ends a run of characters.

/// The longest run of characters that every match has in it.
pub(super) fn required_text(regex: &str) -> Option<String> {
    if changes_syntax(regex) {
        return None;
    }
    let mut runs = Runs::default();
    let mut rest = regex.chars();
    while let Some(c) = rest.next() {
        match c {
            // One of several is enough: none of them is needed.
            '|' => return None,
            '(' => {
                runs.end();
                let flags = sets_flags(rest.as_str());
                skip_group(&mut rest)?;
                // Behind flags a quantifier is about what stands before them.
                if flags && rest.as_str().starts_with(['?', '*', '+', '{']) {
                    return None;
                }
            }
            '[' => {
                skip_class(&mut rest)?;
                runs.end();
            }
            '\\' => match rest.next()? {
                // Begins and ends of words.
                '<' | '>' => runs.end(),
                c if c.is_ascii_punctuation() || c == ' ' => runs.push(c),
                // A code or a class by name: its braces, if any, would read as a quantifier.
                'x' | 'u' | 'U' | 'p' | 'P' | 'b' | 'B' => {
                    return runs.into_longest_if_plain(rest.as_str());
                }
                _ => runs.end(),
            },
            '?' | '*' => runs.drop_last(),
            '{' => {
                let mut counts = rest.by_ref().take_while(|c| *c != '}');
                if !counts.all(|c| c.is_ascii_digit() || c == ',') {
                    return None;
                }
                runs.drop_last();
            }
            // Another quantifier behind it may allow none.
            '+' if rest.as_str().starts_with(['?', '*', '{']) => runs.drop_last(),
            '+' => runs.end(),
            '.' | '^' | '$' => runs.end(),
            c if c.is_ascii() && !c.is_ascii_control() => runs.push(c),
            _ => runs.end(),
        }
    }
    runs.into_longest()
}

/// Runs of characters, of which the longest counts.
#[derive(Default)]
struct Runs {
    now: String,
    longest: String,
    /// Whether the last thing was a character of the run, which a quantifier would be about.
    open: bool,
}

impl Runs {
    fn push(&mut self, c: char) {
        self.now.push(c.to_ascii_lowercase());
        self.open = true;
    }

    fn end(&mut self) {
        if self.now.len() > self.longest.len() {
            std::mem::swap(&mut self.now, &mut self.longest);
        }
        self.now.clear();
        self.open = false;
    }

    /// The last thing may be missing.
    fn drop_last(&mut self) {
        if self.open {
            self.now.pop();
        }
        self.end();
    }

    fn into_longest(mut self) -> Option<String> {
        self.end();
        Some(self.longest).filter(|text| !text.is_empty())
    }

    /// The longest so far, if nothing that follows joins alternatives.
    fn into_longest_if_plain(self, rest: &str) -> Option<String> {
        if rest.contains(['|', '(', ')']) { None } else { self.into_longest() }
    }
}

/// Whether the expression has flags by which blanks and `#` mean something else.
fn changes_syntax(regex: &str) -> bool {
    regex.split("(?").skip(1).any(|group| {
        let flags = group.split(|c: char| !c.is_ascii_alphabetic() && c != '-').next();
        flags.is_some_and(|flags| flags.contains('x'))
    })
}

/// Whether a group, behind its first parenthesis, holds nothing but flags.
fn sets_flags(group: &str) -> bool {
    group.strip_prefix('?').is_some_and(|flags| {
        let flags = flags.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        flags.starts_with(')')
    })
}

/// Passes over a group, behind its first parenthesis.
fn skip_group(rest: &mut std::str::Chars<'_>) -> Option<()> {
    let mut depth = 1;
    while depth > 0 {
        match rest.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '[' => skip_class(rest)?,
            '\\' => {
                rest.next()?;
            }
            _ => {}
        }
    }
    Some(())
}

/// Passes over a class, behind its first bracket.
fn skip_class(rest: &mut std::str::Chars<'_>) -> Option<()> {
    let begin = rest.as_str();
    let begin = begin.strip_prefix('^').unwrap_or(begin);
    // A bracket right at the beginning is a member.
    let begin = begin.strip_prefix(']').unwrap_or(begin);
    *rest = begin.chars();
    loop {
        match rest.next()? {
            ']' => return Some(()),
            // A class in a class.
            '[' => return None,
            '\\' => {
                rest.next()?;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_every_match_has() {
        for (regex, expected) in [
            ("powershell", Some("powershell")),
            (r"(?i)Power\.Shell -e", Some("power.shell -e")),
            ("ab+cde", Some("cde")),
            ("abc?", Some("ab")),
            ("abc*de{2}", Some("ab")),
            ("ab(cdefg|h)ij", Some("ab")),
            ("[abc]{4}xyz[^]]", Some("xyz")),
            (r"a\dbc\w+defg", Some("defg")),
            ("a|b", None),
            ("(?x) a b c", None),
            ("(abc)", None),
            ("abc(?i)?", None),
            ("abc+*", Some("ab")),
            ("abc(?i)def", Some("abc")),
            (r"abc\x{41}de", Some("abc")),
            ("", None),
        ] {
            assert_eq!(required_text(regex).as_deref(), expected, "{regex}");
        }
    }

    proptest! {
        #[test]
        fn a_match_holds_it(regex in r"([ab.c\\()\[\]|?*+{}1,dw^$-]|\(\?i\)|\\x61){0,12}", text in "[abcd1A]{0,12}") {
            if let (Ok(compiled), Some(needed)) = (regex_lite::Regex::new(&regex), required_text(&regex))
                && compiled.is_match(&text)
            {
                prop_assert!(text.to_lowercase().contains(&needed), "{regex} {text} {needed}");
            }
        }
    }
}
