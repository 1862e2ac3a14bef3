//! What a clause asks of a value.

use super::predicate::Predicate;
use crate::event::Value;
use crate::pattern::Pattern;

/// A question about one value of a field. A field without a value answers no to each of them.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// There is a value.
    Exists,
    /// The text of a text, number or truth value fits the pattern.
    Text(Pattern),
    /// The text fits one of the patterns.
    OneOf(Vec<Pattern>),
    /// A value of KQL: by value for numbers and truth values, by text otherwise.
    Kql(super::kql::literal::Literal),
    /// An order relation of KQL.
    Range(super::kql::literal::Range),
    /// One object satisfies the whole predicate, whose operands are its members.
    Nested(Box<Predicate>),
    /// A computed value is true, or neither null nor a truth value.
    Truth,
}

impl Test {
    /// Whether a single value, no array, passes.
    pub(crate) fn passes(&self, value: &Value<'_>) -> bool {
        match self {
            Test::Exists => !matches!(value, Value::Null),
            Test::Text(pattern) => text_fits(pattern, value),
            Test::OneOf(patterns) => patterns.iter().any(|pattern| text_fits(pattern, value)),
            Test::Kql(literal) => literal.equals(value),
            Test::Range(range) => range.holds(value),
            Test::Nested(predicate) => predicate.holds_for(value),
            Test::Truth => !matches!(value, Value::Null | Value::Bool(false)),
        }
    }
}

/// Whether a value's text fits; decodes the text only where an escape stands in the way.
fn text_fits(pattern: &Pattern, value: &Value<'_>) -> bool {
    value.text().is_some_and(|text| pattern.matches(&text))
}
