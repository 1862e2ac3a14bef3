//! In: an object or array as bytes. Out: what is kept of it, in Java's order, then as text.

use std::borrow::Cow;

use super::table::{Table, hash};
use super::{LONGEST, number, units};
use crate::event::capture::Duplicates;
use crate::event::cleaning::says_nothing;
use crate::event::repeats::{Repeats, skip_value};
use crate::event::value::Value;
use crate::record::json::{Container, Reader, Token};
use crate::sort;

/// A container deeper than this prints more brackets than the longest text has characters.
const DEEPEST: usize = LONGEST / 2 + 1;
/// No node.
const NONE: u32 = u32::MAX;

/// The value's text; nothing if nothing is kept, or if it is longer than can be searched. Where keys
/// stand twice, `reading` says whose value counts; it stands at the first one's place.
pub(super) fn print(value: &Value<'_>, reading: Option<Duplicates>) -> Option<String> {
    let (Value::Object(bytes) | Value::Array(bytes)) = value else {
        let text = scalar(value)?;
        return (units(&text) <= LONGEST).then(|| text.into_owned());
    };
    let repeats = reading.map_or_else(Repeats::default, |reading| Repeats::find(bytes, reading));
    let mut tree = Tree { nodes: Vec::new(), open: Vec::new(), units: 0 };
    tree.read(bytes, &repeats)?;
    (!tree.nodes.is_empty()).then(|| tree.write())
}

/// A scalar's text; nothing for null and containers.
fn scalar<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    match value {
        Value::Number(text) => Some(number::print(text)),
        other => other.text(),
    }
}

/// A value that is kept.
#[derive(Debug)]
struct Node<'a> {
    /// The key it stands under; nothing for elements.
    key: Option<Cow<'a, str>>,
    content: Content<'a>,
    /// The next value of the same container.
    next: u32,
}

#[derive(Debug)]
enum Content<'a> {
    Scalar(Cow<'a, str>),
    /// A container and its first value.
    Container(Container, u32),
}

/// A value of a container: its key's hash, or its key's bucket as soon as all keys are known, the key's
/// place in the text, and the node. Values of an object stand in this order.
type Kept = (u32, usize, u32);

/// A container on the way.
#[derive(Debug)]
struct Open<'a> {
    container: Container,
    /// The key that it stands under itself, and that key's place.
    key: Option<(Cow<'a, str>, usize)>,
    table: Table,
    /// Its kept values.
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    open: Vec<Open<'a>>,
    /// The length of all that is kept so far.
    units: usize,
}

impl<'a> Tree<'a> {
    /// Reads the container; nothing as soon as what is kept is too long. The root is the last node.
    fn read(&mut self, bytes: &'a [u8], repeats: &Repeats) -> Option<()> {
        let mut reader = Reader::new(bytes, 0);
        let mut key = None;
        while let Ok(Some(token)) = reader.next() {
            match token {
                Token::Key(name) => {
                    let at = reader.token_start();
                    let repeat = repeats.at(at);
                    let place = repeat.map_or(at, |repeat| repeat.first);
                    let name = name.decode();
                    if place == at {
                        self.open.last_mut()?.table.insert(hash(&name));
                    }
                    if repeat.is_some_and(|repeat| !repeat.counts) {
                        skip_value(&mut reader);
                    } else {
                        key = Some((name, place));
                    }
                }
                Token::Scalar(token) => {
                    let (key, value) = (key.take(), Value::scalar(token));
                    if !says_nothing(&value) {
                        let text = scalar(&value)?;
                        self.spend(units(&text))?;
                        self.keep(key, Content::Scalar(text))?;
                    }
                }
                Token::Open(container) if self.open.len() < DEEPEST => {
                    let (table, kept) = (Table::new(), Vec::new());
                    self.open.push(Open { container, key: key.take(), table, kept });
                }
                Token::Open(_) => {
                    key = None;
                    let from = reader.token_start();
                    reader.skip_container().ok()?;
                    let inner = bytes.get(from..reader.position()).and_then(Value::exact)?;
                    if !says_nothing(&inner) {
                        return None;
                    }
                }
                Token::Close(_) => self.close()?,
            }
        }
        Some(())
    }

    /// Closes the innermost container; without a kept value it is dropped itself.
    fn close(&mut self) -> Option<()> {
        let Open { container, key, table, mut kept } = self.open.pop()?;
        if kept.is_empty() {
            return Some(());
        }
        if container == Container::Object {
            kept.iter_mut().for_each(|(hash, ..)| *hash = table.bucket(*hash));
            sort::sort(&mut kept);
        }
        let mut first = NONE;
        for (.., node) in kept.iter().rev() {
            self.nodes.get_mut(*node as usize)?.next = first;
            first = *node;
        }
        // The brackets, and `, ` between the values.
        self.spend(2 * kept.len())?;
        self.keep(key, Content::Container(container, first))
    }

