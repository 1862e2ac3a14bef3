//! Functions about texts. What isn't a text is looked at as the text it shows as.

use std::borrow::Cow;

use super::containers::elements;
use super::operators::truth;
use super::{literal, places, replace};
use crate::event::Value;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};
use crate::query::expression::number::Number;
use crate::query::expression::shown;
use crate::query::regex::{Flavour, Regex};

pub(super) const TABLE: &[Function] = &[
    Function::new("lower", 1, 1, |a| mapped(a, |text| text.to_lowercase())).doc(
        "lower(s)",
        "in lower case",
        &[(r#"lower("StopLogging")"#, r#""stoplogging""#)],
    ),
    Function::new("upper", 1, 1, |a| mapped(a, |text| text.to_uppercase())).doc(
        "upper(s)",
        "in upper case",
        &[(r#"upper("ec2")"#, r#""EC2""#)],
    ),
    // As in Java, all up to the blank counts as blank.
    Function::new("trim", 1, 1, |arguments| {
        let blank = |letter: char| letter <= ' ';
        Outcome::Value(match arguments.get(0) {
            Datum::Text(Cow::Borrowed(text)) => {
                Datum::Text(Cow::Borrowed(text.trim_matches(blank)))
            }
            other => {
                other.as_text().map_or(Datum::Null, |text| Datum::text(text.trim_matches(blank)))
            }
        })
    })
    .doc(
        "trim(s)",
        "without all up to the blank (U+0020) at both ends",
        &[(r#"trim("  a b ")"#, r#""a b""#)],
    ),
    Function::new("len", 1, 1, |a| Outcome::Value(Datum::Int(length(a.get(0))))).doc(
        "len(x)",
        "units, elements or members; 0 of null [ref]",
        &[(r#"len("abc")"#, "3"), ("len(array(1, 2))", "2"), ("len(null)", "0")],
    ),
    Function::new("concat", 1, usize::MAX, concat).doc(
        "concat(a, ...)",
        "the texts joined; null reads `null` [araqne]",
        &[(r#"concat("a", 1, null)"#, r#""a1null""#)],
    ),
    Function::new("split", 2, 3, split)
        .doc(
            r#"split(s, "delimiter"[, n])"#,
            "a list of the parts; of n parts the last is the rest",
            &[
                (r#"split("a/b/c", "/")"#, r#"["a","b","c"]"#),
                (r#"split("a/b/c", "/", 2)"#, r#"["a","b/c"]"#),
            ],
        )
        .prepared(|constants| match literal(constants, 1, "the delimiter of `split`")? {
            "" => Err(Refusal::new(1, "logpresso-argument", "the delimiter of `split` is empty")),
            _ => Ok(Prepared::Nothing),
        }),
    Function::new("strjoin", 2, 2, strjoin).doc(
        r#"strjoin("separator", list)"#,
        "the elements as one text",
        &[(r#"strjoin("-", array("a", "b"))"#, r#""a-b""#)],
    ),
    Function::new("replace", 3, 4, replace::apply)
        .doc(
            r#"replace(s, from, to[, "re"])"#,
            "all occurrences; with `\"re\"` of a regular expression, `$1` for its \
         groups [araqne]",
            &[
                (r#"replace("a.b.c", ".", "-")"#, r#""a-b-c""#),
                (r#"replace("user-12", "[0-9]+", "N", "re")"#, r#""user-N""#),
            ],
        )
        .prepared(replace::prepare),
    Function::new("match", 2, 3, finds)
        .doc(
            r#"match(x, "regex"[, "engine"])"#,
            "finds the expression anywhere; null is false. The engines are one here",
            &[(r#"match(event_name, "^Stop")"#, "true"), (r#"match("abc", "^b")"#, "false")],
        )
        .decides()
        .prepared(|constants| {
            let text = literal(constants, 1, "the regular expression of `match`")?;
            if constants.len() > 2
                && !ENGINES.contains(&literal(constants, 2, "the engine of `match`")?)
            {
                let message = "there is no such engine of regular expressions";
                return Err(Refusal::new(2, "logpresso-argument", message)
                    .hint(format!("one of {}", ENGINES.join(", "))));
            }
            regex(1, text).map(Prepared::Regex)
        }),
    Function::new("groups", 2, 2, groups)
        .doc(
            r#"groups(x, "regex")"#,
            "the groups of all matches, one after the other",
            &[(r#"groups("a=1;b=2", "([a-z])=([0-9])")"#, r#"["a","1","b","2"]"#)],
        )
        .prepared(|constants| {
            regex(1, literal(constants, 1, "the regular expression of `groups`")?)
                .map(Prepared::Regex)
        }),
];

/// The engines that a query may choose in Logpresso; here they all are one.
pub(crate) const ENGINES: [&str; 4] = ["jdk", "re2j", "jdk-re2j", "jdk-re2j-lax"];

/// What the groups of all matches hold, one after the other; null if there is no match.
fn groups<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Prepared::Regex(regex) = arguments.prepared() else { return Outcome::Value(Datum::Null) };
    let Some(text) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
    let mut list = super::containers::Builder::list(arguments);
    let mut found = false;
    for captures in regex.engine().captures_iter(&text) {
        found = true;
        for group in captures.iter().skip(1) {
            list.push(
                &group.map_or(Datum::Null, |group| Datum::Text(Cow::Borrowed(group.as_str()))),
            );
        }
        if list.is_full() {
            break;
        }
    }
    if found { list.finish() } else { Outcome::Value(Datum::Null) }
}

/// A regular expression that a call names.
pub(super) fn regex(argument: usize, text: &str) -> Result<Regex, Refusal> {
    Regex::new(text, Flavour::Java, "").map_err(|problem| {
        let part = text.get(problem.range.clone()).unwrap_or_default();
        let part: String = part.chars().take(40).collect();
        let at = text.get(..problem.range.start).unwrap_or_default().chars().count() + 1;
        let reason = problem.reason;
        let message =
            format!("the regular expression can't be used: `{part}` at character {at}: {reason}");
        Refusal::new(argument, "logpresso-regex", message)
    })
}

fn mapped<'a>(arguments: &Arguments<'_, 'a>, map: fn(&str) -> String) -> Outcome<'a> {
    let text = arguments.get(0).as_text();
    Outcome::Value(text.map_or(Datum::Null, |text| Datum::Text(Cow::Owned(map(&text)))))
}

/// UTF-16 units of a text, elements of a list, members of a map; 0 for null.
fn length(datum: &Datum<'_>) -> i32 {
    let mut count = 0_usize;
    match (datum, datum.json()) {
        (Datum::List(parts), _) => count = parts.len(),
        (_, Some(array @ Value::Array(_))) => array.elements(&mut |_| {
            count += 1;
            false
        }),
        (_, Some(object @ Value::Object(_))) => object.members(&mut |_, _| {
            count += 1;
            false
        }),
        _ => count = datum.as_text().map_or(0, |text| places::length(&text)),
    }
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// All arguments' texts, one after the other; null reads `null`.
fn concat<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    Outcome::Value(arguments.compose(|text| {
        for place in 0..arguments.len() {
            text.push(&arguments.get(place).as_text().unwrap_or(Cow::Borrowed("null")));
        }
    }))
}

/// The parts of a text between the delimiters.
fn split<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (whole, Datum::Text(delimiter)) = (arguments.get(0), arguments.get(1)) else {
        return Outcome::Value(Datum::Null);
    };
    // Of two or more parts the last is the rest.
    let most = match (arguments.len(), Number::of(arguments.get(2))) {
        (3, Some(Number::Long(most))) if most >= 2 => usize::try_from(most).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let most = most.min(arguments.parts());
    let parts = match whole {
        Datum::Null => return Outcome::Value(Datum::Null),
        Datum::Text(text) if text.is_empty() => Vec::new(),
        Datum::Text(Cow::Borrowed(text)) => {
            text.splitn(most, &**delimiter).map(Cow::Borrowed).collect()
        }
        other => {
            let text = other.as_text().unwrap_or_default();
            text.splitn(most, &**delimiter).map(|part| Cow::Owned(part.to_owned())).collect()
        }
    };
    Outcome::Value(Datum::List(parts))
}

/// The texts of a list's elements, with the first argument between them.
fn strjoin<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(separator) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
    let list = arguments.get(1);
    if elements(list, &mut |_| true).is_none() {
        return Outcome::Value(Datum::Null);
    }
    Outcome::Value(arguments.compose(|text| {
        let mut first = true;
        elements(list, &mut |part| {
            if !std::mem::replace(&mut first, false) {
                text.push(&separator);
            }
            text.push(&part.as_text().unwrap_or(Cow::Borrowed("null")));
            text.is_full()
        });
    }))
}

/// Whether a regular expression matches anywhere in a text; of a list, in an element.
fn finds<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Prepared::Regex(regex) = arguments.prepared() else { return truth(false) };
    truth(arguments.get(0).any_element(&mut |value| found(regex, value)))
}

/// Whether a regular expression matches anywhere in what a value shows as.
pub(crate) fn found(regex: &Regex, value: &Value<'_>) -> bool {
    shown::text(value).is_some_and(|text| regex.finds(&text))
}
