//! What the commands of a query do that make fields of a value: `rex`, `parse` and its kin. Each makes a map, or
//! null where it leaves a record as it is; `LAID_OVER` and `REPLACED` are what a name means beside it.

use super::read_json::{self, Options, Reading};
use super::read_xml;
use crate::event::{Value, time};
use crate::query::expression::datum::Datum;
use crate::query::expression::evaluate::Arguments;
use crate::query::expression::function::{Function, Outcome, Prepared};
use crate::query::expression::shown;
use crate::record::write;

/// A field of the map, given first, or what the name, given third, meant before, given second.
pub(crate) static LAID_OVER: Function = Function::new("field", 3, 3, |a| covered(a, true, false));
pub(crate) static LAID_OVER_OR_LIST: Function =
    Function::new("field", 3, 3, |a| covered(a, true, true));

/// A field of the map; what the name meant before only if there is no map.
pub(crate) static REPLACED: Function = Function::new("field", 3, 3, |a| covered(a, false, false));
pub(crate) static REPLACED_OR_LIST: Function =
    Function::new("field", 3, 3, |a| covered(a, false, true));

/// A record's text as the date that it says.
pub(crate) static MOMENT: Function =
    Function::new("date", 1, 1, |arguments| match arguments.get(0) {
        Datum::Text(text) => match time::milliseconds(text.trim()) {
            Some(time) => Outcome::Value(Datum::Date(time)),
            None => Outcome::Argument(0),
        },
        _ => Outcome::Argument(0),
    });

pub(crate) static REX: Function = Function::new("rex", 1, 1, rex);
pub(crate) static PARSE: Function = Function::new("parse", 1, 1, parse);
pub(crate) static PARSE_JSON: Function = Function::new("parsejson", 1, 1, parse_json);
pub(crate) static PARSE_KV: Function = Function::new("parsekv", 1, 1, parse_kv);
pub(crate) static PARSE_CSV: Function = Function::new("parsecsv", 1, 1, parse_csv);
pub(crate) static PARSE_XML: Function = Function::new("parsexml", 1, 1, |arguments| {
    let map = arguments.get(0).as_text().and_then(|text| read_xml::fields(&text, arguments.left()));
    Outcome::Value(map.map_or(Datum::Null, |json| Datum::Made(json.into())))
});

/// A line without its letters, digits and what stands in quotes.
pub(crate) static SIGNATURE: Function = Function::new("signature", 1, 1, |arguments| {
    let Some(text) = arguments.get(0).as_text() else { return Outcome::Value(Datum::Null) };
    let mut quoted = false;
    let kept = text.chars().filter(|letter| {
        let is_quote = *letter == '"';
        quoted ^= is_quote;
        // Of a text in quotes the opening one is left.
        if is_quote { quoted } else { !quoted && !letter.is_alphanumeric() }
    });
    Outcome::Value(Datum::text(kept.collect::<String>()))
});

/// Names and values in turn, as a text of JSON.
pub(crate) static TO_JSON: Function = Function::new("tojson", 0, usize::MAX, |arguments| {
    let mut json = vec![b'{'];
    for place in (0..arguments.len()).step_by(2) {
        if json.len() > 1 {
            json.push(b',');
        }
        write::text(&arguments.get(place).as_text().unwrap_or_default(), &mut json);
        json.push(b':');
        let value = arguments.get(place + 1);
        match value.json().and_then(|value| shown::text(&value).map(|text| text.into_owned())) {
            // Without blanks, whatever the record has.
            Some(text) => json.extend_from_slice(text.as_bytes()),
            None => value.write_json(&mut json),
        }
    }
    json.push(b'}');
    Outcome::Value(Datum::text(String::from_utf8_lossy(&json)))
});

fn covered<'a>(arguments: &Arguments<'_, 'a>, overlay: bool, list: bool) -> Outcome<'a> {
    let (map, Datum::Text(name)) = (arguments.get(0), arguments.get(2)) else {
        return Outcome::Argument(1);
    };
    match (map, map.json()) {
        (_, Some(Value::Array(_))) if list => Outcome::Argument(0),
        (Datum::Json(object @ Value::Object(_)), _) => {
            match object.member_in(name, arguments.reading) {
                Some(value) => Outcome::Value(Datum::of(value)),
                None if overlay => Outcome::Argument(1),
                None => Outcome::Value(Datum::Null),
            }
        }
        (_, Some(object @ Value::Object(_))) => match object.member(name) {
            Some(value) => Outcome::Value(Datum::owned(&value)),
            None if overlay => Outcome::Argument(1),
            None => Outcome::Value(Datum::Null),
        },
        _ => Outcome::Argument(1),
    }
}

/// A map of texts in the making.
pub(super) struct Map {
    json: Vec<u8>,
    room: usize,
}

impl Map {
    pub(super) fn new(room: usize) -> Map {
        Map { json: vec![b'{'], room }
    }

    pub(super) fn add(&mut self, name: &str, value: Option<&str>) {
        if self.json.len() >= self.room {
            return;
        }
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        write::text(name, &mut self.json);
        self.json.push(b':');
        match value {
            Some(text) => write::text(text, &mut self.json),
            None => self.json.extend_from_slice(b"null"),
        }
    }

    fn finish<'a>(mut self) -> Outcome<'a> {
        self.json.push(b'}');
        Outcome::Value(Datum::Made(self.json.into()))
    }
}

