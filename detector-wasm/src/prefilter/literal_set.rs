//! In: texts, and a value. Out: which of the texts stand in it, in any case.
//!
//! Of each text four bytes are looked for (fewer if it is shorter): those that the fewest of the other texts have. A
//! hash of the bytes at a place of the value is asked in a small table of bits; only where it is known are texts
//! compared. The time doesn't grow with the number of texts, and a text costs a few words.
//!
//! Long texts are looked for at every second, third or fourth place only, where one of as many windows side by side must
//! then stand.

use super::atoms::{Atoms, is_lower_of};
use super::bits::Bits;
use crate::sort;

/// The most bytes of a text that are looked for.
const WIDEST: usize = 4;

/// How many texts of two to four bytes are looked for together, by two bytes each.
const FEW: usize = 64;

/// What a hash multiplies by.
const MULTIPLIER: u32 = 0x9e37_79b1;

/// Texts to be found in values.
#[derive(Debug, Default)]
pub(super) struct LiteralSet {
    windows: Vec<WindowSet>,
}

/// Texts that are found by windows of one width.
#[derive(Debug)]
struct WindowSet {
    width: usize,
    /// How far the places lie apart that are looked at.
    stride: usize,
    /// The bits of a window that count.
    mask: u32,
    bits: Bits,
    /// Where the entries begin whose hashes have these highest bits.
    buckets: Vec<u32>,
    bucket_shift: u32,
    /// Ascending by hash.
    entries: Vec<Entry>,
}

/// A text that has a window at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: u32,
    offset: u32,
    atom: u32,
    /// The text's first bytes, and the bits of them that count: they tell most other texts from it.
    head: u32,
    head_mask: u32,
}

impl LiteralSet {
    /// The texts of these atoms.
    pub(super) fn new(atoms: &Atoms, members: &[u32]) -> LiteralSet {
        let count = |of: std::ops::RangeInclusive<usize>| {
            members.iter().filter(|atom| of.contains(&atoms.text(**atom).len())).count()
        };
        let (has_pairs, are_few) = (count(2..=2) > 0, count(2..=4) <= FEW);
        let way = |text: &[u8]| match text.len() {
            7.. => (4, 4),
            5.. => (3, 3),
            2.. if are_few && has_pairs => (2, 1),
            3.. if are_few => (2, 2),
            length => (length, 1),
        };
        let mut ways: Vec<(usize, usize)> = members
            .iter()
            .map(|atom| way(atoms.text(*atom)))
            .filter(|(width, _)| *width > 0)
            .collect();
        sort::sort_and_dedup(&mut ways);
        let of_way = |chosen: &(usize, usize)| {
            let those = members.iter().copied().filter(|atom| way(atoms.text(*atom)) == *chosen);
            WindowSet::new(atoms, &those.collect::<Vec<_>>(), *chosen)
        };
        LiteralSet { windows: ways.iter().map(of_way).collect() }
    }

    /// Gives the atoms whose texts stand in a value to `found`, some of them several times. The value must be in lower
    /// case as far as it isn't ASCII.
    pub(super) fn find(&self, atoms: &Atoms, value: &[u8], found: &mut dyn FnMut(u32)) {
        self.find_places(atoms, value, &mut |atom, _| found(atom));
    }

    /// The same, with a place each at which one ends.
    pub(super) fn find_places(
        &self,
        atoms: &Atoms,
        value: &[u8],
        found: &mut dyn FnMut(u32, usize),
    ) {
        for set in &self.windows {
            match set.stride {
                4 => set.find::<4>(atoms, value, found),
                3 => set.find::<3>(atoms, value, found),
                2 => set.find::<2>(atoms, value, found),
                _ => set.find::<1>(atoms, value, found),
            }
        }
    }
}

impl WindowSet {
    fn new(atoms: &Atoms, members: &[u32], (width, stride): (usize, usize)) -> WindowSet {
        let counts = Counts::of(atoms, members, width);
        let mut entries = Vec::new();
        for atom in members {
            let windows: Vec<u32> =
                atoms.text(*atom).windows(width).map(|bytes| window(bytes, width)).collect();
            let costs: Vec<u64> = windows
                .iter()
                .map(|one| u64::from(counts.of_window(*one)) << commonness(*one, width))
                .collect();
            let sums = costs.windows(stride).map(|side| side.iter().sum::<u64>()).enumerate();
            let rarest = sums.min_by_key(|(_, sum)| *sum).map(|(from, _)| from);
            let side = rarest.and_then(|from| Some((from, windows.get(from..from + stride)?)));
            let Some((from, side)) = side else { continue };
            let text = atoms.text(*atom);
            let (head, head_mask) = (self::window(text, WIDEST), mask(text.len().min(WIDEST)));
            let head = head & head_mask;
            for (offset, window) in (from as u32..).zip(side) {
                let hash = window.wrapping_mul(MULTIPLIER);
                entries.push(Entry { hash, offset, atom: *atom, head, head_mask });
            }
        }
        sort::sort(&mut entries);
        entries.shrink_to_fit();
        let mut hashes: Vec<u32> = entries.iter().map(|entry| entry.hash).collect();
        hashes.dedup();
        let bucket_shift = u32::BITS - hashes.len().max(16).ilog2();
        let mut buckets = vec![0_u32; (1 << (u32::BITS - bucket_shift)) + 1];
        for entry in &entries {
            if let Some(count) = buckets.get_mut((entry.hash >> bucket_shift) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for bucket in &mut buckets {
            sum += *bucket;
            *bucket = sum;
        }
        let bits = Bits::of(hashes.into_iter());
        WindowSet { width, stride, mask: mask(width), bits, buckets, bucket_shift, entries }
    }

    #[inline(never)]
    fn find<const STRIDE: usize>(
        &self,
        atoms: &Atoms,
        value: &[u8],
        found: &mut dyn FnMut(u32, usize),
    ) {
        let (mask, bits) = (self.mask, &self.bits);
        let mut look = |word: u64, at: usize| {
            let hash = (word as u32 & mask).wrapping_mul(MULTIPLIER);
            if bits.has(hash) {
                self.compare(atoms, value, at, hash, found);
            }
        };
        // How many windows of eight bytes are looked at together.
        let together = if STRIDE == 1 { 4 } else { 2 };
        let mut rest = value;
        while let Some(eight) = rest.first_chunk() {
            let word = u64::from_le_bytes(*eight) | LOWER;
            let at = value.len() - rest.len();
            for step in 0..together {
                look(word >> (8 * STRIDE * step), at + STRIDE * step);
            }
            rest = rest.get(STRIDE * together..).unwrap_or_default();
        }
        let mut word = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)) | LOWER;
        while rest.len() >= self.width {
            look(word, value.len() - rest.len());
            word >>= 8 * STRIDE;
            rest = rest.get(STRIDE..).unwrap_or_default();
        }
    }

