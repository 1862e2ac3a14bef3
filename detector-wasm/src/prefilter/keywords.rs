//! In: a record. Out: which of the texts that any value may have in it stand in one of its values.
//!
//! The record's bytes are searched first, with printable characters written as themselves, for pieces of the texts: a
//! piece without quotes, backslashes and slashes stands in the bytes if its text stands in one of the record's values.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::atoms::{AtomKind, Atoms};
use super::clause_atoms::{RECORD, keyword_piece};
use super::lists::Lists;
use super::literal_set::LiteralSet;
use crate::event::leaves;
use crate::record::text::hex4;

/// Texts that any value may have in it.
#[derive(Debug)]
pub(super) struct Keywords {
    texts: LiteralSet,
    /// Pieces of those that lead to rules.
    pieces: LiteralSet,
    /// The first piece; the others stand behind it among the atoms.
    first_piece: u32,
    /// By piece, counted from the first one: the texts that it is a piece of.
    texts_of: Lists,
    /// The texts that lead to rules and have no piece.
    pieceless: Vec<u32>,
}

impl Keywords {
    /// The texts of these atoms, to which pieces of those that lead to rules are added.
    pub(super) fn new(atoms: &mut Atoms, members: &[u32], leading: &[u32]) -> Keywords {
        let texts = LiteralSet::new(atoms, members);
        let first_piece = atoms.len() as u32;
        let (mut pairs, mut pieceless) = (Vec::new(), Vec::new());
        for atom in leading {
            let text = std::str::from_utf8(atoms.text(*atom)).ok();
            match text.and_then(keyword_piece).map(str::to_owned) {
                Some(piece) => {
                    let piece = atoms.add(RECORD, AtomKind::Piece, piece.as_bytes());
                    pairs.push((piece.saturating_sub(first_piece), *atom));
                }
                None => pieceless.push(*atom),
            }
        }
        let pieces: Vec<u32> = (first_piece..atoms.len() as u32).collect();
        let texts_of = Lists::new(pieces.len(), &pairs);
        let pieces = LiteralSet::new(atoms, &pieces);
        Keywords { texts, pieces, first_piece, texts_of, pieceless }
    }

    /// Gives those that lead to rules and may stand in a record to `found`, some of them several times.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn find_pieces(&self, atoms: &Atoms, record: &[u8], found: &mut dyn FnMut(u32)) {
        self.pieceless.iter().for_each(|atom| found(*atom));
        let written = as_written(record);
        let is_original = matches!(written, Cow::Borrowed(_));
        self.pieces.find_places(atoms, &written, &mut |piece, end| {
            if !(is_original && is_in_key(record, end)) {
                let texts = self.texts_of.get(piece.saturating_sub(self.first_piece));
                texts.iter().for_each(|atom| found(*atom));
            }
        });
    }

    /// Gives the texts that stand in a record's values to `found`, some of them several times.
    #[inline(never)]
    pub(super) fn find(&self, atoms: &Atoms, record: &[u8], found: &mut dyn FnMut(u32)) {
        leaves::holds(record, &mut |value| {
            if let Some(text) = value.text() {
                let lower = if text.is_ascii() { text } else { Cow::Owned(text.to_lowercase()) };
                self.texts.find(atoms, lower.as_bytes(), found);
            }
            false
        });
    }
}

/// A sign whose lower case is `k`.
const KELVIN: char = '\u{212a}';

/// Whether what ends at this place of a record stands in a key, not in a value: no more than plain characters, a quote
/// and a colon follow. Behind a piece of a text the next quote closes the text, unless a backslash stands before it; and
/// behind one of a number there is a comma or a bracket before the next quote.
fn is_in_key(record: &[u8], end: usize) -> bool {
    let behind = record.get(end..).unwrap_or_default();
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | b',' | b'}' | b']' | b'\n');
    let Some(at) = behind.iter().take(LONGEST_KEY).position(stops) else { return false };
    let mut rest = behind.get(at..).unwrap_or_default().iter();
    rest.next() == Some(&b'"')
        && rest.find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) == Some(&b':')
}

/// How far the end of a key is looked for.
const LONGEST_KEY: usize = 64;

/// The bytes, copied only if a printable character or a Kelvin sign is written in another way.
pub(super) fn as_written(record: &[u8]) -> Cow<'_, [u8]> {
    let bytes = match first_escape(record) {
        Some(_) => Cow::Owned(unescaped(record)),
        None => Cow::Borrowed(record),
    };
    let mut buffer = [0; 4];
    let kelvin = KELVIN.encode_utf8(&mut buffer).as_bytes();
    if memmem::find(&bytes, kelvin).is_none() {
        return bytes;
    }
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = &*bytes;
    while let Some(at) = memmem::find(rest, kelvin) {
        replaced.extend_from_slice(rest.get(..at).unwrap_or_default());
        replaced.push(b'k');
        rest = rest.get(at + kelvin.len()..).unwrap_or_default();
    }
    replaced.extend_from_slice(rest);
    Cow::Owned(replaced)
}

/// Where an escape stands that means a printable character or the Kelvin sign.
fn first_escape(record: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'\\', record.get(at..)?)?;
        if means(record, at).is_some() {
            return Some(at);
        }
        at += 2;
    }
}

/// The byte that the escape at a place means, if it is one of those that matter.
fn means(record: &[u8], at: usize) -> Option<u8> {
    let digits = record.get(at..)?.strip_prefix(b"\\u")?;
    match char::from_u32(hex4(digits)?)? {
        c @ ' '..='~' => Some(c as u8),
        KELVIN => Some(b'k'),
        _ => None,
    }
}

fn unescaped(record: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len());
    let mut rest = record;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let length = match means(rest, at) {
            Some(byte) => {
                out.push(byte);
                6
            }
            None => {
                out.extend_from_slice(rest.get(at..at + 2).unwrap_or_default());
                2
            }
        };
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{as_written, is_in_key};

    #[test]
    fn what_stands_in_a_key_is_told_from_values() {
        for (record, expected) in [
            (r#"{"a|b":1}"#, true),
            (r#"{"a|" : 1}"#, true),
            (r#"{"|ab"  :"x"}"#, true),
            (r#"{"a":"b|"}"#, false),
            (r#"{"a":"b|c","d":1}"#, false),
            (r#"{"a":"b|\":1"}"#, false),
            (r#"{"a":"b|\\","c":1}"#, false),
            (r#"{"a":1|2,"b":1}"#, false),
            (r#"{"a":[1|,":"]}"#, false),
            (r#"{"a":[1|,":"]}"#, false),
            (r#"{"a":{"b":tr|ue},":":1}"#, false),
            ("|", false),
        ] {
            let end = record.find('|').unwrap();
            let record = record.replacen('|', "", 1);
            assert_eq!(is_in_key(record.as_bytes(), end), expected, "{record} {end}");
        }
    }

    #[test]
    fn printable_characters_are_themselves() {
        for (text, expected) in [
            (r#"{"a":"plain"}"#, r#"{"a":"plain"}"#),
            (r#"{"a":"\u0073top\\u0041\n"}"#, r#"{"a":"stop\\u0041\n"}"#),
            (r"\u00ae\u212a\u212Ax", r"\u00aekkx"),
            ("bac\u{212a}up\u{2120}", "backup\u{2120}"),
            (r"\", r"\"),
            (r"a\u00", r"a\u00"),
        ] {
            assert_eq!(as_written(text.as_bytes()).as_ref(), expected.as_bytes(), "{text}");
        }
    }
}
