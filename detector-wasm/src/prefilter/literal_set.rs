//! In: texts, and a value. Out: which of the texts stand in it, in any case.
//!
//! Of each text four bytes are looked for (fewer if it is shorter): those that the fewest of the other texts have. A
//! hash of the bytes at each place of the value is asked in a small table of bits; only where it is known are texts
//! compared. The time doesn't grow with the number of texts, and a text costs a few words.

use super::atoms::{Atoms, Kind};
use crate::sort;

/// The most bytes of a text that are looked for.
const WIDEST: usize = 4;

/// What a hash multiplies by.
const MULTIPLIER: u32 = 0x9e37_79b1;

/// Texts to be found in values.
#[derive(Debug, Default)]
pub(super) struct LiteralSet {
    /// Those with windows of one, two, three and four bytes, as far as there are any.
    windows: Vec<WindowSet>,
}

/// Texts that are found by windows of one width.
#[derive(Debug)]
struct WindowSet {
    width: usize,
    /// The bits of a window that count.
    mask: u32,
    /// A bit for each value of a hash's highest bits.
    bits: Vec<u32>,
    bit_shift: u32,
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
}

impl LiteralSet {
    /// The texts of these atoms.
    pub(super) fn new(atoms: &Atoms, members: &[u32]) -> LiteralSet {
        let counts = Counts::of(atoms, members);
        let mut by_width: [Vec<Entry>; WIDEST] = Default::default();
        for atom in members {
            let text = atoms.text(*atom);
            let width = text.len().min(WIDEST);
            let windows = text.windows(width.max(1)).map(|bytes| window(bytes, width));
            let rarest = windows.enumerate().min_by_key(|(_, window)| counts.of_window(*window));
            if let (Some((offset, window)), Some(entries)) =
                (rarest, by_width.get_mut(width.wrapping_sub(1)))
            {
                let hash = window.wrapping_mul(MULTIPLIER);
                entries.push(Entry { hash, offset: offset as u32, atom: *atom });
            }
        }
        let sets = by_width.into_iter().zip(1..).filter(|(entries, _)| !entries.is_empty());
        LiteralSet {
            windows: sets.map(|(entries, width)| WindowSet::new(width, entries)).collect(),
        }
    }

    /// Gives the atoms whose texts stand in a value to `found`, some of them several times. The value must be in lower
    /// case as far as it isn't ASCII.
    pub(super) fn find(&self, atoms: &Atoms, value: &[u8], found: &mut dyn FnMut(u32)) {
        for set in &self.windows {
            set.find(atoms, value, found);
        }
    }
}

