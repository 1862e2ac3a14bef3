//! In: a JSON value. Out: what in it holds nothing else, each with its dotted path and its place.

use crate::event::Value;
use crate::event::capture::Duplicates;
use crate::event::repeats::Repeats;
use crate::record::json::{JsonError, Reader, Token};

/// The longest path that is followed, in bytes.
const LONGEST_PATH: usize = 1 << 10;

/// The most containers inside each other that are looked into.
const DEEPEST: usize = 1_000;

/// A value that holds no others.
pub(super) struct Leaf<'p, 'a> {
    pub(super) path: &'p str,
    pub(super) value: Value<'a>,
    pub(super) offset: usize,
}

/// Gives each leaf of the value that begins at a place of a text to `visit`; arrays on the way are transparent. Of
/// equal keys the one counts that the reading says, if there are any. Returns how many values weren't looked into.
pub(super) fn each<'a>(
    text: &'a [u8],
    at: usize,
    root: &str,
    reading: Option<Duplicates>,
    visit: &mut dyn FnMut(Leaf<'_, 'a>),
) -> usize {
    let repeats = reading.map(|reading| {
        let value = text.get(at..).unwrap_or_default();
        (Repeats::find(value, reading), at)
    });
    let mut walk = Walk { path: root.to_owned(), levels: Vec::new(), left_out: 0, repeats };
    // The value was read before, so it can't fail.
    let _ = walk.run(Reader::new(text, at), visit);
    walk.left_out
}

struct Walk {
    path: String,
    /// The length of the path to each open container.
    levels: Vec<usize>,
    left_out: usize,
    /// The keys that don't count, and where the value begins that they stand in.
    repeats: Option<(Repeats, usize)>,
}

impl Walk {
    fn run<'a>(
        &mut self,
        mut reader: Reader<'a>,
        visit: &mut dyn FnMut(Leaf<'_, 'a>),
    ) -> Result<(), JsonError> {
        while let Some(token) = reader.next()? {
            match token {
                Token::Key(key) => {
                    let at = reader.token_start();
                    self.path.truncate(self.levels.last().copied().unwrap_or_default());
                    let key = key.decode_within(LONGEST_PATH);
                    let key = key.filter(|key| self.path.len() + key.len() < LONGEST_PATH);
                    match key {
                        _ if self.is_superseded(at) => reader.skip_value()?,
                        None => {
                            self.left_out = self.left_out.saturating_add(1);
                            reader.skip_value()?;
                        }
                        Some(key) => {
                            if !self.path.is_empty() {
                                self.path.push('.');
                            }
                            self.path.push_str(&key);
                        }
                    }
                }
                Token::Open(_) if self.levels.len() >= DEEPEST => {
                    self.left_out = self.left_out.saturating_add(1);
                    reader.skip_container()?;
                }
                Token::Open(_) => self.levels.push(self.path.len()),
                Token::Close(_) => {
                    let length = self.levels.pop().unwrap_or_default();
                    self.path.truncate(length);
                }
                Token::Scalar(scalar) => {
                    let (value, offset) = (Value::scalar(scalar), reader.token_start());
                    visit(Leaf { path: &self.path, value, offset });
                }
            }
        }
        Ok(())
    }

    fn is_superseded(&self, at: usize) -> bool {
        let superseded =
            |(repeats, base): &(Repeats, usize)| repeats.supersedes(at.saturating_sub(*base));
        self.repeats.as_ref().is_some_and(superseded)
    }
}