    /// Compares the texts that have a window of this hash with the value around it.
    #[inline(never)]
    fn compare(
        &self,
        atoms: &Atoms,
        value: &[u8],
        at: usize,
        hash: u32,
        found: &mut dyn FnMut(u32, usize),
    ) {
        let bucket = (hash >> self.bucket_shift) as usize;
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return;
        };
        let entries = self.entries.get(*from as usize..*to as usize).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.hash == hash) {
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            if let Some(head) = value.get(start..).and_then(<[u8]>::first_chunk)
                && (u32::from_le_bytes(*head) | LOWER as u32) & entry.head_mask != entry.head
            {
                continue;
            }
            let text = atoms.text(entry.atom);
            let Some(own) = value.get(start..start + text.len()) else { continue };
            if is_lower_of(text, own) {
                found(entry.atom, start + text.len());
            }
        }
    }
}

/// One bit of each byte by which upper case differs from lower; that other characters differ by it too costs a closer
/// look, never a match.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// The bits of a window of a width that count.
fn mask(width: usize) -> u32 {
    u32::MAX.checked_shr(8 * WIDEST.saturating_sub(width) as u32).unwrap_or(0)
}

/// The first bytes of a text, at most four, as one number.
fn window(bytes: &[u8], width: usize) -> u32 {
    let mut four = [0; WIDEST];
    for (to, from) in four.iter_mut().zip(bytes.iter().take(width)) {
        *to = from | 0x20;
    }
    u32::from_le_bytes(four)
}

/// How common a window is in texts of any kind, as a power of two.
fn commonness(window: u32, width: usize) -> u32 {
    let of_byte = |byte: &u8| match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 3,
        b'q' | b'z' | b'x' | b'j' | b'v' | b'k' | b'w' => 1,
        b'a'..=b'z' | b'0'..=b'9' | b' ' | b'.' | b'-' | b'/' | b':' | b'"' | b'\\' | b'|' => 2,
        _ => 0,
    };
    window.to_le_bytes().iter().take(width).map(of_byte).sum()
}

/// How many texts have a window, nearly: windows that share a place count together.
struct Counts(Vec<u16>);

impl Counts {
    const BITS: u32 = 14;

    fn of(atoms: &Atoms, members: &[u32], width: usize) -> Counts {
        let mut counts = Counts(vec![0; if members.len() > 1 { 1 << Counts::BITS } else { 0 }]);
        for atom in members.iter().filter(|_| members.len() > 1) {
            for bytes in atoms.text(*atom).windows(width) {
                let place = Counts::place(window(bytes, width));
                if let Some(count) = counts.0.get_mut(place) {
                    *count = count.saturating_add(1);
                }
            }
        }
        counts
    }

    fn of_window(&self, window: u32) -> u16 {
        self.0.get(Counts::place(window)).copied().unwrap_or(0)
    }

    fn place(window: u32) -> usize {
        (window.wrapping_mul(MULTIPLIER) >> (u32::BITS - Counts::BITS)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::super::atoms::AtomKind;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            texts in proptest::collection::vec("[abc]{1,9}|[a-zé –]{1,12}", 0..90),
            value in "[aAbBcC]{0,40}|[a-zé –]{0,60}",
            piece in any::<prop::sample::Index>(),
        ) {
            let mut atoms = Atoms::default();
            let mut members: Vec<u32> =
                texts.iter().map(|text| atoms.add(0, AtomKind::Inside, text.as_bytes())).collect();
            members.sort_unstable();
            members.dedup();
            let set = LiteralSet::new(&atoms, &members);
            let value = if texts.is_empty() { value } else { format!("{value}{}", piece.get(&texts)) };
            let mut found = Vec::new();
            set.find(&atoms, value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            found.dedup();
            let lower = value.to_lowercase();
            let stands = |atom: &u32| lower.contains(std::str::from_utf8(atoms.text(*atom)).unwrap());
            members.retain(stands);
            prop_assert_eq!(found, members);
        }
    }
}