/// The named groups of a regular expression's first match.
fn rex<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Prepared::Regex(regex), Some(text)) = (arguments.prepared(), arguments.get(0).as_text())
    else {
        return Outcome::Value(Datum::Null);
    };
    let Some(captures) = regex.engine().captures(&text) else { return Outcome::Value(Datum::Null) };
    let mut map = Map::new(arguments.left());
    for name in regex.engine().capture_names().flatten() {
        if let Some(group) = captures.name(name) {
            map.add(name, Some(group.as_str()));
        }
    }
    map.finish()
}

/// A rule of `parse`: what stands before a value, and the first character of what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) start: String,
    /// Nothing if the value runs to the end of the line.
    pub(crate) stop: Option<char>,
    pub(crate) name: String,
}

fn parse<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Some(cuts), Some(text)) = (arguments.own::<Vec<Cut>>(), arguments.get(0).as_text()) else {
        return Outcome::Value(Datum::Null);
    };
    let mut found: Vec<(&str, &str)> = Vec::new();
    // Where each rule's value would end that begins at the last place that was asked for.
    let mut ends: Vec<Option<usize>> = vec![None; cuts.len()];
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = rest.chars().next().map_or(1, char::len_utf8);
        let mut next = at + step;
        for (cut, known) in cuts.iter().zip(&mut ends) {
            if !rest.starts_with(&cut.start) {
                continue;
            }
            let from = at + cut.start.len();
            let end = match known {
                Some(end) if *end >= from => *end,
                _ => end_of(&text, from, cut.stop),
            };
            *known = Some(end);
            let stops = text.get(end..).and_then(|rest| rest.chars().next());
            let whole = if cut.stop.is_some() { stops == cut.stop } else { true };
            if let (true, Some(value)) = (whole, text.get(from..end)) {
                found.retain(|(name, _)| *name != cut.name);
                found.push((&cut.name, value));
                // The search goes on where the value ended.
                next = end.max(at + step);
                break;
            }
        }
        at = next;
    }
    let mut map = Map::new(arguments.left());
    for (name, value) in found {
        map.add(name, Some(value));
    }
    map.finish()
}

/// Where a value ends: at the sign, or at the end of its line.
fn end_of(text: &str, from: usize, stop: Option<char>) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let ends = |letter: char| letter == '\n' || Some(letter) == stop;
    rest.find(ends).map_or(text.len(), |end| from + end)
}

fn parse_json<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Some(options), Some(text)) = (arguments.own::<Options>(), arguments.get(0).as_text())
    else {
        return Outcome::Value(Datum::Null);
    };
    Outcome::Value(match read_json::read(&text, *options, arguments.left()) {
        Reading::Value(json) => Datum::Made(json.into()),
        Reading::Torn => Datum::Made(b"{}".as_slice().into()),
        Reading::Broken => Datum::Null,
    })
}

/// What stands between pairs, and between a key and its value.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) between: String,
    pub(crate) inside: String,
}

/// Signs between pairs, and between a key and its value.
fn parse_kv<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Some(Pair { between, inside }), Some(text)) =
        (arguments.own(), arguments.get(0).as_text())
    else {
        return Outcome::Value(Datum::Null);
    };
    let mut map = Map::new(arguments.left());
    for pair in text.split(between.as_str()).map(str::trim).filter(|pair| !pair.is_empty()) {
        match pair.split_once(inside.as_str()) {
            Some((key, value)) => map.add(key.trim(), Some(value.trim())),
            None => map.add(pair, None),
        }
    }
    map.finish()
}

/// How `parsecsv` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) names: Vec<String>,
    pub(crate) separator: char,
    /// A doubled quote stands for one, as RFC 4180 has it; else a backslash takes the next character.
    pub(crate) strict: bool,
}

fn parse_csv<'a>(arguments: &Arguments<'_, 'a>) -> Outcome<'a> {
    let (Some(columns), Some(text)) = (arguments.own::<Columns>(), arguments.get(0).as_text())
    else {
        return Outcome::Value(Datum::Null);
    };
    let Some(values) = columns.split(&text, arguments.parts()) else {
        return Outcome::Value(Datum::Null);
    };
    let mut map = Map::new(arguments.left());
    for (place, value) in values.iter().enumerate() {
        match columns.names.get(place) {
            Some(name) => map.add(name, Some(value)),
            None => map.add(&format!("column{place}"), Some(value)),
        }
    }
    map.finish()
}

impl Columns {
    /// A line's values; nothing if a quote is never closed.
    fn split(&self, text: &str, most: usize) -> Option<Vec<String>> {
        let mut values = Vec::new();
        let mut rest = text;
        loop {
            let value;
            if let Some(quoted) = rest.strip_prefix('"') {
                (value, rest) = self.quoted(quoted)?;
            } else {
                let end = rest.find(self.separator).unwrap_or(rest.len());
                let (plain, after) = rest.split_at_checked(end)?;
                (value, rest) = (plain.to_owned(), after);
            }
            values.push(value);
            // What stands between a closing quote and the next column belongs to none.
            let Some(next) = rest.find(self.separator) else { return Some(values) };
            rest = rest.get(next + self.separator.len_utf8()..)?;
            if values.len() >= most {
                return Some(values);
            }
        }
    }

    fn quoted<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let mut value = String::new();
        let mut letters = text.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' if self.strict && text.get(at + 1..)?.starts_with('"') => {
                    letters.next();
                    value.push('"');
                }
                '"' => return Some((value, text.get(at + 1..)?)),
                '\\' if !self.strict => value.push(letters.next()?.1),
                other => value.push(other),
            }
        }
        None
    }
}
