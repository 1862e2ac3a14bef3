//! A table of bits that tells of most hashes that nothing has them.

/// The most bits of a table, as a power of two.
const MOST: u32 = 20;

/// The least, as well.
const LEAST: u32 = 11;

/// How many bits there are for each hash.
const SPARSE: usize = 16;

/// A bit for each value of a hash's highest bits.
#[derive(Debug, Default)]
pub(super) struct Bits {
    words: Vec<u32>,
    shift: u32,
}

impl Bits {
    /// A table that knows these hashes.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u32>) -> Bits {
        let width = hashes.len().saturating_mul(SPARSE).max(1).ilog2().clamp(LEAST, MOST);
        let mut bits = Bits { words: vec![0; 1 << (width - 5)], shift: u32::BITS - width };
        for hash in hashes {
            let bit = hash >> bits.shift;
            if let Some(word) = bits.words.get_mut(bit as usize >> 5) {
                *word |= 1 << (bit & 31);
            }
        }
        bits
    }

    /// Whether the hash may be one of the known ones.
    #[inline(always)]
    pub(super) fn has(&self, hash: u32) -> bool {
        let bit = hash >> self.shift;
        self.words.get(bit as usize >> 5).is_some_and(|word| word >> (bit & 31) & 1 == 1)
    }
}
