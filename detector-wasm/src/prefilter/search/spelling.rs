//! In: a literal. Out: all that four bytes of an occurrence of it can be, however its characters are
//! spelled.

use super::escape::{Endings, KELVIN, beginnings};
use super::literal::Literal;

/// Four bytes or fewer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bytes {
    bytes: [u8; 4],
    length: usize,
}

impl Bytes {
    /// With as much of these bytes as there is room for.
    fn and(mut self, more: &[u8]) -> Bytes {
        let free = self.bytes.get_mut(self.length..).unwrap_or_default();
        for (slot, byte) in free.iter_mut().zip(more) {
            *slot = *byte;
            self.length += 1;
        }
        self
    }
}

/// The begin of four bytes.
struct Begin {
    bytes: Bytes,
    /// The number of the literal's character that comes next.
    next: usize,
    /// The number of the first character, while all are written as themselves.
    first: Option<usize>,
}

/// Knows how characters are spelled.
pub(super) struct Speller {
    endings: Endings,
    /// The last one to three bytes of characters' longer spellings, by the character and by whether
    /// letters' case doesn't count, of those that were asked for.
    tails: Vec<((u8, bool), Vec<Bytes>)>,
}

impl Speller {
    pub(super) fn new() -> Speller {
        Speller { endings: Endings::new(), tails: Vec::new() }
    }

    /// Gives four bytes at a time to `add`, with the number of the literal's character that they begin at
    /// if none of them belongs to another spelling. Those that lie in escapes altogether are left out.
    pub(super) fn windows(
        &mut self,
        literal: &Literal,
        add: &mut dyn FnMut([u8; 4], Option<usize>),
    ) {
        let text = literal.text().as_bytes();
        let mut todo = Vec::new();
        for (at, character) in text.iter().enumerate() {
            todo.push(Begin { bytes: Bytes::default(), next: at, first: Some(at) });
            if *character != b'"' {
                let tails = self.tails(*character, literal.any_case()).iter();
                todo.extend(tails.map(|bytes| Begin { bytes: *bytes, next: at + 1, first: None }));
            }
        }
        while let Some(Begin { bytes, next, first }) = todo.pop() {
            let missing = 4 - bytes.length;
            if missing == 0 {
                add(bytes.bytes, first);
                continue;
            }
            let Some(character) = text.get(next).copied() else { continue };
            let mut follows = |spelling: &[u8], first: Option<usize>| {
                todo.push(Begin { bytes: bytes.and(spelling), next: next + 1, first });
            };
            follows(&[character], first);
            match character {
                // Of the value's own quotes only the last byte of the first one counts, and the first byte
                // of the last one: both may be escaped in a text inside a text.
                b'"' if next == 0 => follows(b"2", None),
                b'"' => follows(b"\\", first),
                b'k' if literal.any_case() => follows(KELVIN, None),
                _ => {}
            }
            if character != b'"' {
                for beginning in beginnings(character, missing) {
                    add(bytes.and(beginning).bytes, None);
                }
            }
        }
    }

    fn tails(&mut self, character: u8, any_case: bool) -> &[Bytes] {
        let Speller { endings, tails } = self;
        let asked = (character, any_case);
        let place = tails.iter().position(|(known, _)| *known == asked).unwrap_or(tails.len());
        if place == tails.len() {
            tails.push((asked, longer_tails(endings, character, any_case)));
        }
        tails.get(place).map_or(&[], |(_, tails)| tails)
    }
}

/// The last one to three bytes of a character's spellings that are longer than a byte.
fn longer_tails(endings: &Endings, character: u8, any_case: bool) -> Vec<Bytes> {
    let mut all = endings.of(character);
    if any_case {
        all.extend(endings.of(character.to_ascii_uppercase()));
    }
    if any_case && character == b'k' {
        all.extend(endings.of_kelvin());
        all.extend(KELVIN.first_chunk());
    }
    let mut tails = Vec::new();
    for [a, b, c] in all {
        for tail in [&[a, b, c][..], &[b, c], &[c]] {
            let tail = Bytes::default().and(tail);
            if !tails.contains(&tail) {
                tails.push(tail);
            }
        }
    }
    tails
}
