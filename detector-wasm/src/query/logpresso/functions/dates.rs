//! Functions about dates. Only a date is one: a text must go through `date` first. Times are in UTC.

use tocsin_wire::calendar::{DAY, Moment, days_to};

use super::containers::{Builder, elements};
use super::literal;
use crate::event::time;
use crate::query::expression::date_format::{DateFormat, zone_of};
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};
use crate::query::expression::number::Number;
use crate::query::expression::span::Span;

pub(super) const TABLE: &[Function] = &[
    Function::new("date", 1, 3, date)
        .doc(
            r#"date(s[, "format"[, "zone"]])"#,
            "a moment. Formats as Java's `SimpleDateFormat`, leniently (month 13 \
         carries over); a zone by its offset (`GMT+09:00`) or a fixed \
         abbreviation. Without a format it reads ISO 8601 [here]",
            &[(r#"date("14.03.2026", "dd.MM.yyyy")"#, r#""2026-03-14T00:00:00Z""#)],
        )
        .prepared(readable),
    Function::new("string", 1, 3, string)
        .doc(
            r#"string(x[, "format"[, "zone"]])"#,
            "the text that a value shows as; of a moment in a format",
            &[
                ("string(200)", r#""200""#),
                (r#"string(_log_time, "yyyyMMdd HH:mm")"#, r#""20260314 09:20""#),
            ],
        )
        .prepared(writable),
    Function::new("str", 1, 3, string)
        .doc(r#"str(x[, "format"[, "zone"]])"#, "as `string`", &[("str(true)", r#""true""#)])
        .prepared(writable),
    Function::new("datetrunc", 2, 3, datetrunc)
        .doc(
            r#"datetrunc(d, "1h"[, "offset"])"#,
            "the begin of the span that a moment lies in: `s m h d w`, `mon` (1, 2, \
         3, 4, 6) and `1y`; weeks begin on Monday",
            &[(r#"datetrunc(_log_time, "1h")"#, r#""2026-03-14T09:00:00Z""#)],
        )
        .prepared(|constants| {
            let text = literal(constants, 1, "the span of `datetrunc`")?;
            let span = Span::parse(text).ok_or_else(|| no_span(1, text))?;
            let offset = match constants.len() {
                2 => 0,
                _ => offset(literal(constants, 2, "the offset of `datetrunc`")?)?,
            };
            Ok(Prepared::Span(span, offset))
        }),
    Function::new("daterange", 2, 3, daterange)
        .doc(
            r#"daterange(a, b[, "1d"])"#,
            "the begins of all spans between two moments",
            &[(r#"len(daterange(_log_time, dateadd(_log_time, "day", 2), "1d"))"#, "2")],
        )
        .prepared(|constants| {
            if constants.len() < 3 {
                return Ok(Prepared::Span(Span::Fixed(DAY), 0));
            }
            let text = literal(constants, 2, "the span of `daterange`")?;
            Span::parse(text).map(|span| Prepared::Span(span, 0)).ok_or_else(|| no_span(2, text))
        }),
    Function::new("dateadd", 3, 3, dateadd)
        .doc(
            r#"dateadd(d, "hour", n)"#,
            "a moment so much later",
            &[(r#"dateadd(_log_time, "hour", 2)"#, r#""2026-03-14T11:20:00Z""#)],
        )
        .prepared(|constants| unit(constants, 1)),
    Function::new("datediff", 3, 3, datediff)
        .doc(
            r#"datediff(a, b, "hour")"#,
            "how much later the second moment is",
            &[(r#"datediff(_log_time, dateadd(_log_time, "hour", 3), "hour")"#, "3")],
        )
        .prepared(|constants| unit(constants, 2)),
    Function::new("datepart", 2, 2, datepart)
        .doc(
            r#"datepart(d, "dow")"#,
            "a part of a moment",
            &[(r#"datepart(_log_time, "hour")"#, "9")],
        )
        .prepared(|constants| {
            let name = literal(constants, 1, "the part of `datepart`")?;
            DatePart::named(name).map(Prepared::own).ok_or_else(|| {
                Refusal::new(1, "logpresso-argument", format!("`{name}` is no part of a date"))
                    .hint(
                        "such as year, quarter, month, week, day, dow, doy, hour, minute, \
                     second, msec, epoch",
                    )
            })
        }),
    Function::new("epoch", 1, 1, epoch).doc(
        "epoch(n)",
        "the moment so many seconds after 1970; of a moment, its seconds",
        &[("epoch(1773480000)", r#""2026-03-14T09:20:00Z""#)],
    ),
];

fn no_span(argument: usize, text: &str) -> Refusal {
    Refusal::new(argument, "logpresso-argument", format!("`{text}` is no span of time"))
        .hint("write 10s, 5m, 1h, 1d, 1w, 1mon (or 2, 3, 4, 6), 1y")
}

/// How far the grid of `datetrunc` is moved.
fn offset(text: &str) -> Result<i64, Refusal> {
    let (sign, span) = match text.strip_prefix('-') {
        Some(span) => (-1, span),
        None => (1, text),
    };
    match Span::parse(span) {
        Some(Span::Fixed(milliseconds)) => Ok(sign * milliseconds),
        _ => Err(no_span(2, text)),
    }
}

fn format(constants: &[Option<&Datum<'static>>], function: &str) -> Result<DateFormat, Refusal> {
    let text = literal(constants, 1, &format!("the format of `{function}`"))?;
    DateFormat::parse(text).map_err(|letter| {
        let message = format!("`{letter}` isn't a date letter that is known here");
        Refusal::new(1, "logpresso-argument", message).hint(
            "known are G y M w W D d E F u a H k K h m s S z Z X; put other letters between single quotes",
        )
    })
}

fn readable(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    if constants.len() < 2 {
        return Ok(Prepared::Nothing);
    }
    let format = format(constants, "date")?;
    if let Some(letter) = format.unreadable() {
        let message = format!("dates can't be read by `{letter}` here");
        return Err(Refusal::new(1, "logpresso-argument", message).hint("name year, month and day"));
    }
    if constants.len() > 2 && !is_english(literal(constants, 2, "the language of `date`")?) {
        return Err(Refusal::new(
            2,
            "logpresso-argument",
            "names of months are read in English here",
        ));
    }
    Ok(Prepared::Dates(format))
}

fn writable(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    if constants.len() < 2 {
        return Ok(Prepared::Nothing);
    }
    let mut format = format(constants, "string")?;
    if constants.len() > 2 {
        let name = literal(constants, 2, "the time zone of `string`")?;
        if !is_english(name) {
            format.zone = zone_of(name).ok_or_else(|| {
                let message = format!("the time zone `{name}` isn't known here");
                Refusal::new(2, "logpresso-argument", message)
                    .hint("there is no time zone database; write its offset: GMT+09:00")
            })?;
        }
    }
    Ok(Prepared::Dates(format))
}

fn is_english(language: &str) -> bool {
    language == "en" || language.starts_with("en_") || language.starts_with("en-")
}

fn moment(datum: &Datum<'_>) -> Option<i64> {
    match datum {
        Datum::Date(milliseconds) => Some(*milliseconds),
        _ => None,
    }
}

/// A text's date by a format, or by ISO 8601 without one; of a list, its elements'.
fn date<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let read = |datum: &Datum<'_>| {
        let time = match (datum, arguments.prepared()) {
            (Datum::Date(milliseconds), _) => Some(*milliseconds),
            (Datum::Text(text), Prepared::Dates(format)) => format.read(text),
            (Datum::Text(text), _) => time::milliseconds(text.trim()),
            (other, Prepared::Dates(format)) => other.as_text().and_then(|text| format.read(&text)),
            _ => None,
        };
        time.map_or(Datum::Null, Datum::Date)
    };
    let mut list = Builder::list(arguments);
    let mut add = |element: &Datum<'_>| {
        list.push(&read(element));
        list.is_full()
    };
    match elements(arguments.get(0), &mut add) {
        Some(()) => list.finish(),
        None => Outcome::Value(read(arguments.get(0))),
    }
}

/// A value's text; of a date, by a format if there is one.
fn string<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    match (arguments.get(0), arguments.prepared()) {
        (Datum::Null | Datum::Text(_), _) => Outcome::Argument(0),
        (Datum::Date(time), Prepared::Dates(format)) => {
            Outcome::Value(Datum::text(format.write(*time)))
        }
        (Datum::Date(time), _) => {
            let plain = DateFormat::parse("yyyy-MM-dd HH:mm:ss.SSS");
            Outcome::Value(plain.map_or(Datum::Null, |format| Datum::text(format.write(*time))))
        }
        (datum, _) => Outcome::Value(match datum.as_text() {
            Some(text) => Datum::text(text),
            None => Datum::Null,
        }),
    }
}

/// The beginning of the span that a date lies in.
fn datetrunc<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Prepared::Span(span, offset) = arguments.prepared() else {
        return Outcome::Value(Datum::Null);
    };
    let cut = moment(arguments.get(0))
        .and_then(|time| span.cut(time.checked_sub(*offset)?)?.checked_add(*offset));
    Outcome::Value(cut.map_or(Datum::Null, Datum::Date))
}

/// The dates from one to before another.
fn daterange<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let dates = moment(arguments.get(0)).zip(moment(arguments.get(1)));
    let (Some((from, to)), Prepared::Span(span, _)) = (dates, arguments.prepared()) else {
        return Outcome::Value(Datum::Null);
    };
    let step = match span {
        Span::Fixed(milliseconds) => *milliseconds,
        Span::Months(count) => count.saturating_mul(30 * DAY),
        Span::Year => 365 * DAY,
    };
    // More are an error of the query's in Logpresso.
    const MOST: i64 = 100_000;
    if to.saturating_sub(from).checked_div(step).is_none_or(|count| count >= MOST) {
        return Outcome::Value(Datum::Null);
    }
    let (mut list, mut at) = (Builder::list(arguments), from);
    while at < to && !list.is_full() {
        list.push(&Datum::Date(at));
        at = at.saturating_add(step);
    }
    list.finish()
}

/// A unit of `dateadd` and `datediff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Year,
    Month,
    Milliseconds(i64),
}

fn unit(constants: &[Option<&Datum<'static>>], argument: usize) -> Result<Prepared, Refusal> {
    let name = literal(constants, argument, "the unit of time")?;
    Ok(Prepared::own(match name {
        "year" => Unit::Year,
        "mon" => Unit::Month,
        "day" => Unit::Milliseconds(DAY),
        "hour" => Unit::Milliseconds(3_600_000),
        "min" => Unit::Milliseconds(60_000),
        "sec" => Unit::Milliseconds(1_000),
        "msec" => Unit::Milliseconds(1),
        other => {
            let message = format!("`{other}` is no unit of time");
            return Err(Refusal::new(argument, "logpresso-argument", message)
                .hint("one of year, mon, day, hour, min, sec, msec"));
        }
    }))
}

fn dateadd<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(unit) = arguments.own::<Unit>() else { return Outcome::Value(Datum::Null) };
    let count = match Number::of(arguments.get(2)) {
        Some(Number::Long(count)) => count,
        _ => return Outcome::Value(Datum::Null),
    };
    let added = moment(arguments.get(0)).and_then(|time| match unit {
        Unit::Milliseconds(length) => time.checked_add(count.checked_mul(*length)?),
        Unit::Month => later(time, count),
        Unit::Year => later(time, count.checked_mul(12)?),
    });
    Outcome::Value(added.map_or(Datum::Null, Datum::Date))
}

/// The same day so many months later, or that month's last.
fn later(time: i64, months: i64) -> Option<i64> {
    let mut moment = Moment::of(time);
    let month = moment.month.checked_add(months)?.checked_sub(1)?;
    moment.year = moment.year.checked_add(month.div_euclid(12))?;
    moment.month = month.rem_euclid(12) + 1;
    let mut day = moment.day;
    loop {
        if let Some(time) = (Moment { day, ..moment }).milliseconds() {
            return Some(time);
        }
        day = day.checked_sub(1).filter(|day| *day > 27)?;
    }
}

fn datediff<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(unit) = arguments.own::<Unit>() else { return Outcome::Value(Datum::Null) };
    let length = match unit {
        Unit::Year => 365 * DAY,
        Unit::Month => 30 * DAY,
        Unit::Milliseconds(length) => *length,
    };
    let dates = moment(arguments.get(0)).zip(moment(arguments.get(1)));
    let count = dates.and_then(|(from, to)| to.checked_sub(from)?.checked_div(length));
    Outcome::Value(count.map_or(Datum::Null, Datum::Long))
}

/// A part of a date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DatePart(fn(i64, Moment) -> i64);

impl DatePart {
    fn named(name: &str) -> Option<DatePart> {
        PARTS.iter().find(|(names, _)| names.contains(&name)).map(|(_, part)| DatePart(*part))
    }
}

type Part = (&'static [&'static str], fn(i64, Moment) -> i64);

const PARTS: [Part; 20] = [
    (&["century"], |_, moment| (moment.year - 1).div_euclid(100) + 1),
    (&["millenium", "millennium"], |_, moment| (moment.year - 1).div_euclid(1000) + 1),
    (&["decade"], |_, moment| moment.year.div_euclid(10)),
    (&["year"], |_, moment| moment.year),
    (&["isoyear"], |time, _| iso_week(time).0),
    (&["quarter"], |_, moment| (moment.month + 2) / 3),
    (&["mon", "month"], |_, moment| moment.month),
    (&["week"], |time, _| iso_week(time).1),
    (&["day"], |_, moment| moment.day),
    (&["doy"], |time, moment| time.div_euclid(DAY) - days_to(moment.year, 1, 1) + 1),
    (&["dow"], |time, _| (time.div_euclid(DAY) + 4).rem_euclid(7)),
    (&["isodow"], |time, _| (time.div_euclid(DAY) + 3).rem_euclid(7) + 1),
    (&["hour"], |_, moment| moment.hour),
    (&["min", "minute"], |_, moment| moment.minute),
    (&["sec", "second", "seconds"], |_, moment| moment.second),
    (&["msec"], |_, moment| moment.millisecond),
    (&["milliseconds"], |_, moment| moment.second * 1_000 + moment.millisecond),
    (&["microseconds"], |_, moment| (moment.second * 1_000 + moment.millisecond) * 1_000),
    (&["epoch"], |time, _| time.div_euclid(1_000)),
    (&["timezone", "timezone_hour", "timezone_minute"], |_, _| 0),
];

/// The year and week by ISO 8601: that of the Thursday.
fn iso_week(time: i64) -> (i64, i64) {
    let days = time.div_euclid(DAY);
    let thursday = days - (days + 3).rem_euclid(7) + 3;
    let year = Moment::of(thursday.saturating_mul(DAY)).year;
    (year, (thursday - days_to(year, 1, 1)) / 7 + 1)
}

fn datepart<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Some(DatePart(part)), Some(time)) = (arguments.own(), moment(arguments.get(0))) else {
        return Outcome::Value(Datum::Null);
    };
    let is_epoch = matches!(arguments.get(1), Datum::Text(name) if name == "epoch");
    let number = part(time, Moment::of(time));
    Outcome::Value(match i32::try_from(number) {
        Ok(number) if !is_epoch => Datum::Int(number),
        _ => Datum::Long(number),
    })
}

/// The date of a number of seconds since 1970, or of milliseconds if as seconds it were past the year 9999.
fn epoch<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    const YEAR_10000: i64 = 253_402_300_800;
    let number = match arguments.get(0) {
        Datum::Text(text) => text.trim().parse().ok(),
        other => match Number::of(other) {
            Some(Number::Long(number)) => Some(number),
            _ => None,
        },
    };
    Outcome::Value(match number {
        Some(number) if number < YEAR_10000 => {
            number.checked_mul(1_000).map_or(Datum::Null, Datum::Date)
        }
        Some(number) => Datum::Date(number),
        None => Datum::Null,
    })
}
