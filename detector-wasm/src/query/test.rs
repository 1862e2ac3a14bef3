//! What a clause asks of a value.

use super::expression::shown;
use super::kql::literal::Literal;
use super::predicate::Predicate;
use super::regex::Regex;
use super::sigma::matcher::Matcher;
use super::text_set::TextSet;
use crate::event::Value;
use crate::event::capture::Duplicates;
use crate::event::leaves;
use crate::pattern::{Case, Pattern};

/// A question about one value of a field. A field without a value answers no to each of them.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// There is a value.
    Exists,
    /// The text of a text, number or truth value fits the pattern.
    Text(Pattern),
    /// The text fits one of the patterns.
    OneOf(Vec<Pattern>),
    /// Like [`Test::Text`], but a map counts by its JSON, written without blanks or needless escapes.
    Shown(Pattern),
    /// The value is a text (no number, no truth value) of the set.
    In(TextSet),
    /// The regular expression matches anywhere in the text; of a map, in its JSON.
    Regex(Regex),
    /// A value of KQL: by value for numbers and truth values, by text otherwise.
    Kql(super::kql::literal::Literal),
    /// An order relation of KQL.
    Range(super::kql::literal::Range),
    /// One object satisfies the whole predicate, whose operands are its members.
    Nested(Box<Predicate>),
    /// A question that only Sigma asks.
    Sigma(Matcher),
    /// A computed value is true, or neither null nor a truth value.
    Truth,
}

impl Test {
    /// The texts that pass by being exactly these, case and all. Other texts may pass, too.
    pub(crate) fn exact_texts(&self) -> Vec<&str> {
        fn literals(patterns: &[Pattern]) -> impl Iterator<Item = &str> {
            let exact = patterns.iter().filter(|pattern| pattern.case() == Case::Sensitive);
            exact.filter_map(Pattern::literal)
        }
        match self {
            Test::Text(pattern) | Test::Shown(pattern) => {
                literals(std::slice::from_ref(pattern)).collect()
            }
            Test::OneOf(patterns) => literals(patterns).collect(),
            Test::In(texts) => {
                let exact = texts.exact().iter().map(String::as_str);
                exact.chain(literals(texts.patterns())).collect()
            }
            Test::Kql(Literal::Values(values)) => {
                let exact = values.texts().iter().map(|text| &**text);
                exact.chain(literals(values.patterns())).collect()
            }
            Test::Sigma(Matcher::Values(values)) => {
                values.cased_texts().iter().map(String::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a single value, no array, passes.
    pub(crate) fn passes(&self, value: &Value<'_>) -> bool {
        self.passes_as_read(value, Duplicates::Last)
    }

    /// Whether a single value, no array, passes, if of an object's equal keys this one counts.
    pub(crate) fn passes_as_read(&self, value: &Value<'_>, reading: Duplicates) -> bool {
        match self {
            Test::Exists => exists(value),
            Test::Text(pattern) => text_fits(pattern, value),
            Test::OneOf(patterns) => patterns.iter().any(|pattern| text_fits(pattern, value)),
            Test::Shown(pattern) => shown::fits(pattern, value),
            Test::In(texts) => texts.holds_value(value),
            Test::Regex(regex) => shown::finds(regex, value),
            Test::Kql(literal) => literal.equals(value),
            Test::Range(range) => range.holds(value),
            Test::Nested(predicate) => predicate.holds_for(value, reading),
            Test::Sigma(matcher) => matcher.passes(value),
            Test::Truth => !matches!(value, Value::Null | Value::Bool(false)),
        }
    }
}

/// Whether a value is there; an object is by what it holds.
fn exists(value: &Value<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::Object(bytes) => leaves::holds(bytes, &mut |leaf| !matches!(leaf, Value::Null)),
        _ => true,
    }
}

/// Whether a value's text fits; decodes the text only where an escape stands in the way.
fn text_fits(pattern: &Pattern, value: &Value<'_>) -> bool {
    value.text().is_some_and(|text| pattern.matches(&text))
}
