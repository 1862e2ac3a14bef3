//! In: a piece of the record. Out: the same as JSON in which no key stands twice.
//!
//! A record may hold a key twice in one object; a store that takes alerts refuses such JSON, and an attacker who
//! writes the record could keep an alert out of the store that way. Nothing here recurses or grows
//! beyond what the bounds below allow.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::event::Value;
use crate::event::capture::Duplicates;
use crate::event::cleaning::says_nothing;
use crate::event::parts::Parts;
use crate::record::write;

/// The largest piece, in bytes: four times what log sources allow an event.
pub(super) const BYTES: usize = 1 << 20;

/// How many containers may be nested. Elasticsearch's own bound for mapped objects is 20.
pub(super) const DEPTH: usize = 100;

/// Members that are compared with each other; more are looked up.
const FEW: usize = 16;

/// The piece is too large, too deep, or there is no memory for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// How to copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct DedupKeys {
    /// Which of equal keys counts.
    pub(super) duplicates: Duplicates,
    /// Whether values that say nothing are left out, and containers that then are empty.
    pub(super) cleans: bool,
}

/// A member of an object, or an element of an array.
pub(super) struct Child<'a> {
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) value: Value<'a>,
    /// False if another member of the same key counts.
    live: bool,
}

/// A container on the way.
struct Level<'a> {
    children: std::vec::IntoIter<Child<'a>>,
    close: u8,
    /// The output's length before the container, its key, and the comma before that.
    begin: usize,
    empty: bool,
}

impl DedupKeys {
    /// Appends a value. False if it says nothing and therefore is left out.
    pub(super) fn copy(self, value: &Value<'_>, out: &mut Vec<u8>) -> Result<bool, Unfit> {
        let begin = out.len();
        let mut levels = Vec::new();
        if !self.enter(value, begin, &mut levels, out)? {
            return Ok(self.scalar(value, out));
        }
        while let Some(level) = levels.last_mut() {
            let Some(child) = level.children.next() else {
                self.leave(&mut levels, out);
                continue;
            };
            let begin = out.len();
            if !level.empty {
                out.push(b',');
            }
            if let Some(key) = &child.key {
                write::text(key, out);
                out.push(b':');
            }
            if self.enter(&child.value, begin, &mut levels, out)? {
                continue;
            }
            if !self.scalar(&child.value, out) {
                out.truncate(begin);
            } else if let Some(level) = levels.last_mut() {
                level.empty = false;
            }
        }
        Ok(out.len() > begin)
    }

    /// The members or elements of a container that count, in their order.
    pub(super) fn children<'a>(self, value: &Value<'a>) -> Result<Vec<Child<'a>>, Unfit> {
        let (Value::Object(bytes) | Value::Array(bytes)) = value else { return Ok(Vec::new()) };
        if bytes.len() > BYTES {
            return Err(Unfit);
        }
        let mut children = read(value)?;
        let dead = match value {
            Value::Array(_) => return Ok(children),
            _ if children.len() <= FEW => self.dead_of_few(&children),
            _ => self.dead_of_many(&children)?,
        };
        for place in dead {
            if let Some(child) = children.get_mut(place) {
                child.live = false;
            }
        }
        children.retain(|child| child.live);
        Ok(children)
    }

    /// Which of a few members don't count: each is compared with those before it.
    fn dead_of_few(self, children: &[Child<'_>]) -> Vec<usize> {
        let mut dead = Vec::new();
        for (place, child) in children.iter().enumerate() {
            let before = children.get(..place).unwrap_or_default();
            match before.iter().rposition(|former| former.key == child.key) {
                None => {}
                Some(_) if self.duplicates == Duplicates::First => dead.push(place),
                Some(former) => dead.push(former),
            }
        }
        dead
    }

    /// Which of many members don't count.
    fn dead_of_many(self, children: &[Child<'_>]) -> Result<Vec<usize>, Unfit> {
        let mut known: HashMap<&str, usize> = HashMap::new();
        known.try_reserve(children.len()).map_err(|_| Unfit)?;
        let mut dead = Vec::new();
        for (place, child) in children.iter().enumerate() {
            let Some(key) = &child.key else { continue };
            match known.get_mut(&**key) {
                None => {
                    known.insert(key, place);
                }
                Some(_) if self.duplicates == Duplicates::First => dead.push(place),
                Some(former) => dead.push(std::mem::replace(former, place)),
            }
        }
        Ok(dead)
    }

    /// Begins a container; false if the value is none.
    fn enter<'a>(
        self,
        value: &Value<'a>,
        begin: usize,
        levels: &mut Vec<Level<'a>>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Unfit> {
        let (open, close) = match value {
            Value::Object(_) => (b'{', b'}'),
            Value::Array(_) => (b'[', b']'),
            _ => return Ok(false),
        };
        if levels.len() == DEPTH {
            return Err(Unfit);
        }
        let children = self.children(value)?.into_iter();
        out.push(open);
        levels.push(Level { children, close, begin, empty: true });
        Ok(true)
    }

    /// Ends the innermost container.
    fn leave(self, levels: &mut Vec<Level<'_>>, out: &mut Vec<u8>) {
        let Some(level) = levels.pop() else { return };
        if level.empty && self.cleans {
            out.truncate(level.begin);
            return;
        }
        out.push(level.close);
        if let Some(outer) = levels.last_mut() {
            outer.empty = false;
        }
    }

    fn scalar(self, value: &Value<'_>, out: &mut Vec<u8>) -> bool {
        if self.cleans && says_nothing(value) {
            return false;
        }
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Value::Number(number) => out.extend_from_slice(number.as_bytes()),
            Value::Text(text) => write::text(&text.decode(), out),
            Value::Computed(text) => write::text(text, out),
            // The caller has taken them apart.
            Value::Object(_) | Value::Array(_) => return false,
        }
        true
    }
}

