//! In: a JSON value and a pattern of names. Out: whether a scalar below it, whose dotted path fits, passes.
//!
//! One pass, whatever the nesting: paths grow and shrink with the keys, and a pattern remembers how much
//! of a path it has seen, so that no key is compared twice. Of a record without equal keys nothing is
//! kept but its open containers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::capture::Duplicates;
use super::names::{NamePattern, Progress};
use super::value::Value;
use crate::record::json::{Container, JsonError, Reader, Scalar, Token};

/// How equal keys of an object are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// There are none, or all of them count.
    All,
    /// One of them counts.
    One(Duplicates),
}

/// Whether any scalar below a value, whose own name is `root`, satisfies `test`. `text` holds the value
/// from `at` on.
pub(crate) fn any_named<'a>(
    text: &'a [u8],
    at: usize,
    root: &str,
    pattern: &NamePattern,
    keys: Keys,
    test: &mut dyn FnMut(&Value<'a>) -> bool,
) -> bool {
    let mut walk = Walk {
        pattern,
        keys,
        path: root.to_owned(),
        progress: pattern.advance(root, Progress::default()),
        levels: Vec::new(),
        hits: Vec::new(),
    };
    // The value was read before, so it can't fail.
    walk.run(Reader::new(text, at), test).unwrap_or(false) || walk.hits.contains(&true)
}

/// Whether any object in the value that starts at `at` has the same key twice.
pub(crate) fn repeats_a_key(text: &[u8], at: usize) -> bool {
    let mut reader = Reader::new(text, at);
    let mut levels: Vec<KeySet<'_>> = Vec::new();
    while let Ok(Some(token)) = reader.next() {
        match token {
            Token::Key(key) => {
                let new = levels.last_mut().is_some_and(|keys| keys.insert(key.decode()));
                if !new {
                    return true;
                }
            }
            Token::Open(_) => levels.push(KeySet::default()),
            Token::Close(_) => {
                levels.pop();
            }
            Token::Scalar(_) => {}
        }
    }
    false
}

/// Whether a container holds a scalar that satisfies `test`, at any depth.
pub(crate) fn holds<'a>(bytes: &'a [u8], test: &mut dyn FnMut(&Value<'a>) -> bool) -> bool {
    let mut reader = Reader::new(bytes, 0);
    while let Ok(Some(token)) = reader.next() {
        if let Token::Scalar(scalar) = token
            && test(&Value::scalar(scalar))
        {
            return true;
        }
    }
    false
}

/// A key on its way to its value.
struct Entry<'a> {
    /// Its name, if the last of equal ones counts.
    name: Option<Cow<'a, str>>,
    /// The number of hits before it.
    from: usize,
    /// Whether it stood there before, or lies in what did.
    repeated: bool,
    progress: Progress,
}

/// An open container.
struct Level<'a> {
    container: Container,
    path: usize,
    repeated: bool,
    progress: Progress,
    entry: Option<Entry<'a>>,
    /// The object's keys so far, if the first of equal ones counts.
    seen: KeySet<'a>,
    /// Those that gave hits, if the last of equal ones counts.
    hits: BTreeMap<Cow<'a, str>, (usize, usize)>,
}

struct Walk<'p, 'a> {
    pattern: &'p NamePattern,
    keys: Keys,
    path: String,
    /// What holds of the outermost value.
    progress: Progress,
    levels: Vec<Level<'a>>,
    /// The scalars that passed, while they may yet be superseded: whether each still counts.
    hits: Vec<bool>,
}

