//! In: texts, and a value. Out: with which of the texts the value begins, or ends, in any case.
//!
//! The value's bytes are mixed from the edge on, and looked up at each length that a text has: the time doesn't grow
//! with the number of texts.

use super::atoms::{AtomKind, Atoms, Mix};
use super::bits::Bits;
use crate::sort;

/// Texts at one edge of the values at a place.
#[derive(Debug)]
pub(super) struct Edges {
    place: u32,
    kind: AtomKind,
    /// Those that texts have, ascending.
    lengths: Vec<u32>,
    bits: Bits,
}

impl Edges {
    /// The texts of these atoms, which are of this place and kind.
    pub(super) fn new(atoms: &Atoms, place: u32, kind: AtomKind, members: &[u32]) -> Edges {
        let texts = members.iter().map(|atom| atoms.text(*atom));
        let mut lengths: Vec<u32> = texts.clone().map(|text| text.len() as u32).collect();
        sort::sort_and_dedup(&mut lengths);
        Edges { place, kind, lengths, bits: Bits::of(texts.map(|text| Mix::of(place, kind, text))) }
    }

    /// Gives the atoms with whose texts a value begins or ends to `found`. The value must be in lower case as far as it
    /// isn't ASCII.
    #[inline(never)]
    pub(super) fn find(&self, atoms: &Atoms, value: &[u8], found: &mut dyn FnMut(u32)) {
        let mut mix = Mix::new(self.place, self.kind);
        let at_end = self.kind == AtomKind::End;
        let mut rest = value;
        for length in self.lengths.iter().map(|length| *length as usize) {
            let more = length.saturating_sub(value.len() - rest.len());
            let text = if at_end {
                let Some((before, own)) =
                    rest.len().checked_sub(more).and_then(|at| rest.split_at_checked(at))
                else {
                    return;
                };
                own.iter().rev().for_each(|byte| mix.add(byte.to_ascii_lowercase()));
                rest = before;
                value.get(before.len()..)
            } else {
                let Some((own, behind)) = rest.split_at_checked(more) else { return };
                own.iter().for_each(|byte| mix.add(byte.to_ascii_lowercase()));
                rest = behind;
                value.get(..length)
            };
            if let Some(text) = text
                && self.bits.has(mix.hash())
                && let Some(atom) = atoms.with_hash(mix.hash(), self.place, self.kind, text)
            {
                found(atom);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_comparison_finds(
            texts in proptest::collection::vec("[ab]{1,4}|[a-cé –]{1,12}", 0..60),
            value in "[aAbB]{0,6}|[a-cA-Cé –]{0,30}",
            piece in any::<prop::sample::Index>(),
            at_end in any::<bool>(),
        ) {
            let mut atoms = Atoms::default();
            let kind = if at_end { AtomKind::End } else { AtomKind::Start };
            let mut members: Vec<u32> =
                texts.iter().map(|text| atoms.add(7, kind, text.as_bytes())).collect();
            members.sort_unstable();
            members.dedup();
            let edges = Edges::new(&atoms, 7, kind, &members);
            let piece = if texts.is_empty() { "" } else { piece.get(&texts).as_str() };
            let value = if at_end { format!("{value}{piece}") } else { format!("{piece}{value}") };
            let mut found = Vec::new();
            edges.find(&atoms, value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            let lower = value.to_lowercase();
            members.retain(|atom| {
                let text = std::str::from_utf8(atoms.text(*atom)).unwrap();
                if at_end { lower.ends_with(text) } else { lower.starts_with(text) }
            });
            prop_assert_eq!(found, members);
        }
    }
}
