//! In: a name. Out: the function or operator of Logpresso's language that has it.
//!
//! One table a subject. A row says how many arguments there are, what can be worked out from constant
//! ones when the query is compiled, and what the function makes of its arguments' values. Every function is
//! total: any values of any kind give a value, at worst null.

mod addresses;
mod conditions;
mod containers;
mod dates;
mod numbers;
pub(crate) mod operators;
mod replace;
mod texts;

use crate::query::expression::Datum;
use crate::query::expression::function::{Function, Refusal};

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
