//! Queries as trees, how they are written, and what they mean, as simply as possible: over a JSON
//! tree, by recursion.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

/// A query that can be written and judged.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    /// A field and a list of values, or one alone.
    Is(&'static str, Values),
    Exists(&'static str),
    /// Field, sign, number.
    Range(&'static str, &'static str, i64),
    /// The field's objects, of which one satisfies the rest.
    Object(&'static str, Box<Tree>),
}

/// Values of a list, joined and negated.
#[derive(Debug, Clone)]
pub(super) enum Values {
    One(&'static str),
    All(Vec<Values>),
    Any(Vec<Values>),
    Not(Box<Values>),
}

const FIELDS: [&str; 5] = ["a", "b", "c.d", "c.e", "n"];

/// Values as they are written; stars outside quotes are wildcards.
const VALUES: [&str; 14] = [
    "x", "y", "xy", "\"x\"", "\"x*\"", "x*", "*y", "*", "1", "1.0", "2", "true", "\"true\"", "x y",
];

pub(super) fn query() -> impl Strategy<Value = Tree> {
    let field = || proptest::sample::select(&FIELDS[..]);
    let sign = proptest::sample::select(&["<", "<=", ">", ">="][..]);
    let leaf = prop_oneof![
        6 => (field(), values()).prop_map(|(field, values)| Tree::Is(field, values)),
        1 => field().prop_map(Tree::Exists),
        1 => (field(), sign, 0..3i64).prop_map(|(field, sign, n)| Tree::Range(field, sign, n)),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..10).prop_map(Tree::Any),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            (field(), inner).prop_map(|(field, tree)| Tree::Object(field, Box::new(tree))),
        ]
    })
    .prop_filter("objects lie at most four deep in each other", |tree| tree.objects() <= 4)
}

fn values() -> impl Strategy<Value = Values> {
    let leaf = proptest::sample::select(&VALUES[..]).prop_map(Values::One);
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..6).prop_map(Values::Any),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Values::All),
            inner.prop_map(|values| Values::Not(Box::new(values))),
        ]
    })
}

/// Records with the fields in nested, dotted and array spellings.
pub(super) fn record() -> impl Strategy<Value = Json> {
    let scalar = proptest::sample::select(vec![
        json!("x"),
        json!("xy"),
        json!("x y"),
        json!("1"),
        json!("true"),
        json!(""),
        json!("x*"),
        json!(1),
        json!(2.0),
        json!(true),
        json!(null),
    ]);
    let keys = proptest::sample::select(&["a", "b", "c", "d", "e", "n", "c.d"][..]);
    let value = scalar.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::Array),
            proptest::collection::vec((keys.clone(), inner), 0..4).prop_map(object),
        ]
    });
    let keys = proptest::sample::select(&["a", "b", "c", "c.d", "n"][..]);
    proptest::collection::vec((keys, value), 0..6).prop_map(object)
}

fn object(members: Vec<(&'static str, Json)>) -> Json {
    Json::Object(
        members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>(),
    )
}

impl Tree {
    fn objects(&self) -> usize {
        match self {
            Tree::All(trees) | Tree::Any(trees) => {
                trees.iter().map(Tree::objects).max().unwrap_or(0)
            }
            Tree::Not(tree) => tree.objects(),
            Tree::Object(_, tree) => 1 + tree.objects(),
            Tree::Is(..) | Tree::Exists(_) | Tree::Range(..) => 0,
        }
    }

    /// The query as KQL.
    pub(super) fn text(&self) -> String {
        match self {
            Tree::Any(trees) => joined(trees, Tree::text, " or "),
            Tree::All(trees) => joined(trees, Tree::text, " and "),
            Tree::Not(tree) => format!("not ({})", tree.text()),
            Tree::Is(field, Values::One(value)) => format!("{field}:{value}"),
            Tree::Is(field, values) => format!("{field} : ({})", values.text()),
            Tree::Exists(field) => format!("{field}:*"),
            Tree::Range(field, sign, number) => format!("{field} {sign} {number}"),
            Tree::Object(field, tree) => format!("{field}:{{ {} }}", tree.text()),
        }
    }

    /// Whether a record, or an object in one, satisfies the query.
    pub(super) fn holds(&self, record: &Json) -> bool {
        match self {
            Tree::Any(trees) => trees.iter().any(|tree| tree.holds(record)),
            Tree::All(trees) => trees.iter().all(|tree| tree.holds(record)),
            Tree::Not(tree) => !tree.holds(record),
            Tree::Is(field, values) => values.hold(&found(record, field)),
            Tree::Exists(field) => found(record, field).iter().any(|value| exists(value)),
            Tree::Range(field, sign, number) => found(record, field).iter().any(|value| {
                let ordering = match value {
                    Json::Number(value) => {
                        value.as_f64().unwrap().partial_cmp(&(*number as f64)).unwrap()
                    }
                    value => match shown(value) {
                        Some(text) => text.cmp(&number.to_string()),
                        None => return false,
                    },
                };
                match *sign {
                    "<" => ordering.is_lt(),
                    "<=" => ordering.is_le(),
                    ">" => ordering.is_gt(),
                    _ => ordering.is_ge(),
                }
            }),
            Tree::Object(field, tree) => {
                found(record, field).iter().any(|value| value.is_object() && tree.holds(value))
            }
        }
    }
}

impl Values {
    fn text(&self) -> String {
        match self {
            Values::One(value) => (*value).to_owned(),
            Values::Any(values) => joined(values, Values::text, " or "),
            Values::All(values) => joined(values, Values::text, " and "),
            Values::Not(values) => format!("not ({})", values.text()),
        }
    }

    fn hold(&self, found: &[&Json]) -> bool {
        match self {
            Values::One("*") => found.iter().any(|value| exists(value)),
            Values::One(wanted) => found.iter().any(|value| equals(value, wanted)),
            Values::Any(values) => values.iter().any(|values| values.hold(found)),
            Values::All(values) => values.iter().all(|values| values.hold(found)),
            Values::Not(values) => !values.hold(found),
        }
    }
}

/// Operands in parentheses, joined.
fn joined<T>(operands: &[T], text: impl Fn(&T) -> String, by: &str) -> String {
    operands.iter().map(|operand| format!("({})", text(operand))).collect::<Vec<_>>().join(by)
}

/// All values at a path, arrays taken apart, null left out.
fn found<'j>(json: &'j Json, path: &str) -> Vec<&'j Json> {
    match json {
        Json::Array(elements) => elements.iter().flat_map(|element| found(element, path)).collect(),
        Json::Null => Vec::new(),
        json if path.is_empty() => vec![json],
        Json::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match path.strip_prefix(key.as_str()) {
                Some("") => found(value, ""),
                Some(rest) if rest.starts_with('.') => found(value, &rest[1..]),
                _ => Vec::new(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn exists(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Array(elements) => elements.iter().any(exists),
        Json::Object(members) => members.values().any(exists),
        _ => true,
    }
}

fn shown(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn equals(value: &Json, wanted: &str) -> bool {
    let Some(text) = shown(value) else { return false };
    if let Some(quoted) = wanted.strip_prefix('"') {
        return text == quoted.trim_end_matches('"');
    }
    if let (Json::Number(value), Ok(wanted)) = (value, wanted.parse::<f64>()) {
        return value.as_f64() == Some(wanted);
    }
    fits(wanted.as_bytes(), text.as_bytes())
}

/// Whether a text fits a pattern with stars.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| fits(rest, &text[skipped..])),
        Some((first, rest)) => {
            text.split_first().is_some_and(|(c, text)| c == first && fits(rest, text))
        }
    }
}
