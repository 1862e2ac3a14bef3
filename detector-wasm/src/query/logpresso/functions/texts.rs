//! Functions about texts. What isn't a text is looked at as the text it shows as.

use std::borrow::Cow;

use super::operators::truth;
use super::{literal, replace};
use crate::event::Value;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};
use crate::query::expression::number::Number;
use crate::query::expression::shown;
use crate::query::regex::Regex;

pub(super) const TABLE: &[Function] = &[
    Function::new("lower", 1, 1, |a| mapped(a, |text| text.to_lowercase())),
    Function::new("upper", 1, 1, |a| mapped(a, |text| text.to_uppercase())),
    Function::new("trim", 1, 1, |arguments| {
        Outcome::Value(match arguments.get(0) {
            Datum::Text(Cow::Borrowed(text)) => Datum::Text(Cow::Borrowed(text.trim())),
            other => other
                .as_text()
                .map_or(Datum::Null, |text| Datum::Text(Cow::Owned(text.trim().to_owned()))),
        })
    }),
    Function::new("len", 1, 1, |a| Outcome::Value(Datum::Long(length(a.get(0))))),
    Function::new("substr", 2, 3, substr),
    Function::new("concat", 1, usize::MAX, concat),
    Function::new("split", 2, 2, split).prepared(|constants| {
        match literal(constants, 1, "the delimiter of `split`")? {
            "" => Err(Refusal::new(1, "logpresso-argument", "the delimiter of `split` is empty")),
            _ => Ok(Prepared::Nothing),
        }
    }),
    Function::new("strjoin", 2, 2, strjoin),
    Function::new("replace", 3, 4, replace::apply).prepared(replace::prepare),
    Function::new("match", 2, 2, finds).decides().prepared(|constants| {
        let text = literal(constants, 1, "the regular expression of `match`")?;
        regex(1, text).map(Prepared::Regex)
    }),
];

/// A regular expression that a call names.
pub(super) fn regex(argument: usize, text: &str) -> Result<Regex, Refusal> {
    Regex::new(text).map_err(|error| {
        let message = format!("the regular expression can't be used: {error}");
        Refusal::new(argument, "logpresso-regex", message)
    })
}

fn mapped<'a>(arguments: &Arguments<'_, 'a>, map: fn(&str) -> String) -> Outcome<'a> {
    let text = arguments.get(0).as_text();
    Outcome::Value(text.map_or(Datum::Null, |text| Datum::Text(Cow::Owned(map(&text)))))
}

/// Characters of a text, elements of a list, members of a map; 0 for null.
fn length(datum: &Datum<'_>) -> i64 {
    let count = match datum {
        Datum::Json(array @ Value::Array(_)) => {
            let mut count = 0;
            array.elements(&mut |_| {
                count += 1;
                false
            });
            count
        }
        Datum::Json(object @ Value::Object(_)) => {
            let mut count = 0;
            object.members(&mut |_, _| {
                count += 1;
                false
            });
            count
        }
        Datum::List(parts) => parts.len(),
        other => other.as_text().map_or(0, |text| text.chars().count()),
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The characters from one place to before another; negative places count from the end.
fn substr<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let whole = arguments.get(0);
    let places = (whole.as_text(), place(arguments.get(1)), place(arguments.get(2)));
    let (Some(text), Some(begin), end) = places else { return Outcome::Value(Datum::Null) };
    if arguments.len() > 2 && end.is_none() {
        return Outcome::Value(Datum::Null);
    }
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let from_end = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
    let (begin, end) = (from_end(begin), from_end(end.unwrap_or(length)).min(length));
    if begin < 0 || begin >= length || end < begin {
        return Outcome::Value(Datum::Null);
    }
    let offset = |place: i64| {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        text.char_indices().nth(place).map_or(text.len(), |(offset, _)| offset)
    };
    let (from, to) = (offset(begin), offset(end));
    let part = match whole {
        Datum::Text(Cow::Borrowed(text)) => text.get(from..to).map(Cow::Borrowed),
        _ => text.get(from..to).map(|part| Cow::Owned(part.to_owned())),
    };
    Outcome::Value(part.map_or(Datum::Null, Datum::Text))
}

fn place(datum: &Datum<'_>) -> Option<i64> {
    match Number::reading(datum) {
        Some(Number::Long(place)) => Some(place),
        _ => None,
    }
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
    let most = arguments.parts();
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
    if !matches!(list, Datum::List(_) | Datum::Json(Value::Array(_))) {
        return Outcome::Value(Datum::Null);
    }
    Outcome::Value(arguments.compose(|text| {
        let mut first = true;
        let mut push = |part: &str| {
            if !std::mem::replace(&mut first, false) {
                text.push(&separator);
            }
            text.push(part);
            text.is_full()
        };
        match list {
            Datum::List(parts) => {
                let _ = parts.iter().any(|part| push(part));
            }
            Datum::Json(array) => {
                array
                    .elements(&mut |element| push(&shown::text(&element).unwrap_or("null".into())));
            }
            _ => {}
        }
    }))
}

/// Whether a regular expression matches anywhere in a text; of a list, in an element.
fn finds<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Prepared::Regex(regex) = arguments.prepared() else { return truth(false) };
    truth(arguments.get(0).any_element(&mut |value| shown::finds(regex, value)))
}
