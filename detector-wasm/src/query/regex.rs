//! In: a regular expression as a rule writes it. Out: one that is bounded in size, depth and time.
//!
//! Matching takes time in proportion to the text times the expression, whatever both are: the engine
//! never backtracks. So it has no look-around and no back-references; letters and classes (`\w`, `\d`,
//! `\s`, `(?i)`) mean ASCII.

use super::regex_cost::states;
use crate::budget;

/// The longest expression, in bytes.
const LONGEST: usize = 8_192;

/// The largest compiled expression, in bytes.
const LARGEST: usize = 128 * 1024;

/// How deep groups, repetitions and alternations may nest; compiling needs stack for each level.
const DEEPEST: u32 = 24;

/// The most steps that an expression may take for each byte of a text.
const MOST_STEPS: u64 = 2_048;

/// The steps for a byte from which on an expression is worth a warning.
pub(crate) const COSTLY: u64 = 512;

/// A compiled regular expression, and the most steps that it takes for a byte.
#[derive(Debug, Clone)]
pub(crate) struct Regex(regex_lite::Regex, u64);

impl Regex {
    /// Compiles an expression, or says why it can't be used.
    pub(crate) fn new(text: &str) -> Result<Regex, String> {
        if text.len() > LONGEST {
            return Err(format!("it is {} bytes long, and {LONGEST} are allowed", text.len()));
        }
        let engine = regex_lite::RegexBuilder::new(text)
            .size_limit(LARGEST)
            .nest_limit(DEEPEST)
            .build()
            .map_err(|error| error.to_string())?;
        let cost = states(text);
        if cost > MOST_STEPS {
            return Err(format!(
                "it can take {cost} steps for each byte of a text, and {MOST_STEPS} are allowed"
            ));
        }
        Ok(Regex(engine, cost))
    }

    /// Whether the expression matches anywhere in the text.
    pub(crate) fn finds(&self, text: &str) -> bool {
        self.may_look_at(text) && self.0.is_match(text)
    }

    /// Whether there are steps for a look at a text; without them the test is undecided.
    pub(crate) fn may_look_at(&self, text: &str) -> bool {
        budget::take(self.cost().saturating_mul(text.len() as u64))
    }

    /// How many steps it can take for each byte of a text.
    pub(crate) fn cost(&self) -> u64 {
        self.1
    }

    /// The expression as the rule writes it.
    pub(crate) fn source(&self) -> &str {
        self.0.as_str()
    }

    /// The compiled expression.
    pub(crate) fn engine(&self) -> &regex_lite::Regex {
        &self.0
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Regex) -> bool {
        self.source() == other.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_anywhere_unless_anchored() {
        for (regex, text, expected) in [
            ("op", "StopX", true),
            ("^op", "StopX", false),
            ("(?i)STOP", "stop", true),
            ("S(top|tart)X$", "aStartX", true),
            (r"\d{3}", "ab12", false),
        ] {
            assert_eq!(Regex::new(regex).unwrap().finds(text), expected, "{regex} {text}");
        }
    }

    #[test]
    fn what_is_too_much_or_unknown_is_refused() {
        let deep = "(".repeat(4_000) + &")".repeat(4_000);
        let huge = "a".repeat(10_000);
        let stars = format!("a{}", "*".repeat(8_000));
        for regex in
            ["(", "(?=a)", r"(a)\1", r"\w{1000}{1000}", "(a{1,40}){40}b", &deep, &huge, &stars]
        {
            assert!(Regex::new(regex).is_err());
        }
    }

    #[test]
    fn a_regex_that_backtrackers_choke_on() {
        let text = "a".repeat(20_000) + "!";
        assert!(!Regex::new("^(a+)+$").unwrap().finds(&text));
    }
}