impl WindowSet {
    fn new(width: usize, mut entries: Vec<Entry>) -> WindowSet {
        sort::sort(&mut entries);
        entries.shrink_to_fit();
        let mut distinct = 1_usize;
        for pair in entries.windows(2) {
            distinct += usize::from(pair.first().map(|e| e.hash) != pair.last().map(|e| e.hash));
        }
        let bit_shift = u32::BITS - distinct.saturating_mul(16).max(512).ilog2().min(20);
        let mut bits = vec![0_u32; 1 << (u32::BITS - bit_shift - 5)];
        let bucket_shift = u32::BITS - distinct.max(16).ilog2();
        let mut buckets = vec![0_u32; (1 << (u32::BITS - bucket_shift)) + 1];
        for entry in &entries {
            let bit = entry.hash >> bit_shift;
            if let Some(word) = bits.get_mut(bit as usize >> 5) {
                *word |= 1 << (bit & 31);
            }
            if let Some(count) = buckets.get_mut((entry.hash >> bucket_shift) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for bucket in &mut buckets {
            sum += *bucket;
            *bucket = sum;
        }
        let mask = u32::MAX >> (8 * (WIDEST - width));
        WindowSet { width, mask, bits, bit_shift, buckets, bucket_shift, entries }
    }

    #[inline(never)]
    fn find(&self, atoms: &Atoms, value: &[u8], found: &mut dyn FnMut(u32)) {
        let (bits, shift, mask) = (self.bits.as_slice(), self.bit_shift, self.mask);
        let mut rest = value;
        while let Some(four) = rest.first_chunk::<WIDEST>() {
            let hash = ((u32::from_le_bytes(*four) | LOWER) & mask).wrapping_mul(MULTIPLIER);
            let bit = hash >> shift;
            if bits.get(bit as usize >> 5).is_some_and(|word| word >> (bit & 31) & 1 == 1) {
                self.compare(atoms, value, value.len() - rest.len(), hash, found);
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        // Narrow windows may stand in the last bytes, too.
        while rest.len() >= self.width {
            let hash = window(rest, self.width).wrapping_mul(MULTIPLIER);
            self.compare(atoms, value, value.len() - rest.len(), hash, found);
            rest = rest.get(1..).unwrap_or_default();
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
        found: &mut dyn FnMut(u32),
    ) {
        let bucket = (hash >> self.bucket_shift) as usize;
        let (Some(from), Some(to)) = (self.buckets.get(bucket), self.buckets.get(bucket + 1))
        else {
            return;
        };
        let entries = self.entries.get(*from as usize..*to as usize).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.hash == hash) {
            let text = atoms.text(entry.atom);
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let Some(own) = value.get(start..start + text.len()) else { continue };
            let stands = match atoms.kind(entry.atom) {
                Kind::Start => start == 0,
                Kind::End => start + text.len() == value.len(),
                _ => true,
            };
            if stands && own.iter().map(u8::to_ascii_lowercase).eq(text.iter().copied()) {
                found(entry.atom);
            }
        }
    }
}

/// One bit of each byte by which upper case differs from lower; that other characters differ by it too costs a closer
/// look, never a match.
const LOWER: u32 = 0x2020_2020;

/// The first bytes of a text, at most four, as one number.
fn window(bytes: &[u8], width: usize) -> u32 {
    let mut four = [0; WIDEST];
    for (to, from) in four.iter_mut().zip(bytes.iter().take(width)) {
        *to = from | 0x20;
    }
    u32::from_le_bytes(four)
}

/// How many texts have a window, nearly: windows that share a place count together.
struct Counts(Vec<u16>);

impl Counts {
    const BITS: u32 = 14;

    fn of(atoms: &Atoms, members: &[u32]) -> Counts {
        let mut counts = Counts(vec![0; if members.len() > 1 { 1 << Counts::BITS } else { 0 }]);
        for atom in members.iter().filter(|_| members.len() > 1) {
            for bytes in atoms.text(*atom).windows(WIDEST) {
                let place = Counts::place(window(bytes, WIDEST));
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
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            texts in proptest::collection::vec(("[abc]{1,7}|[a-zé –]{1,12}", 0..3usize), 0..40),
            value in "[aAbBcC]{0,40}|[a-zé –]{0,60}",
            piece in any::<prop::sample::Index>(),
        ) {
            let mut atoms = Atoms::default();
            let kinds = [Kind::Inside, Kind::Start, Kind::End];
            let mut members: Vec<u32> =
                texts.iter().map(|(text, kind)| atoms.add(0, kinds[*kind], text.as_bytes())).collect();
            members.sort_unstable();
            members.dedup();
            let set = LiteralSet::new(&atoms, &members);
            let value = if texts.is_empty() { value } else { format!("{value}{}", piece.get(&texts).0) };
            let mut found = Vec::new();
            set.find(&atoms, value.as_bytes(), &mut |atom| found.push(atom));
            found.sort_unstable();
            found.dedup();
            let lower = value.to_lowercase();
            let expected: Vec<u32> = members.into_iter().filter(|atom| {
                let text = std::str::from_utf8(atoms.text(*atom)).unwrap();
                match atoms.kind(*atom) {
                    Kind::Start => lower.starts_with(text),
                    Kind::End => lower.ends_with(text),
                    _ => lower.contains(text),
                }
            }).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
