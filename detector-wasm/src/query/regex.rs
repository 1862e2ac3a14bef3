//! In: a regular expression as a rule writes it. Out: one that is bounded in size, depth and time.
//!
//! Matching takes time in proportion to the text times the expression, whatever both are: the engine
//! never backtracks. So it has no look-around and no back-references; letters and classes (`\w`, `\d`,
//! `\s`, `(?i)`) mean ASCII. An expression is read as the vendor's engine reads it, or refused.

mod class;
mod source;
mod translate;

pub(crate) use source::Problem;
use translate::translate;

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

/// Whose rules an expression is written by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Sigma's.
    Pcre,
    /// Logpresso's.
    Java,
}

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub(crate) struct Regex {
    source: String,
    engine: regex_lite::Regex,
    flavour: Flavour,
    /// Whether the end of the text that the expression asks for lies before a last line end, too.
    ends_before_line_end: bool,
    /// The most steps that it takes for a byte.
    cost: u64,
}

impl Regex {
    /// Compiles an expression, or says why it can't be used, and where. `flags` (`i`, `m`, `s`) hold from its
    /// begin on.
    pub(crate) fn new(text: &str, flavour: Flavour, flags: &str) -> Result<Regex, Problem> {
        if text.len() > LONGEST {
            let reason = format!("it is {} bytes long, and {LONGEST} are allowed", text.len());
            return Err(Problem { range: 0..text.len(), reason });
        }
        let translated = translate(text, flavour, flags)?;
        let engine = regex_lite::RegexBuilder::new(&translated.text)
            .size_limit(LARGEST)
            .nest_limit(DEEPEST)
            .build()
            .map_err(|error| Problem { range: 0..text.len(), reason: error.to_string() })?;
        let cost = states(text);
        if cost > MOST_STEPS {
            let reason = format!(
                "it can take {cost} steps for each byte of a text, and {MOST_STEPS} are allowed"
            );
            return Err(Problem { range: 0..text.len(), reason });
        }
        let source = if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
        let ends_before_line_end = translated.ends_before_line_end;
        Ok(Regex { source, engine, flavour, ends_before_line_end, cost })
    }

    /// Whether the expression matches anywhere in the text.
    pub(crate) fn finds(&self, text: &str) -> bool {
        let matches = |text: &str| self.may_look_at(text) && self.engine.is_match(text);
        matches(text) || self.without_line_end(text).is_some_and(matches)
    }

    /// Whether there are steps for a look at a text; without them the test is undecided.
    pub(crate) fn may_look_at(&self, text: &str) -> bool {
        budget::take(self.cost().saturating_mul(text.len() as u64))
    }

    /// How many steps it can take for each byte of a text.
    pub(crate) fn cost(&self) -> u64 {
        self.cost
    }

    /// The text up to its last line end, if the expression's end may lie there.
    pub(crate) fn without_line_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !self.ends_before_line_end {
            return None;
        }
        match self.flavour {
            Flavour::Pcre => text.strip_suffix('\n'),
            Flavour::Java => text
                .strip_suffix("\r\n")
                .or_else(|| text.strip_suffix(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])),
        }
    }

    /// The compiled expression, which asks for the text's very end.
    pub(crate) fn engine(&self) -> &regex_lite::Regex {
        &self.engine
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Regex) -> bool {
        self.source == other.source && self.flavour == other.flavour
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    /// Each case: an expression, whose it is, its flags, texts in which it is found, and texts in which it isn't.
    #[test]
    fn expressions_as_their_engines_read_them() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regexes.toml");
        let table: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
        let cases = table["case"].as_array().unwrap();
        assert!(cases.len() > 50);
        for case in cases {
            let text = |key: &str| case.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            let texts = |key: &str| {
                let texts = case.get(key).and_then(toml::Value::as_array);
                texts.into_iter().flatten().map(|text| text.as_str().unwrap())
            };
            let flavours: &[Flavour] = match text("flavour") {
                "pcre" => &[Flavour::Pcre],
                "java" => &[Flavour::Java],
                "" => &[Flavour::Pcre, Flavour::Java],
                other => panic!("{other}"),
            };
            let expression = text("regex");
            for flavour in flavours {
                let regex = Regex::new(expression, *flavour, text("flags"));
                if let Some(refused) = case.get("refused").and_then(toml::Value::as_str) {
                    let problem = regex.expect_err(expression);
                    assert_eq!(&expression[problem.range], refused, "{expression}");
                    continue;
                }
                let regex = regex.unwrap_or_else(|problem| panic!("{expression}: {problem:?}"));
                for text in texts("finds") {
                    assert!(regex.finds(text), "{expression} in {text:?}, {flavour:?}");
                }
                for text in texts("misses") {
                    assert!(!regex.finds(text), "{expression} in {text:?}, {flavour:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let deep = "(".repeat(4_000) + &")".repeat(4_000);
        let huge = "a".repeat(10_000);
        for regex in [r"\w{1000}{1000}", r"(\w{1000}){1000}", "(a{1,40}){40}b", &deep, &huge] {
            assert!(Regex::new(regex, Flavour::Pcre, "").is_err());
        }
    }

    #[test]
    fn a_regex_that_backtrackers_choke_on() {
        let text = "a".repeat(20_000) + "!";
        assert!(!Regex::new("^(a+)+$", Flavour::Pcre, "").unwrap().finds(&text));
    }

    proptest! {
        /// Nothing that anybody writes is passed on in a form that the engine doesn't know.
        #[test]
        fn any_expression(text in r"[a-c\[\](){}|*+?.^$\\:=!<>,0-3zZbswdvQE -]{0,12}", java in any::<bool>()) {
            let flavour = if java { Flavour::Java } else { Flavour::Pcre };
            if let Ok(translated) = translate(&text, flavour, "") {
                let built = regex_lite::RegexBuilder::new(&translated.text).nest_limit(DEEPEST).build();
                prop_assert!(built.is_ok(), "{text}: {}: {built:?}", translated.text);
            }
        }
    }
}