impl<'a> Walk<'_, 'a> {
    /// Whether a scalar passes that counts for certain.
    fn run(
        &mut self,
        mut reader: Reader<'a>,
        test: &mut dyn FnMut(&Value<'a>) -> bool,
    ) -> Result<bool, JsonError> {
        let mut entry: Option<Entry<'a>> = None;
        while let Some(token) = reader.next()? {
            match token {
                Token::Key(key) => entry = self.key(key.decode()),
                Token::Scalar(scalar) => {
                    let entry = entry.take();
                    let (progress, repeated) = self.place(entry.as_ref());
                    if scalar != Scalar::Null
                        && !repeated
                        && self.pattern.accepts(&self.path, progress)
                        && test(&Value::scalar(scalar))
                    {
                        if self.keys != Keys::One(Duplicates::Last) {
                            return Ok(true);
                        }
                        self.hits.push(true);
                    }
                    self.finish(entry);
                }
                Token::Open(container) => {
                    let (progress, repeated) = self.place(entry.as_ref());
                    let (path, entry) = (self.path.len(), entry.take());
                    let (seen, hits) = (KeySet::default(), BTreeMap::new());
                    let level = Level { container, path, repeated, progress, entry, seen, hits };
                    self.levels.push(level);
                }
                Token::Close(_) => {
                    let level = self.levels.pop();
                    if let Some(level) = &level {
                        self.path.truncate(level.path);
                    }
                    self.finish(level.and_then(|level| level.entry));
                }
            }
        }
        Ok(false)
    }

    /// How far the pattern is in the path of the value that comes next, and whether it is repeated.
    fn place(&self, entry: Option<&Entry<'a>>) -> (Progress, bool) {
        match (entry, self.levels.last()) {
            (Some(entry), _) => (entry.progress, entry.repeated),
            (None, Some(level)) => (level.progress, level.repeated),
            (None, None) => (self.progress, false),
        }
    }

    fn key(&mut self, key: Cow<'a, str>) -> Option<Entry<'a>> {
        let level = self.levels.last_mut().filter(|level| level.container == Container::Object)?;
        self.path.truncate(level.path);
        let mut progress = level.progress;
        if self.pattern.reads_names() {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
            progress = self.pattern.advance(&self.path, progress);
        }
        let mut entry =
            Entry { name: None, from: self.hits.len(), repeated: level.repeated, progress };
        match self.keys {
            Keys::All => {}
            Keys::One(Duplicates::First) => {
                entry.repeated |= !level.seen.insert(key);
            }
            Keys::One(Duplicates::Last) => {
                if let Some((from, to)) = level.hits.remove(&key) {
                    self.hits.get_mut(from..to).unwrap_or_default().fill(false);
                }
                entry.name = Some(key);
            }
        }
        Some(entry)
    }

    /// Remembers which hits a key gave.
    fn finish(&mut self, entry: Option<Entry<'a>>) {
        if let Some(Entry { name: Some(name), from, .. }) = entry
            && from < self.hits.len()
            && let Some(level) = self.levels.last_mut()
        {
            level.hits.insert(name, (from, self.hits.len()));
        }
    }
}

/// A set of keys: most objects have few. Names are compared, not hashes, of which somebody could find two
/// that are equal.
#[derive(Default)]
struct KeySet<'a> {
    few: Vec<Cow<'a, str>>,
    many: BTreeSet<Cow<'a, str>>,
}

impl<'a> KeySet<'a> {
    const FEW: usize = 32;

    /// Whether the key is new.
    fn insert(&mut self, key: Cow<'a, str>) -> bool {
        if self.few.contains(&key) {
            return false;
        }
        if self.few.len() < KeySet::FEW {
            self.few.push(key);
            return true;
        }
        self.many.insert(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    use crate::pattern::Piece;

    fn names(glob: &str, text: &str, reading: Duplicates) -> Vec<String> {
        let mut pieces = Vec::new();
        for (place, part) in glob.split('*').enumerate() {
            if place > 0 {
                pieces.push(Piece::Star);
            }
            pieces.push(Piece::Text(part.to_owned()));
        }
        let mut found = Vec::new();
        let pattern = NamePattern::new(&pieces);
        any_named(text.as_bytes(), 0, "", &pattern, Keys::All, &mut |value| {
            found.extend(value.text().map(Cow::into_owned));
            false
        });
        found.retain(|found| {
            let keys = Keys::One(reading);
            any_named(text.as_bytes(), 0, "", &pattern, keys, &mut |value| {
                value.text().as_deref() == Some(found.as_str())
            })
        });
        found
    }

    const TEXT: &str = r#"{"a":{"b":1,"c.d":[2,{"e":3}],"n":null},"ab":{"b":4},"x":[[{"b":5}]]}"#;

    #[test]
    fn paths_join_nested_dotted_and_array_spellings() {
        for (glob, expected) in [
            ("*", &["1", "2", "3", "4", "5"][..]),
            ("a.*", &["1", "2", "3"]),
            ("a*", &["1", "2", "3", "4"]),
            ("*.b", &["1", "4", "5"]),
            ("*c*", &["2", "3"]),
            ("a*.c*.e", &["3"]),
            ("a.c.d", &["2"]),
            ("a*b", &["1", "4"]),
            ("b", &[]),
            ("a.b*b", &[]),
            ("*.*.*.*.*", &[]),
        ] {
            assert_eq!(names(glob, TEXT, Duplicates::Last), expected, "{glob}");
        }
    }

    #[test]
    fn equal_keys_count_by_the_reading() {
        let text = r#"{"a":{"b":1,"c":2},"a":{"b":3,"b":4}}"#;
        assert!(repeats_a_key(text.as_bytes(), 0));
        assert_eq!(names("*", text, Duplicates::First), ["1", "2"]);
        assert_eq!(names("*", text, Duplicates::Last), ["4"]);
        assert!(!repeats_a_key(TEXT.as_bytes(), 0));
    }

    #[test]
    fn deep_nesting_takes_no_stack_and_no_time() {
        let text = format!("{}1{}", r#"{"aa":"#.repeat(200_000), "}".repeat(200_000));
        assert_eq!(names("*aa.aa", &text, Duplicates::Last), ["1"]);
    }
}
