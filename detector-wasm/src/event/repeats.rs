//! In: an object or array. Out: which of its keys, at any depth, stand twice in their object, and which
//! of the equal ones counts.

use super::capture::Duplicates;
use super::value::Value;
use crate::record::json::{Container, Reader, Token};
use crate::sort;

/// The keys that have an equal in their object, by their offset in the value.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    sorted: Vec<Repeat>,
}

/// A key that has an equal in its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repeat {
    at: usize,
    /// Where the first of the equal keys stands.
    pub(crate) first: usize,
    /// Whether this one's value is the one that counts.
    pub(crate) counts: bool,
}

impl Repeats {
    /// All keys in the container that stand twice.
    pub(crate) fn find(bytes: &[u8], reading: Duplicates) -> Repeats {
        let mut repeats = Repeats::default();
        let mut reader = Reader::new(bytes, 0);
        // The open objects' keys by their offset, and where each object's keys begin in the list.
        let mut keys: Vec<usize> = Vec::new();
        let mut objects: Vec<usize> = Vec::new();
        while let Ok(Some(token)) = reader.next() {
            match token {
                Token::Key(_) => keys.push(reader.token_start()),
                Token::Open(Container::Object) => objects.push(keys.len()),
                Token::Close(Container::Object) => {
                    let from = objects.pop().unwrap_or_default();
                    repeats.compare(bytes, keys.get(from..).unwrap_or_default(), reading);
                    keys.truncate(from);
                }
                Token::Open(Container::Array) | Token::Close(_) | Token::Scalar(_) => {}
            }
        }
        sort::sort_by_key(&mut repeats.sorted, |repeat| repeat.at);
        repeats
    }

    /// Whether any value of the container that holds no others, and that counts, satisfies `test`.
    pub(crate) fn any_leaf<'a>(
        &self,
        bytes: &'a [u8],
        test: &mut dyn FnMut(&Value<'a>) -> bool,
    ) -> bool {
        let mut reader = Reader::new(bytes, 0);
        while let Ok(Some(token)) = reader.next() {
            match token {
                Token::Scalar(scalar) if test(&Value::scalar(scalar)) => return true,
                Token::Key(_) if self.supersedes(reader.token_start()) => skip_value(&mut reader),
                _ => {}
            }
        }
        false
    }

    /// Whether the value of a key doesn't count.
    pub(crate) fn supersedes(&self, key: usize) -> bool {
        self.at(key).is_some_and(|repeat| !repeat.counts)
    }

    /// What is to say of the key at an offset, if it has an equal.
    pub(crate) fn at(&self, key: usize) -> Option<&Repeat> {
        let place = self.sorted.binary_search_by_key(&key, |repeat| repeat.at).ok()?;
        self.sorted.get(place)
    }

    /// Adds those keys of one object that have an equal.
    fn compare(&mut self, bytes: &[u8], keys: &[usize], reading: Duplicates) {
        if keys.len() < 2 {
            return;
        }
        let mut named: Vec<_> = keys.iter().map(|at| (name(bytes, *at), *at)).collect();
        sort::sort(&mut named);
        for equal in named.chunk_by(|(one, _), (other, _)| one == other) {
            let ([(_, first), .., (_, last)], true) = (equal, equal.len() > 1) else { continue };
            let chosen = if reading == Duplicates::First { *first } else { *last };
            let all = equal.iter().map(|(_, at)| *at);
            let repeat = |at| Repeat { at, first: *first, counts: at == chosen };
            self.sorted.extend(all.map(repeat));
        }
    }
}

/// Passes over the value that the reader stands before.
pub(crate) fn skip_value(reader: &mut Reader<'_>) {
    if let Ok(Some(Token::Open(_))) = reader.next() {
        // The text was read before; a fault would show at the next token.
        let _ = reader.skip_container();
    }
}

/// The key at an offset.
fn name(bytes: &[u8], at: usize) -> std::borrow::Cow<'_, str> {
    match Reader::new(bytes, at).next() {
        Ok(Some(Token::Scalar(crate::record::json::Scalar::Text(text)))) => text.decode(),
        _ => std::borrow::Cow::Borrowed(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, reading: Duplicates) -> Vec<(usize, usize, bool)> {
        let repeats = Repeats::find(text.as_bytes(), reading);
        repeats.sorted.iter().map(|one| (one.at, one.first, one.counts)).collect()
    }

    #[test]
    fn equal_keys_of_one_object_are_found_at_any_depth() {
        let text = r#"[{"a":1,"b":{"c":1,"\u0063":2},"a":2}]"#;
        let last = [(2, 2, false), (13, 13, false), (19, 13, true), (31, 2, true)];
        assert_eq!(found(text, Duplicates::Last), last);
        let first = [(2, 2, true), (13, 13, true), (19, 13, false), (31, 2, false)];
        assert_eq!(found(text, Duplicates::First), first);
    }

    #[test]
    fn equal_keys_of_different_objects_are_not() {
        assert!(found(r#"{"a":{"a":[{"a":1},{"a":2}]},"b":{"a":1}}"#, Duplicates::Last).is_empty());
    }

    #[test]
    fn of_equal_keys_one_counts() {
        let text = br#"{"a":{"b":1},"c":2,"a":[3],"c":{"d":4}}"#;
        let leaves = |reading| {
            let mut found = Vec::new();
            Repeats::find(text, reading).any_leaf(text, &mut |leaf| {
                found.extend(leaf.text());
                false
            });
            found
        };
        assert_eq!(leaves(Duplicates::First), ["1", "2"]);
        assert_eq!(leaves(Duplicates::Last), ["3", "4"]);
    }
}
