//! In: windows. Out: a small table that knows them, and few others.

use super::window::Window;

/// How many bits of a hash say where in a table a word begins. Half as many words would stay in a
/// processor's nearest cache, which one rule gains less by than many lose by its being fuller.
const BITS: u32 = 16;

/// Bytes of a table: one for each value of those bits, and what a word there may reach beyond.
const SIZE: usize = (1 << BITS) + size_of::<u32>();

/// What a hash multiplies by, odd numbers without a pattern. A table takes the one by which the fewest
/// common windows come to where one of its own is.
const MULTIPLIERS: [u32; 8] = [
    0x9e37_79b1,
    0x85eb_ca6b,
    0xc2b2_ae35,
    0xcc9e_2d51,
    0x1b87_3593,
    0xe654_6b65,
    0x27d4_eb2f,
    0xd6e8_feb9,
];

/// A bit for each value of 21 bits of a hash: the highest say where a word begins, the lowest which of its
/// bits it is.
#[derive(Debug)]
pub(super) struct Table {
    bits: Vec<u8>,
    /// What the hash multiplies by.
    multiplier: u32,
}

impl Table {
    /// The table of these windows that knows the fewest of the others, which are common.
    pub(super) fn new(windows: &[Window], common: &[Window]) -> Table {
        let [first, ..] = MULTIPLIERS;
        let mut table = Table { bits: Vec::new(), multiplier: first };
        if !common.is_empty() {
            let least = MULTIPLIERS.into_iter().min_by_key(|multiplier| {
                table.fill(*multiplier, windows);
                let look = table.look();
                common.iter().filter(|window| look.is_some_and(|look| look.knows(**window))).count()
            });
            table.multiplier = least.unwrap_or(first);
        }
        table.fill(table.multiplier, windows);
        table
    }

    fn fill(&mut self, multiplier: u32, windows: &[Window]) {
        self.multiplier = multiplier;
        self.bits.clear();
        self.bits.resize(SIZE, 0);
        for window in windows {
            let (at, bit) = place(*window, multiplier);
            if let Some(word) = self.bits.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *word = (u32::from_le_bytes(*word) | 1u32.wrapping_shl(bit)).to_le_bytes();
            }
        }
    }

    /// The table, to be asked many times.
    #[inline(always)]
    pub(super) fn look(&self) -> Option<Look<'_>> {
        let bits = self.bits.first_chunk()?;
        Some(Look { bits, multiplier: self.multiplier })
    }

    /// Whether a window may be in the table.
    pub(super) fn knows(&self, window: Window) -> bool {
        self.look().is_some_and(|look| look.knows(window))
    }
}

/// A table, its size known to be right.
#[derive(Clone, Copy)]
pub(super) struct Look<'t> {
    bits: &'t [u8; SIZE],
    multiplier: u32,
}

impl Look<'_> {
    /// Whether a window may be in the table.
    #[inline(always)]
    pub(super) fn knows(self, window: Window) -> bool {
        let (at, bit) = place(window, self.multiplier);
        // The index has few bits, so that this is no question for the processor.
        let word = self.bits.get(at..).and_then(<[u8]>::first_chunk).copied();
        u32::from_le_bytes(word.unwrap_or_default()).wrapping_shr(bit) & 1 == 1
    }
}

/// The byte of a table where the word of a window's bit begins, and the bit's number, of which five bits
/// count.
#[inline(always)]
fn place(window: Window, multiplier: u32) -> (usize, u32) {
    let hash = window.hash(multiplier);
    ((hash >> (u32::BITS - BITS)) as usize, hash)
}