    /// Keeps a value in the innermost container.
    fn keep(&mut self, key: Option<(Cow<'a, str>, usize)>, content: Content<'a>) -> Option<()> {
        let (key, place) = match key {
            Some((key, place)) => {
                self.spend(units(&key) + 1)?;
                (Some(key), place)
            }
            None => (None, 0),
        };
        if let Some(open) = self.open.last_mut() {
            let hash = key.as_deref().map_or(0, hash);
            open.kept.push((hash, place, self.nodes.len() as u32));
        }
        self.nodes.push(Node { key, content, next: NONE });
        Some(())
    }

    /// Counts what will be printed; nothing as soon as that is too long.
    fn spend(&mut self, units: usize) -> Option<()> {
        self.units = self.units.saturating_add(units);
        (self.units <= LONGEST).then_some(())
    }

    /// The text of the last node.
    fn write(&self) -> String {
        let mut out = String::with_capacity(self.units);
        let mut at = self.nodes.len().wrapping_sub(1) as u32;
        // The containers whose values are being written, each with the value after it.
        let mut open: Vec<(Container, u32)> = Vec::new();
        while let Some(node) = self.nodes.get(at as usize) {
            if let Some(key) = &node.key {
                out.push_str(key);
                out.push('=');
            }
            match &node.content {
                Content::Container(container, first) => {
                    out.push(if *container == Container::Object { '{' } else { '[' });
                    open.push((*container, node.next));
                    at = *first;
                    continue;
                }
                Content::Scalar(text) => out.push_str(text),
            }
            at = node.next;
            while at == NONE
                && let Some((container, next)) = open.pop()
            {
                out.push(if container == Container::Object { '}' } else { ']' });
                at = next;
            }
            if at != NONE {
                out.push_str(", ");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Option<String> {
        print(&Value::exact(json.as_bytes()).unwrap(), None)
    }

    /// `{a=...}` takes four characters beside its value.
    #[test]
    fn the_longest_text_is_counted_in_utf16_units() {
        let object = |value: &str| format!(r#"{{"a":"{value}"}}"#);
        assert_eq!(text(&object(&"x".repeat(LONGEST - 4))).map(|text| text.len()), Some(LONGEST));
        assert_eq!(text(&object(&"x".repeat(LONGEST - 3))), None);
        let faces = (LONGEST - 4) / 2;
        assert!(text(&object(&"😀".repeat(faces))).is_some());
        assert_eq!(text(&object(&"😀".repeat(faces + 1))), None);
        assert!(text(&format!("\"{}\"", "x".repeat(LONGEST))).is_some());
        assert_eq!(text(&format!("\"{}\"", "x".repeat(LONGEST + 1))), None);
    }

    #[test]
    fn brackets_keys_and_separators_count() {
        for (open, value, close) in [("[", "1", "]"), (r#"{"a":"#, "1", "}")] {
            let nested = |depth: usize| open.repeat(depth) + value + &close.repeat(depth);
            let each = text(&nested(1)).unwrap().len() - 1;
            let deepest = (LONGEST - 1) / each;
            assert_eq!(text(&nested(deepest)).unwrap().len(), deepest * each + 1);
            assert_eq!(text(&nested(deepest + 1)), None);
        }
        // `[1, 1]`: three characters a value.
        let list = |values: usize| format!("[{}]", vec!["1"; values].join(","));
        assert_eq!(text(&list(2_730)).map(|text| text.len()), Some(8_190));
        assert_eq!(text(&list(2_731)), None);
    }

    #[test]
    fn what_is_dropped_has_no_length_however_much_it_is() {
        let empties = vec!["[[]]"; 5_000].join(",");
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(text(&format!("[{empties},1,{deep}]")).as_deref(), Some("[1]"));
        let nulls: String = (0..5_000).map(|key| format!(r#""{key}":null,"#)).collect();
        assert_eq!(text(&format!(r#"{{{nulls}"a":1}}"#)).as_deref(), Some("{a=1}"));
        let deep = "[".repeat(100_000) + "1" + &"]".repeat(100_000);
        assert_eq!(text(&deep), None);
    }

    #[test]
    fn of_equal_keys_one_counts_at_the_place_of_the_first() {
        // `Aa` and `BB` are in one bucket.
        let json = r#"[{"Aa":{"x":1},"BB":null,"A\u0061":2,"BB":3},"y"]"#;
        let value = Value::exact(json.as_bytes()).unwrap();
        let text = |reading| print(&value, Some(reading)).unwrap();
        assert_eq!(text(Duplicates::Last), "[{Aa=2, BB=3}, y]");
        assert_eq!(text(Duplicates::First), "[{Aa={x=1}}, y]");
        let json = br#"{"a":"","a":"x"}"#;
        assert_eq!(print(&Value::Object(json), Some(Duplicates::First)), None);
        let long = format!(r#"{{"a":"{}","a":"x"}}"#, "x".repeat(LONGEST));
        let value = Value::exact(long.as_bytes()).unwrap();
        assert_eq!(print(&value, Some(Duplicates::Last)).as_deref(), Some("{a=x}"));
        assert_eq!(print(&value, Some(Duplicates::First)), None);
    }
}
