//! Functions about null and truth.

use std::net::IpAddr;

use super::operators::truth;
use crate::event::Value;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("nvl", 2, 2, |arguments| {
        Outcome::Argument(usize::from(arguments.get(0).is_null()))
    })
    .doc(
        "nvl(a, b)",
        "`a`, or `b` if `a` is null",
        &[(r#"nvl(null, "none")"#, r#""none""#), (r#"nvl("", "none")"#, r#""""#)],
    ),
    Function::new("if", 3, 3, |arguments| {
        Outcome::Argument(if arguments.get(0).is_truthy() { 1 } else { 2 })
    })
    .doc(
        "if(condition, a, b)",
        "`a` if the condition holds as a search sees it, else `b`",
        &[(r#"if(1 == 1, "yes", "no")"#, r#""yes""#), (r#"if(null, "yes", "no")"#, r#""no""#)],
    ),
    Function::new("case", 2, usize::MAX, case).doc(
        "case(condition, value, ..., else)",
        "the value behind the first condition that holds; without `else` null",
        &[(r#"case(1 == 2, "a", 1 == 1, "b", "c")"#, r#""b""#), (r#"case(false, "a")"#, "null")],
    ),
    // The compiler puts what they name in their places.
    Function::new("$", 1, 2, |_| Outcome::Value(Datum::Null)).doc(
        r#"$("name", default)"#,
        "what `set` or `evalc` has given the name, else the default",
        &[(r#"$("limit", 10)"#, "10")],
    ),
    Function::new("field", 1, 1, |_| Outcome::Value(Datum::Null)).doc(
        r#"field("name")"#,
        "a field by its name, which may be one that no word can be",
        &[(r#"field("event_name")"#, r#""StopLogging""#)],
    ),
    // Of null and of what is no truth value, the negation is null.
    Function::new("not", 1, 1, |arguments| {
        Outcome::Value(match arguments.get(0) {
            Datum::Bool(truth) => Datum::Bool(!truth),
            _ => Datum::Null,
        })
    })
    .doc(
        "not(x)",
        "the negation of a truth value; null of anything else",
        &[("not(1 == 2)", "true"), ("not(null)", "null")],
    ),
    Function::new("isnull", 1, 1, |arguments| truth(arguments.get(0).is_null()))
        .doc(
            "isnull(x)",
            "whether there is no value",
            &[("isnull(null)", "true"), (r#"isnull("")"#, "false")],
        )
        .decides(),
    Function::new("isnotnull", 1, 1, |arguments| truth(!arguments.get(0).is_null()))
        .doc("isnotnull(x)", "whether there is a value", &[("isnotnull(event_name)", "true")])
        .decides(),
    Function::new("isnum", 1, 1, |arguments| truth(Number::of(arguments.get(0)).is_some()))
        .doc(
            "isnum(x)",
            "whether it is a number; a text of digits isn't",
            &[("isnum(200)", "true"), (r#"isnum("200")"#, "false")],
        )
        .decides(),
    Function::new("isstr", 1, 1, |arguments| truth(matches!(arguments.get(0), Datum::Text(_))))
        .doc(
            "isstr(x)",
            "whether it is a text",
            &[(r#"isstr("a")"#, "true"), ("isstr(1)", "false")],
        )
        .decides(),
    Function::new("typeof", 1, 1, |arguments| {
        Outcome::Value(
            type_of(arguments.get(0)).map_or(Datum::Null, |name| Datum::Text(name.into())),
        )
    })
    .doc(
        "typeof(x)",
        "`string`, `int`, `long`, `double`, `bool`, `date`, `ipv4`, `ipv6`, \
         `list`, `map`, `byte[]`; of a null null",
        &[
            ("typeof(1)", r#""int""#),
            ("typeof(event_name)", r#""string""#),
            ("typeof(null)", "null"),
        ],
    ),
    Function::new("isempty", 1, 1, |arguments| truth(is_empty(arguments.get(0))))
        .doc(
            "isempty(x)",
            r#"null, `""`, or a container without elements [here]"#,
            &[(r#"isempty("")"#, "true"), ("isempty(array())", "true"), ("isempty(0)", "false")],
        )
        .decides(),
];

/// The value after the first condition that holds; a value without a condition is for all other cases.
fn case<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let mut place = 0;
    while place + 1 < arguments.len() {
        if arguments.get(place).is_truthy() {
            return Outcome::Argument(place + 1);
        }
        place += 2;
    }
    // Beyond the last argument everything is null.
    Outcome::Argument(place)
}

/// The name of a value's type.
fn type_of(datum: &Datum<'_>) -> Option<&'static str> {
    Some(match datum {
        Datum::Null => return None,
        Datum::Bool(_) => "bool",
        Datum::Int(_) => "int",
        Datum::Long(_) => "long",
        Datum::Double(_) => "double",
        Datum::Text(_) => "string",
        Datum::Date(_) => "date",
        Datum::Ip(IpAddr::V4(_)) => "ipv4",
        Datum::Ip(IpAddr::V6(_)) => "ipv6",
        Datum::Bytes(_) => "byte[]",
        Datum::List(_) => "list",
        Datum::Json(_) | Datum::Made(_) => match (datum.json()?, Number::of(datum)) {
            (Value::Object(_), _) => "map",
            (Value::Array(_), _) => "list",
            (_, Some(Number::Long(number))) if i32::try_from(number).is_ok() => "int",
            (_, Some(Number::Long(_))) => "long",
            _ => "double",
        },
    })
}

/// Null, a text without characters, a container without elements.
fn is_empty(datum: &Datum<'_>) -> bool {
    match datum {
        Datum::Null => true,
        Datum::Text(text) => text.is_empty(),
        Datum::Json(_) | Datum::Made(_) => {
            datum.json().is_some_and(|value| value.is_empty_container())
        }
        Datum::List(parts) => parts.is_empty(),
        _ => false,
    }
}
