//! What a clause asks of a value.

use super::accepted::{Accepted, AcceptedTexts};
use super::expression::shown;
use super::predicate::Predicate;
use super::regex::Regex;
use super::sigma::matcher::Matcher;
use super::text_set::TextSet;
use crate::event::capture::Duplicates;
use crate::event::leaves;
use crate::event::{Event, FieldId, Value};
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
    /// Which values pass.
    pub(crate) fn accepted(&self) -> Accepted<'_> {
        match self {
            Test::Text(pattern) => {
                Accepted::Texts(AcceptedTexts::patterns(std::slice::from_ref(pattern)))
            }
            Test::OneOf(patterns) => Accepted::Texts(AcceptedTexts::patterns(patterns)),
            Test::Shown(pattern) => {
                let patterns = AcceptedTexts::patterns(std::slice::from_ref(pattern));
                Accepted::Texts(AcceptedTexts { shown: true, ..patterns })
            }
            Test::In(texts) => {
                let patterns = AcceptedTexts::patterns(texts.patterns());
                Accepted::Texts(AcceptedTexts { exact: texts.exact(), ..patterns })
            }
            Test::Regex(regex) => Accepted::Regexes(std::slice::from_ref(regex)),
            Test::Kql(literal) => literal.accepted(),
            Test::Sigma(matcher) => matcher.accepted(),
            Test::Exists | Test::Range(_) => Accepted::SomeValue,
            // An object's members may stand in the record by names joined by dots, without the object.
            Test::Nested(_) | Test::Truth => Accepted::Unknown,
        }
    }

    /// Whether an event's field passes.
    pub(crate) fn holds(&self, event: &Event<'_>, field: FieldId) -> bool {
        let mut passes = |value: &Value<'_>| self.passes_as_read(value, event.duplicates);
        // Sigma also asks whether there is a field at all, and what another field holds.
        if let Test::Sigma(matcher) = self {
            return matcher.holds(event, field);
        }
        event.any(field, &mut passes)
            || matches!(self, Test::Nested(inner) if inner.holds_for_names(event, field))
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
