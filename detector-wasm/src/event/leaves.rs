//! In: a JSON value and a pattern of names. Out: the scalars below it whose dotted path fits.
//!
//! One pass, whatever the nesting: paths grow and shrink with the keys, and a pattern remembers how much
//! of a path it has seen, so that no key is compared twice.

use std::borrow::Cow;
use std::collections::HashMap;

use super::capture::Duplicates;
use super::names::{NamePattern, Progress};
use super::value::Value;
use crate::record::json::{Container, JsonError, Reader, Scalar, Token};

/// A scalar that was found, and in which readings of equal keys it counts.
struct Leaf<'a> {
    scalar: Scalar<'a>,
    superseded: bool,
    repeated: bool,
}

/// A key on its way to its value.
#[derive(Clone, Copy)]
struct Entry {
    /// Its place among the keys that were seen.
    seen: usize,
    /// The number of leaves before it.
    from: usize,
    /// Whether it stood there before, or lies in what did.
    repeated: bool,
    progress: Progress,
}

/// An open container.
struct Level {
    container: Container,
    object: usize,
    path: usize,
    repeated: bool,
    progress: Progress,
    entry: Option<Entry>,
}

/// Whether any scalar below a value, whose own name is `root`, satisfies `test`. Of equal keys of an
/// object the one counts that the reading says. `text` holds the value from `at` on.
pub(crate) fn any_named<'a>(
    text: &'a [u8],
    at: usize,
    root: &str,
    pattern: &NamePattern,
    reading: Duplicates,
    test: &mut dyn FnMut(&Value<'a>) -> bool,
) -> bool {
    let mut walk = Walk::new(root, pattern);
    // A value that was read before can't fail; one that wasn't counts as far as it can be read.
    let _ = walk.run(Reader::new(text, at));
    walk.leaves.iter().any(|leaf| {
        let counts = match reading {
            Duplicates::Last => !leaf.superseded,
            Duplicates::First => !leaf.repeated,
        };
        counts && test(&Value::scalar(leaf.scalar))
    })
}

/// Whether any object in the value that starts at `at` has the same key twice.
pub(crate) fn repeats_a_key(text: &[u8], at: usize) -> bool {
    let mut walk = Walk::new("", &NamePattern::Everything);
    let _ = walk.run(Reader::new(text, at));
    walk.repeats
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

struct Walk<'a, 'p> {
    pattern: &'p NamePattern,
    path: String,
    leaves: Vec<Leaf<'a>>,
    levels: Vec<Level>,
    /// The keys of each object, and where their leaves are.
    keys: HashMap<(usize, Cow<'a, str>), usize>,
    spans: Vec<(usize, usize)>,
    objects: usize,
    repeats: bool,
    /// What holds of the value that is being read.
    progress: Progress,
}

impl<'a, 'p> Walk<'a, 'p> {
    fn new(root: &str, pattern: &'p NamePattern) -> Walk<'a, 'p> {
        Walk {
            pattern,
            path: root.to_owned(),
            leaves: Vec::new(),
            levels: Vec::new(),
            keys: HashMap::new(),
            spans: Vec::new(),
            objects: 0,
            repeats: false,
            progress: pattern.advance(root, Progress::default()),
        }
    }

    fn run(&mut self, mut reader: Reader<'a>) -> Result<(), JsonError> {
        let mut entry: Option<Entry> = None;
        while let Some(token) = reader.next()? {
            match token {
                Token::Key(key) => entry = self.key(key.decode()),
                Token::Scalar(scalar) => {
                    let (progress, repeated) = self.place(entry.as_ref());
                    if scalar != Scalar::Null && self.pattern.accepts(&self.path, progress) {
                        self.leaves.push(Leaf { scalar, superseded: false, repeated });
                    }
                    self.finish(entry.take());
                }
                Token::Open(container) => {
                    let (progress, repeated) = self.place(entry.as_ref());
                    self.objects += 1;
                    let (object, path) = (self.objects, self.path.len());
                    let entry = entry.take();
                    self.levels.push(Level { container, object, path, repeated, progress, entry });
                }
                Token::Close(_) => {
                    let entry = self.levels.pop().and_then(|level| level.entry);
                    self.finish(entry);
                }
            }
        }
        Ok(())
    }

    /// How far the pattern is in the path of the value that comes next, and whether it is repeated.
    fn place(&self, entry: Option<&Entry>) -> (Progress, bool) {
        match (entry, self.levels.last()) {
            (Some(entry), _) => (entry.progress, entry.repeated),
            (None, Some(level)) => (level.progress, level.repeated),
            (None, None) => (self.progress, false),
        }
    }

    fn key(&mut self, key: Cow<'a, str>) -> Option<Entry> {
        let level = self.levels.last().filter(|level| level.container == Container::Object)?;
        self.path.truncate(level.path);
        let mut progress = level.progress;
        if self.pattern.reads_names() {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
            progress = self.pattern.advance(&self.path, progress);
        }
        let fresh = self.spans.len();
        let seen = *self.keys.entry((level.object, key)).or_insert(fresh);
        let again = seen != fresh;
        if again {
            self.repeats = true;
            let (from, to) = self.spans.get(seen).copied().unwrap_or_default();
            let former = self.leaves.get_mut(from..to).unwrap_or_default();
            former.iter_mut().for_each(|leaf| leaf.superseded = true);
        } else {
            self.spans.push((0, 0));
        }
        let repeated = again || level.repeated;
        Some(Entry { seen, from: self.leaves.len(), repeated, progress })
    }

    /// Remembers which leaves a key gave.
    fn finish(&mut self, entry: Option<Entry>) {
        let Some(entry) = entry else { return };
        if let Some(span) = self.spans.get_mut(entry.seen) {
            *span = (entry.from, self.leaves.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        any_named(text.as_bytes(), 0, "", &pattern, reading, &mut |value| {
            found.extend(value.text().map(Cow::into_owned));
            false
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
