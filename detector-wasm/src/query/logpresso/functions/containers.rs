//! Functions that make lists and maps, and look into them and into sets.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::operators::truth;
use crate::event::Value;
use crate::query::expression::compare;
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared};
use crate::query::expression::number::Number;
use crate::record::write;

pub(super) const TABLE: &[Function] = &[
    Function::new("valueof", 2, 2, value_of).doc(
        r#"valueof(map, "key"), valueof(list, 0)"#,
        "the member; null if there is none or anything is of another type",
        &[
            (r#"valueof(req_params, "name")"#, r#""trail""#),
            (r#"valueof(array("a", "b"), 1)"#, r#""b""#),
            (r#"valueof(array("a"), 5)"#, "null"),
        ],
    ),
    // The compiler takes the text literals out of the arguments and makes a set of them.
    Function::new("in", 2, usize::MAX, |arguments| truth(is_in(arguments)))
        .doc(
            "in(x, a, b, ...)",
            "whether `x` is one of these: exact, case and all, strict about types \
         (200 isn't `\"200\"`, 1 isn't 1.0); literals may be patterns",
            &[
                (r#"in("b", "a", "b")"#, "true"),
                (r#"in(200, "200")"#, "false"),
                (r#"in(event_name, "Stop*")"#, "true"),
            ],
        )
        .decides(),
    Function::new("contains", 2, 2, |arguments| truth(contains(arguments)))
        .doc(
            "contains(x, y)",
            "`y` is a part of the text; of a list, an equal element; false beside \
         null",
            &[
                (r#"contains("recorder", "cord")"#, "true"),
                (r#"contains(array("a", "b"), "a")"#, "true"),
                (r#"contains(null, "a")"#, "false"),
            ],
        )
        .decides(),
    Function::new("array", 0, usize::MAX, array).doc(
        "array(a, ...)",
        "a list of these. What is put into a list or a map is JSON: a date in \
         it is its text",
        &[(r#"array(1, "a", null)"#, r#"[1,"a",null]"#)],
    ),
    Function::new("dict", 0, usize::MAX, dict)
        .doc(
            r#"dict("key", value, ...)"#,
            "a map",
            &[(r#"dict("a", 1, "b", "x")"#, r#"{"a":1,"b":"x"}"#)],
        )
        .prepared(|constants| match constants.len() % 2 {
            0 => Ok(Prepared::Nothing),
            _ => Err(super::Refusal::new(
                constants.len().saturating_sub(1),
                "logpresso-arity",
                "`dict` takes keys and values in pairs",
            )),
        }),
    Function::new("flatten", 1, 1, flatten).doc(
        "flatten(list)",
        "the elements of the lists in it, in one list",
        &[("flatten(array(1, array(2, 3)))", "[1,2,3]")],
    ),
    Function::new("subarray", 2, 3, subarray).doc(
        "subarray(list, begin[, end])",
        "the elements from one place up to another",
        &[
            (r#"subarray(array("a", "b", "c"), 1)"#, r#"["b","c"]"#),
            (r#"subarray(array("a", "b", "c"), 0, 2)"#, r#"["a","b"]"#),
        ],
    ),
    Function::new("sumarray", 1, 1, sumarray).doc(
        "sumarray(list)",
        "the sum of its numbers",
        &[("sumarray(array(1, 2, 3))", "6")],
    ),
    Function::new("unique", 1, 1, unique).doc(
        "unique(list)",
        "each element once",
        &[(r#"unique(array("a", "b", "a"))"#, r#"["a","b"]"#)],
    ),
];

/// A map's member by its key, or a list's element by its place; null if there is none.
fn value_of<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (container, key) = (arguments.get(0), arguments.get(1));
    let found = match (container, key) {
        (Datum::Json(object @ Value::Object(_)), Datum::Text(key)) => {
            object.member_in(key, arguments.reading).map(Datum::of)
        }
        (Datum::Json(array @ Value::Array(_)), key) => {
            place(key).and_then(|place| array.element(place)).map(Datum::of)
        }
        (Datum::List(parts), key) => {
            place(key).and_then(|place| parts.get(place)).map(|part| Datum::Text(part.clone()))
        }
        (Datum::Made(bytes), key) => member_of(bytes, key),
        _ => None,
    };
    Outcome::Value(found.unwrap_or(Datum::Null))
}

/// A member or element of a container that the query has made.
fn member_of(bytes: &[u8], key: &Datum<'_>) -> Option<Datum<'static>> {
    let container = Value::exact(bytes)?;
    let found = match (&container, key) {
        (Value::Object(_), Datum::Text(key)) => container.member(key),
        (Value::Array(_), key) => container.element(place(key)?),
        _ => None,
    };
    found.map(|value| Datum::owned(&value))
}

/// A whole number that isn't negative.
fn place(key: &Datum<'_>) -> Option<usize> {
    match Number::of(key) {
        Some(Number::Long(place)) => usize::try_from(place).ok(),
        _ => None,
    }
}

/// Whether the first argument is one of the others; of a list, one of its elements.
fn is_in(arguments: &Arguments<'_, '_>) -> bool {
    let sought = arguments.get(0);
    if let Prepared::Texts(texts) = arguments.prepared()
        && sought.any_element(&mut |value| holds(texts, value))
    {
        return true;
    }
    (1..arguments.len()).any(|place| compare::same(sought, arguments.get(place)))
}

/// Whether a value is a text of the set. Numbers and truth values are no texts.
pub(crate) fn holds(texts: &crate::query::text_set::TextSet, value: &Value<'_>) -> bool {
    match value {
        Value::Text(text) => texts.holds(&text.decode()),
        Value::Computed(text) => texts.holds(text),
        _ => false,
    }
}

/// Whether a list has an element that equals the second argument, or a text has it inside.
fn contains(arguments: &Arguments<'_, '_>) -> bool {
    let (whole, part) = (arguments.get(0), arguments.get(1));
    if part.is_null() {
        return false;
    }
    if let Some(array @ Value::Array(_)) = whole.json() {
        let mut found = false;
        array.elements(&mut |element| {
            found = compare::same(&Datum::owned(&element), part);
            found
        });
        return found;
    }
    match whole {
        Datum::List(parts) => {
            parts.iter().any(|element| matches!(part, Datum::Text(part) if part == element))
        }
        other => match (other.as_text(), part.as_text()) {
            (Some(whole), Some(part)) => whole.contains(&*part),
            _ => false,
        },
    }
}

/// A list in the making, within the allowance.
pub(super) struct Builder {
    json: Vec<u8>,
    room: usize,
}

impl Builder {
    pub(super) fn list(arguments: &Arguments<'_, '_>) -> Builder {
        Builder { json: vec![b'['], room: arguments.left() }
    }

    /// Whether nothing more can be added.
    pub(super) fn is_full(&self) -> bool {
        self.json.len() >= self.room
    }

    pub(super) fn push(&mut self, datum: &Datum<'_>) {
        self.comma();
        datum.write_json(&mut self.json);
    }

    pub(super) fn push_value(&mut self, value: &Value<'_>) {
        self.push(&Datum::owned(value));
    }

    fn comma(&mut self) {
        if self.json.len() > 1 {
            self.json.push(b',');
        }
    }

    fn member(&mut self, key: &str, datum: &Datum<'_>) {
        self.comma();
        write::text(key, &mut self.json);
        self.json.push(b':');
        datum.write_json(&mut self.json);
    }

    pub(super) fn finish<'a>(mut self) -> Outcome<'a> {
        let end = if self.json.first() == Some(&b'{') { b'}' } else { b']' };
        self.json.push(end);
        Outcome::Value(Datum::Made(self.json.into()))
    }
}

/// The elements of a list, until `visit` says true; nothing if it is no list.
pub(super) fn elements(list: &Datum<'_>, visit: &mut dyn FnMut(&Datum<'_>) -> bool) -> Option<()> {
    match list {
        Datum::List(parts) => {
            let _ = parts.iter().any(|part| visit(&Datum::Text(Cow::Borrowed(part))));
        }
        other => match other.json()? {
            array @ Value::Array(_) => {
                array.elements(&mut |element| visit(&Datum::owned(&element)))
            }
            _ => return None,
        },
    }
    Some(())
}

fn array<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let mut list = Builder::list(arguments);
    for place in 0..arguments.len() {
        if !list.is_full() {
            list.push(arguments.get(place));
        }
    }
    list.finish()
}

/// A map of keys and values in turn; of equal keys the last counts.
fn dict<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let mut map = Builder { json: vec![b'{'], room: arguments.left() };
    let key = |place: usize| arguments.get(place).as_text();
    for place in (0..arguments.len()).step_by(2) {
        let Some(name) = key(place) else { return Outcome::Value(Datum::Null) };
        let again =
            (place + 2..arguments.len()).step_by(2).any(|later| key(later) == Some(name.clone()));
        if !again && !map.is_full() {
            map.member(&name, arguments.get(place + 1));
        }
    }
    map.finish()
}

/// A list whose elements are no lists.
fn flatten<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let Some(array @ Value::Array(_)) = arguments.get(0).json() else {
        return Outcome::Argument(0);
    };
    let mut list = Builder::list(arguments);
    array.any_element(&mut |element| {
        list.push_value(element);
        list.is_full()
    });
    list.finish()
}

/// The elements from one place to before another; negative places count from the end.
fn subarray<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let whole = |place: usize| match Number::of(arguments.get(place)) {
        Some(Number::Long(number)) => Some(number),
        _ => None,
    };
    let mut length = 0_i64;
    let counted = elements(arguments.get(0), &mut |_| {
        length += 1;
        false
    });
    let (Some(()), Some(begin)) = (counted, whole(1)) else { return Outcome::Value(Datum::Null) };
    let end = match (arguments.len(), whole(2)) {
        (2, _) => length,
        (_, Some(end)) => end,
        _ => return Outcome::Value(Datum::Null),
    };
    let from_end = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
    let (begin, end) = (from_end(begin), from_end(end).min(length));
    if begin < 0 || begin >= length || end < begin {
        return Outcome::Value(Datum::Null);
    }
    let (mut list, mut at) = (Builder::list(arguments), 0);
    elements(arguments.get(0), &mut |element| {
        if at >= begin && at < end {
            list.push(element);
        }
        at += 1;
        at >= end || list.is_full()
    });
    list.finish()
}

/// The sum of a list's numbers; whatever else is in it counts for nothing.
fn sumarray<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let mut sum = Number::Long(0);
    let summed = elements(arguments.get(0), &mut |element| {
        if let Some(number) = Number::of(element) {
            sum = match (sum, number) {
                (Number::Long(sum), Number::Long(number)) => Number::Long(sum.wrapping_add(number)),
                (sum, number) => Number::Double(sum.double() + number.double()),
            };
        }
        false
    });
    Outcome::Value(summed.map_or(Datum::Null, |()| sum.into()))
}

/// Each element once, in the order of their first appearance.
fn unique<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let value = arguments.get(0);
    if value.is_null() {
        return Outcome::Value(Datum::Null);
    }
    let (mut list, mut seen) = (Builder::list(arguments), BTreeSet::new());
    let mut add = |element: &Datum<'_>| {
        let mut json = Vec::new();
        element.write_json(&mut json);
        if seen.insert(json) {
            list.push(element);
        }
        list.is_full()
    };
    if elements(value, &mut add).is_none() {
        add(value);
    }
    list.finish()
}
