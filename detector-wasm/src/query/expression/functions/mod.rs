//! In: a name. Out: the function or operator of that name.
//!
//! One table a subject. A row says how many arguments there are, what can be worked out from constant
//! ones when the query is compiled, and what the function makes of its arguments' values. Every function is
//! total: any values of any kind give a value, at worst null.

mod addresses;
mod conditions;
mod containers;
mod dates;
pub(crate) mod numbers;
pub(crate) mod operators;
mod replace;
mod texts;

pub(crate) use containers::holds;
pub(crate) use operators::shows;
pub(crate) use texts::found;

use super::calendar::Span;
use super::datum::Datum;
use super::evaluate::Arguments;
use crate::pattern::Pattern;
use crate::query::regex::Regex;
use crate::query::text_set::TextSet;

/// A function or an operator.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// How many arguments it takes at least.
    pub(crate) least: usize,
    /// And at most.
    pub(crate) most: usize,
    /// Whether its value is always true or false, never null.
    pub(crate) decides: bool,
    pub(crate) prepare: Prepare,
    pub(crate) apply: Apply,
}

/// Looks at the arguments that are constants.
pub(crate) type Prepare = fn(&[Option<&Datum<'static>>]) -> Result<Prepared, Refusal>;

/// Makes a value of the arguments' values.
pub(crate) type Apply = for<'m, 'a> fn(&Arguments<'m, 'a>) -> Outcome<'a>;

/// What a function gives back.
#[derive(Debug)]
pub(crate) enum Outcome<'a> {
    Value(Datum<'a>),
    /// One of its arguments, by its place.
    Argument(usize),
}

/// What was worked out from constant arguments.
#[derive(Debug, Clone, Default)]
pub(crate) enum Prepared {
    #[default]
    Nothing,
    Pattern(Pattern),
    Regex(Regex),
    Texts(TextSet),
    Span(Span),
    Dates(dates::Format),
    Template(replace::Template),
}

/// Why a call can't be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The argument that is to blame.
    pub(crate) argument: usize,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    fn new(argument: usize, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { argument, code, message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Refusal {
        Refusal { hint: Some(hint.into()), ..self }
    }
}

impl Function {
    /// A function of a number of arguments, none of which need be constant.
    const fn new(name: &'static str, least: usize, most: usize, apply: Apply) -> Function {
        Function { name, least, most, decides: false, prepare: nothing, apply }
    }

    /// The function's value is always true or false.
    const fn decides(self) -> Function {
        Function { decides: true, ..self }
    }

    const fn prepared(self, prepare: Prepare) -> Function {
        Function { prepare, ..self }
    }

    /// The number of arguments, in words.
    pub(crate) fn arity(&self) -> String {
        let many =
            |count| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
        match (self.least, self.most) {
            (least, most) if least == most => many(least),
            (least, usize::MAX) => format!("at least {}", many(least)),
            (least, most) => format!("{least} to {}", many(most)),
        }
    }
}

fn nothing(_: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    Ok(Prepared::Nothing)
}

/// An argument that must be a text literal.
fn literal<'c>(
    constants: &[Option<&'c Datum<'static>>],
    argument: usize,
    what: &str,
) -> Result<&'c str, Refusal> {
    match constants.get(argument) {
        Some(Some(Datum::Text(text))) => Ok(text),
        _ => Err(Refusal::new(
            argument,
            "logpresso-literal-needed",
            format!("{what} must be a text in quotes, written in the query"),
        )),
    }
}

const TABLES: [&[Function]; 6] = [
    conditions::TABLE,
    containers::TABLE,
    texts::TABLE,
    numbers::TABLE,
    addresses::TABLE,
    dates::TABLE,
];

/// All functions that a query can call.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// The function of a name.
pub(crate) fn by_name(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_reference_is_here_once() {
        let expected = [
            "nvl",
            "valueof",
            "in",
            "match",
            "contains",
            "if",
            "case",
            "not",
            "isnull",
            "isnotnull",
            "isempty",
            "lower",
            "upper",
            "trim",
            "len",
            "substr",
            "concat",
            "split",
            "strjoin",
            "replace",
            "ip",
            "ip2long",
            "network",
            "long",
            "int",
            "double",
            "string",
            "date",
            "datetrunc",
        ];
        for name in expected {
            assert_eq!(all().filter(|function| function.name == name).count(), 1, "{name}");
        }
        assert_eq!(all().count(), expected.len());
        assert!(by_name("iif").is_none());
    }

    #[test]
    fn arities_in_words() {
        for (name, arity) in [
            ("nvl", "2 arguments"),
            ("isnull", "1 argument"),
            ("in", "at least 2 arguments"),
            ("substr", "2 to 3 arguments"),
        ] {
            assert_eq!(by_name(name).unwrap().arity(), arity);
        }
    }
}
