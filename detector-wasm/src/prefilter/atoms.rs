//! What is asked of records, each thing once, whichever rules ask for it.

use crate::record::words;

/// What an atom asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum AtomKind {
    /// A value at the place, be it null.
    Present,
    /// A value that shows as exactly this text.
    Exact,
    /// A number that equals this one.
    Number,
    /// A value with this text in it.
    Inside,
    /// A value that begins with it.
    Start,
    /// A value that ends with it.
    End,
    /// Any value of the record with this text in it.
    Keyword,
    /// The text anywhere in the record's bytes.
    Piece,
}

/// All atoms of a rule set; an atom's number is its place here. Texts are in lower case.
///
/// Texts lie behind each other and are found by a table of numbers, so that one of a million costs little more than its
/// own bytes.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    bytes: Vec<u8>,
    /// Where each atom's text ends.
    ends: Vec<u32>,
    /// The place that each asks about, and its kind.
    keys: Vec<(u32, AtomKind)>,
    /// By hash one more than an atom's number, or 0; at least half of it is free, and its length is a power of two.
    table: Vec<u32>,
}

impl Atoms {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The atom's text.
    pub(super) fn text(&self, atom: u32) -> &[u8] {
        let at = atom as usize;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(at).copied().unwrap_or(0);
        self.bytes.get(from as usize..to as usize).unwrap_or_default()
    }

    pub(super) fn kind(&self, atom: u32) -> AtomKind {
        self.keys.get(atom as usize).map_or(AtomKind::Present, |(_, kind)| *kind)
    }

    pub(super) fn place(&self, atom: u32) -> u32 {
        self.keys.get(atom as usize).map_or(0, |(place, _)| *place)
    }

    /// The number of an atom; a new one if no rule has asked for it yet.
    pub(super) fn add(&mut self, place: u32, kind: AtomKind, text: &[u8]) -> u32 {
        if self.table.len() < (self.len() + 1) * 2 {
            self.grow();
        }
        let slot = self.slot(Mix::of(place, kind, text), place, kind, text);
        if let Some(known) = self.table.get(slot).and_then(|entry| entry.checked_sub(1)) {
            return known;
        }
        let atom = self.len() as u32;
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        self.keys.push((place, kind));
        if let Some(entry) = self.table.get_mut(slot) {
            *entry = atom + 1;
        }
        atom
    }

    /// The atom of a text in any case, if somebody asks for it.
    pub(super) fn find(&self, place: u32, kind: AtomKind, text: &[u8]) -> Option<u32> {
        self.with_hash(Mix::of(place, kind, text), place, kind, text)
    }

    /// The same, if what the text mixes to is known.
    pub(super) fn with_hash(
        &self,
        hash: u32,
        place: u32,
        kind: AtomKind,
        text: &[u8],
    ) -> Option<u32> {
        self.table.get(self.slot(hash, place, kind, text))?.checked_sub(1)
    }

    fn grow(&mut self) {
        let length = (self.table.len() * 2).max(64);
        self.table = vec![0; length];
        for atom in 0..self.len() as u32 {
            let text = self.text(atom);
            let mut at = Mix::of(self.place(atom), self.kind(atom), text) as usize;
            while self.table.get(at & (length - 1)).is_some_and(|entry| *entry != 0) {
                at = at.wrapping_add(1);
            }
            if let Some(entry) = self.table.get_mut(at & (length - 1)) {
                *entry = atom + 1;
            }
        }
    }

    /// Where the table has the atom of a text in any case, or would have it.
    fn slot(&self, hash: u32, place: u32, kind: AtomKind, text: &[u8]) -> usize {
        let last = self.table.len().wrapping_sub(1);
        let mut at = hash as usize & last;
        while let Some(atom) = self.table.get(at).and_then(|entry| entry.checked_sub(1)) {
            let own = self.text(atom);
            let is_equal =
                || if kind == AtomKind::Number { own == text } else { is_lower_of(own, text) };
            if self.keys.get(atom as usize) == Some(&(place, kind)) && is_equal() {
                return at;
            }
            at = (at + 1) & last;
        }
        at
    }
}

/// Whether a text in lower case is another one in any case, as far as that one is ASCII.
#[inline]
pub(super) fn is_lower_of(lower: &[u8], text: &[u8]) -> bool {
    if lower.len() != text.len() {
        return false;
    }
    let equal = |(one, other): (&[u8; 8], &[u8; 8])| {
        u64::from_le_bytes(*one) == words::lower(u64::from_le_bytes(*other))
    };
    match (lower.last_chunk(), text.last_chunk()) {
        // The last eight bytes have the rest in them.
        (Some(end), Some(other_end)) => {
            let mut words = lower.as_chunks().0.iter().zip(text.as_chunks().0);
            equal((end, other_end)) && words.all(equal)
        }
        _ => lower.iter().zip(text).all(|(one, other)| *one == other.to_ascii_lowercase()),
    }
}

/// A number that atoms differ by, worked out byte by byte: of those that stand at a value's end from the last one on.
/// Only rules decide what is in the table, so that a record can't make it slow.
pub(super) struct Mix(u32);

impl Mix {
    pub(super) fn new(place: u32, kind: AtomKind) -> Mix {
        Mix((place.wrapping_mul(8).wrapping_add(kind as u32)).wrapping_mul(0x9e37_79b1))
    }

    /// Of a text in any case.
    #[inline]
    pub(super) fn of(place: u32, kind: AtomKind, text: &[u8]) -> u32 {
        let mut mix = Mix::new(place, kind);
        match kind {
            AtomKind::Number => text.iter().for_each(|byte| mix.add(*byte)),
            AtomKind::End => text.iter().rev().for_each(|byte| mix.add(byte.to_ascii_lowercase())),
            _ => text.iter().for_each(|byte| mix.add(byte.to_ascii_lowercase())),
        }
        mix.hash()
    }

    #[inline(always)]
    pub(super) fn add(&mut self, byte: u8) {
        self.0 = (self.0.rotate_left(5) ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }

    #[inline(always)]
    pub(super) fn hash(&self) -> u32 {
        self.0 ^ (self.0 >> 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_atom_has_one_number() {
        let mut atoms = Atoms::default();
        let texts: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        let numbers: Vec<u32> =
            texts.iter().map(|text| atoms.add(1, AtomKind::Exact, text.as_bytes())).collect();
        assert_eq!(numbers, (0..1_000).collect::<Vec<u32>>());
        for (text, number) in texts.iter().zip(&numbers) {
            assert_eq!(atoms.add(1, AtomKind::Exact, text.as_bytes()), *number);
            assert_eq!(atoms.find(1, AtomKind::Exact, text.as_bytes()), Some(*number));
            assert_eq!(atoms.find(2, AtomKind::Exact, text.as_bytes()), None);
            assert_eq!(atoms.find(1, AtomKind::Start, text.as_bytes()), None);
            assert_eq!(atoms.text(*number), text.as_bytes());
        }
        assert_eq!(Atoms::default().find(0, AtomKind::Exact, b""), None);
    }
}