/// All members or elements of a container.
fn read<'a>(container: &Value<'a>) -> Result<Vec<Child<'a>>, Unfit> {
    let (Value::Object(bytes) | Value::Array(bytes)) = container else { return Ok(Vec::new()) };
    let mut children: Vec<Child<'_>> = Vec::new();
    let mut parts = Parts::of(bytes);
    loop {
        let key = match container {
            Value::Object(_) => parts.key().map(|key| key.decode()),
            _ => None,
        };
        let Some(value) = parts.value() else { return Ok(children) };
        children.try_reserve(1).map_err(|_| Unfit)?;
        children.push(Child { key, value, live: true });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str, duplicates: Duplicates, cleans: bool) -> String {
        let mut out = Vec::new();
        let value = Value::exact(text.as_bytes()).unwrap();
        let kept = DedupKeys { duplicates, cleans }.copy(&value, &mut out).unwrap();
        assert_eq!(kept, !out.is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_key_stands_once() {
        let text = r#"{"a":{"x":1,"y":2,"x":3},"b":[{"c":1,"\u0063":2},[]],"a":4,"d":null}"#;
        let last = r#"{"b":[{"c":2},[]],"a":4,"d":null}"#;
        assert_eq!(copied(text, Duplicates::Last, false), last);
        let first = r#"{"a":{"x":1,"y":2},"b":[{"c":1},[]],"d":null}"#;
        assert_eq!(copied(text, Duplicates::First, false), first);
    }

    #[test]
    fn a_key_stands_once_among_few_and_many() {
        for others in [0, FEW - 3, FEW - 2, 3 * FEW] {
            let more: String = (0..others).map(|n| format!(r#","k{n}":{n}"#)).collect();
            let text = format!(r#"{{"a":1,"\u0061":2{more},"a":3}}"#);
            let first = format!(r#"{{"a":1{more}}}"#);
            assert_eq!(copied(&text, Duplicates::First, false), first);
            let last = format!("{{{}}}", format!(r#"{more},"a":3"#).trim_start_matches(','));
            assert_eq!(copied(&text, Duplicates::Last, false), last);
        }
    }

    #[test]
    fn cleaning_leaves_out_what_says_nothing() {
        let text = r#"{"a":null,"b":{"c":["",{"d":"-"}]},"e":["none",0,{"f":false}],"g":"x"}"#;
        assert_eq!(copied(text, Duplicates::Last, true), r#"{"e":[0,{"f":false}],"g":"x"}"#);
        assert_eq!(copied(r#"{"a":{"b":[{}]}}"#, Duplicates::Last, true), "");
    }

    #[test]
    fn too_deep_and_too_large_are_said() {
        let dedup = DedupKeys { duplicates: Duplicates::Last, cleans: false };
        for (depth, fits) in [(DEPTH, true), (DEPTH + 1, false), (20_000, false)] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            let value = Value::exact(text.as_bytes()).unwrap();
            assert_eq!(dedup.copy(&value, &mut Vec::new()).is_ok(), fits, "{depth}");
        }
        let large = format!("[\"{}\"]", "x".repeat(BYTES));
        let value = Value::exact(large.as_bytes()).unwrap();
        assert_eq!(dedup.copy(&value, &mut Vec::new()), Err(Unfit));
    }
}
