//! Functions about places in texts. Places count from 0, in UTF-16 units as Java's do.

use super::{formatter, literal};
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared, Refusal};
use crate::query::expression::number::Number;

pub(super) const TABLE: &[Function] = &[
    Function::new("substr", 2, 3, substr).doc(
        "substr(s, begin[, end])",
        "negative places count from the end; a begin out of range gives null, \
         an end beyond the text is its end [ref]",
        &[
            (r#"substr("recorder", 2)"#, r#""corder""#),
            (r#"substr("recorder", 0, 3)"#, r#""rec""#),
            (r#"substr("recorder", 20)"#, "null"),
        ],
    ),
    Function::new("left", 2, 2, |arguments| {
        ends(arguments, |length, count| (0, count.min(length)))
    })
    .doc("left(s, n)", "the first n", &[(r#"left("recorder", 3)"#, r#""rec""#)])
    .prepared(not_negative),
    Function::new("right", 2, 2, |arguments| {
        ends(arguments, |length, count| (length.saturating_sub(count), length))
    })
    .doc("right(s, n)", "the last n", &[(r#"right("recorder", 2)"#, r#""er""#)])
    .prepared(not_negative),
    Function::new("indexof", 2, 3, |arguments| index_of(arguments, first)).doc(
        "indexof(s, t[, from])",
        "the first place of a part; -1 if it isn't there",
        &[(r#"indexof("banana", "an")"#, "1"), (r#"indexof("banana", "x")"#, "-1")],
    ),
    Function::new("lastindexof", 2, 3, |arguments| index_of(arguments, last)).doc(
        "lastindexof(s, t[, from])",
        "the last place of a part; -1 if it isn't there",
        &[(r#"lastindexof("banana", "an")"#, "3")],
    ),
    Function::new("lpad", 2, 3, |arguments| padded(arguments, true))
        .doc(
            "lpad(s, n[, fill])",
            "filled up at the left to n, from 1 to 10240, or cut to it",
            &[(r#"lpad("7", 3, "0")"#, r#""007""#)],
        )
        .prepared(width),
    Function::new("rpad", 2, 3, |arguments| padded(arguments, false))
        .doc(
            "rpad(s, n[, fill])",
            "filled up at the right",
            &[(r#"rpad("a", 3, ".")"#, r#""a..""#)],
        )
        .prepared(width),
    Function::new("format", 1, usize::MAX, formatter::format)
        .doc(
            r#"format("%s", a, ...)"#,
            "formats as Java's `Formatter`",
            &[
                (r#"format("%s has %d", "a", 2)"#, r#""a has 2""#),
                (r#"format("%05d", 42)"#, r#""00042""#),
            ],
        )
        .prepared(|constants| {
            let text = literal(constants, 0, "the format")?;
            formatter::Format::parse(text).map(Prepared::own).map_err(|part| {
                Refusal::new(0, "logpresso-argument", format!("`{part}` means nothing in a format"))
                    .hint("write %s, %d, %f, %x, %o, %e, %c, %b, %n or %%")
            })
        }),
];

/// How many UTF-16 units a text has.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The units from one place to before another.
fn slice(text: &str, from: usize, to: usize) -> String {
    if text.is_ascii() {
        return text.get(from..to).unwrap_or_default().to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(from).take(to.saturating_sub(from)).collect();
    String::from_utf16_lossy(&units)
}

fn whole(datum: &Datum<'_>) -> Option<i64> {
    match Number::of(datum) {
        Some(Number::Long(number)) => Some(number),
        _ => None,
    }
}

fn to_i64(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn to_usize(place: i64) -> usize {
    usize::try_from(place).unwrap_or(0)
}

/// The units from one place to before another; negative places count from the end.
fn substr<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let null = || Outcome::Value(Datum::Null);
    let (Some(text), Some(begin)) = (arguments.get(0).as_text(), whole(arguments.get(1))) else {
        return null();
    };
    let length = to_i64(length(&text));
    let end = match (arguments.len(), whole(arguments.get(2))) {
        (2, _) => length,
        (_, Some(end)) => end,
        _ => return null(),
    };
    let from_end = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
    let (begin, end) = (from_end(begin), from_end(end).min(length));
    if begin < 0 || begin >= length || end < begin {
        return null();
    }
    Outcome::Value(Datum::text(slice(&text, to_usize(begin), to_usize(end))))
}

/// A number of units at an end of a text.
fn ends<'a>(
    arguments: &Arguments<'_, 'a>,
    range: fn(usize, usize) -> (usize, usize),
) -> Outcome<'a> {
    let count = whole(arguments.get(1)).and_then(|count| usize::try_from(count).ok());
    Outcome::Value(match arguments.get(0).as_text().zip(count) {
        Some((text, count)) => {
            let (from, to) = range(length(&text), count);
            Datum::text(slice(&text, from, to))
        }
        None => Datum::Null,
    })
}

fn not_negative(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    match constants.get(1).copied().flatten().map(whole) {
        Some(Some(count)) if count < 0 => {
            let message = "the number of characters can't be negative";
            Err(Refusal::new(1, "logpresso-argument", message))
        }
        _ => Ok(Prepared::Nothing),
    }
}

/// Where a text stands in another one, perhaps from a place on.
type Find = fn(&[u16], &[u16], Option<usize>) -> Option<usize>;

/// Where a text stands in another one; -1 if nowhere.
fn index_of<'a>(arguments: &Arguments<'_, 'a>, find: Find) -> Outcome<'a> {
    let texts = arguments.get(0).as_text().zip(arguments.get(1).as_text());
    let Some((text, sought)) = texts else { return Outcome::Value(Datum::Null) };
    let from = whole(arguments.get(2));
    if from.is_some_and(|from| from < 0) && arguments.get(0).is_null() {
        return Outcome::Value(Datum::Null);
    }
    let from = from.map(|from| to_usize(from.max(0)));
    let (text, sought): (Vec<u16>, Vec<u16>) =
        (text.encode_utf16().collect(), sought.encode_utf16().collect());
    let place = find(&text, &sought, from).and_then(|place| i32::try_from(place).ok());
    Outcome::Value(Datum::Int(place.unwrap_or(-1)))
}

fn first(text: &[u16], sought: &[u16], from: Option<usize>) -> Option<usize> {
    let from = from.unwrap_or(0).min(text.len());
    find(text.get(from..)?, sought).map(|place| from + place)
}

/// Backwards from a place: the text must begin there or before it.
fn last(text: &[u16], sought: &[u16], from: Option<usize>) -> Option<usize> {
    let end = from.map_or(text.len(), |from| from.saturating_add(sought.len()).min(text.len()));
    let mut text = text.get(..end)?.to_vec();
    let mut sought = sought.to_vec();
    text.reverse();
    sought.reverse();
    find(&text, &sought).map(|place| text.len() - place - sought.len())
}

/// Where one row of units first stands in another. Takes time in proportion to both (Knuth, Morris, Pratt):
/// a record's writer chooses the text, and may choose the one that is slowest to search.
fn find(text: &[u16], sought: &[u16]) -> Option<usize> {
    let mut borders = vec![0_usize; sought.len()];
    let step = |borders: &[usize], mut matched: usize, unit: u16| {
        while matched > 0 && sought.get(matched) != Some(&unit) {
            matched = borders.get(matched - 1).copied().unwrap_or(0);
        }
        matched + usize::from(sought.get(matched) == Some(&unit))
    };
    let mut matched = 0;
    for (place, unit) in sought.iter().enumerate().skip(1) {
        matched = step(&borders, matched, *unit);
        if let Some(border) = borders.get_mut(place) {
            *border = matched;
        }
    }
    if sought.is_empty() {
        return Some(0);
    }
    let mut matched = 0;
    for (place, unit) in text.iter().enumerate() {
        matched = step(&borders, matched, *unit);
        if matched == sought.len() {
            return Some(place + 1 - sought.len());
        }
    }
    None
}

/// The greatest width that a text can be filled up to.
const WIDEST: i64 = 10_240;

fn width(constants: &[Option<&Datum<'static>>]) -> Result<Prepared, Refusal> {
    match constants.get(1).copied().flatten().map(whole) {
        Some(Some(width)) if !(1..=WIDEST).contains(&width) => {
            let message = format!("the length must be from 1 to {WIDEST}");
            Err(Refusal::new(1, "logpresso-argument", message))
        }
        _ => Ok(Prepared::Nothing),
    }
}

/// A text filled up to a length, or cut to it.
fn padded<'a>(arguments: &Arguments<'_, 'a>, before: bool) -> Outcome<'a> {
    let null = || Outcome::Value(Datum::Null);
    let width = whole(arguments.get(1)).filter(|width| (1..=WIDEST).contains(width));
    let (Some(text), Some(width)) = (arguments.get(0).as_text(), width.map(to_usize)) else {
        return null();
    };
    let fill = match (arguments.len(), arguments.get(2).as_text()) {
        (2, _) => std::borrow::Cow::Borrowed(" "),
        (_, Some(fill)) if fill.is_empty() => " ".into(),
        (_, Some(fill)) => fill,
        _ => return null(),
    };
    let length = length(&text);
    if length >= width {
        return Outcome::Value(Datum::text(slice(&text, 0, width)));
    }
    let units: Vec<u16> = fill.encode_utf16().cycle().take(width - length).collect();
    let fill = String::from_utf16_lossy(&units);
    Outcome::Value(Datum::text(if before { fill + &text } else { text.into_owned() + &fill }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_units_are_found() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        for (text, sought, from, place, from_behind) in [
            ("a-b-c", "-", None, Some(1), Some(3)),
            ("a-b-c", "-", Some(2), Some(3), Some(1)),
            ("aabaabaaab", "aaab", None, Some(6), Some(6)),
            ("abc", "", None, Some(0), Some(3)),
            ("abc", "abcd", None, None, None),
            ("abc", "c", Some(9), None, Some(2)),
            ("", "a", None, None, None),
        ] {
            assert_eq!(first(&units(text), &units(sought), from), place, "{text} {sought}");
            assert_eq!(last(&units(text), &units(sought), from), from_behind, "{text} {sought}");
        }
    }
}
