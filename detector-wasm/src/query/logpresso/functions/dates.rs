//! Functions about dates. Times are in UTC.

use std::borrow::Cow;

use super::literal;
use crate::event::time;
use crate::query::expression::calendar::Span;
use crate::query::expression::date_format::DateFormat;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};

pub(super) const TABLE: &[Function] = &[
    Function::new("date", 1, 2, date).prepared(|constants| format(constants, "date")),
    Function::new("string", 1, 2, string).prepared(|constants| format(constants, "string")),
    Function::new("datetrunc", 2, 2, datetrunc).prepared(|constants| {
        let text = literal(constants, 1, "the span of `datetrunc`")?;
        Span::parse(text).map(Prepared::Span).ok_or_else(|| {
            Refusal::new(1, "logpresso-argument", format!("`{text}` is no span of time"))
                .hint("write 10s, 5m, 1h, 1d, 1w, 1mon (or 2, 3, 4, 6), 1y")
        })
    }),
];

fn format(constants: &[Option<&Datum<'static>>], function: &str) -> Result<Prepared, Refusal> {
    if constants.len() < 2 {
        return Ok(Prepared::Nothing);
    }
    let text = literal(constants, 1, &format!("the format of `{function}`"))?;
    DateFormat::parse(text).map(Prepared::Dates).map_err(|letter| {
        let message = format!("`{letter}` isn't a date letter that is known here");
        Refusal::new(1, "logpresso-argument", message)
            .hint("known are y M d H m s S Z X; put other letters between single quotes")
    })
}

/// The time that a value is or that its text says.
fn time_of(datum: &Datum<'_>) -> Option<i64> {
    match datum {
        Datum::Date(milliseconds) => Some(*milliseconds),
        Datum::Text(text) => time::milliseconds(text.trim()),
        _ => None,
    }
}

/// A text's date by a format, or by ISO 8601 without one.
fn date<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let time = match (arguments.get(0), arguments.prepared()) {
        (Datum::Date(milliseconds), _) => Some(*milliseconds),
        (datum, Prepared::Dates(format)) => {
            datum.as_text().and_then(|text| format.read(text.trim()))
        }
        (datum, _) => time_of(datum),
    };
    Outcome::Value(time.map_or(Datum::Null, Datum::Date))
}

/// A value's text; of a date, by a format if there is one.
fn string<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    match (arguments.get(0), arguments.prepared()) {
        (Datum::Null | Datum::Text(_), Prepared::Nothing) => Outcome::Argument(0),
        (datum, Prepared::Dates(format)) if time_of(datum).is_some() => {
            let text = time_of(datum).map(|time| format.write(time)).unwrap_or_default();
            Outcome::Value(Datum::Text(Cow::Owned(text)))
        }
        (datum, _) => Outcome::Value(match datum.as_text() {
            Some(text) => Datum::Text(Cow::Owned(text.into_owned())),
            None => Datum::Null,
        }),
    }
}

/// The beginning of the span that a date lies in.
fn datetrunc<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Prepared::Span(span) = arguments.prepared() else { return Outcome::Value(Datum::Null) };
    let cut = time_of(arguments.get(0)).and_then(|time| span.cut(time));
    Outcome::Value(cut.map_or(Datum::Null, Datum::Date))
}
