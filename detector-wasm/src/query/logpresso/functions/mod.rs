//! In: a name. Out: the function or operator of Logpresso's language that has it.
//!
//! One table a subject. A row says how many arguments there are, what can be worked out from constant
//! ones when the query is compiled, and what the function makes of its arguments' values. Every function is
//! total: any values of any kind give a value, at worst null.

mod addresses;
mod conditions;
mod containers;
pub(crate) mod dates;
mod encodings;
pub(crate) mod formatter;
mod numbers;
pub(crate) mod operators;
mod places;
pub(crate) mod read_json;
mod read_xml;
pub(crate) mod records;
mod replace;
mod texts;

pub(crate) use texts::ENGINES;

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

const TABLES: [&[Function]; 8] = [
    conditions::TABLE,
    containers::TABLE,
    texts::TABLE,
    places::TABLE,
    encodings::TABLE,
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
        let expected = "$ field nvl if case in match not isnull isnotnull isnum isstr \
             typeof isempty int long double string str date ip array dict groups \
             binary encode decode frombase64 fromhex tobase64 tohex hash concat contains indexof lastindexof \
             left right substr len lower upper trim lpad rpad replace split strjoin \
             format reverseip urldecode urlencode abs ceil floor round max min mod pow \
             exp log log10 sqrt sin cos tan asin acos atan dateadd datediff \
             datepart datetrunc daterange epoch ip2int ip2long long2ip network valueof flatten subarray sumarray \
             unique";
        let expected: Vec<&str> = expected.split_whitespace().collect();
        for name in &expected {
            assert_eq!(all().filter(|function| function.name == *name).count(), 1, "{name}");
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
