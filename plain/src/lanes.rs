//! A block of bytes in, which of them are some byte out: a bit for each.

/// Bytes looked at together.
pub(crate) const BLOCK: usize = 64;

/// A way to look at a block.
pub(crate) trait Lanes: Copy {
    /// A block to look at.
    type Block: Copy;

    fn block(self, bytes: &[u8; BLOCK]) -> Self::Block;

    /// All bytes with a bit set.
    fn with(self, block: Self::Block, bit: u8) -> Self::Block;

    /// A bit for each byte that is this one, the first byte's lowest.
    fn equal(self, block: Self::Block, byte: u8) -> u64;
}

/// With the processor's wide instructions.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Copy)]
pub(crate) struct Wide<S>(pub(crate) S);

#[cfg(not(target_family = "wasm"))]
mod wide {
    use fearless_simd::{Simd, prelude::*, u8x64};

    use super::{BLOCK, Lanes, Wide};

    impl<S: Simd> Lanes for Wide<S> {
        type Block = u8x64<S>;

        #[inline(always)]
        fn block(self, bytes: &[u8; BLOCK]) -> u8x64<S> {
            u8x64::simd_from(self.0, *bytes)
        }

        #[inline(always)]
        fn with(self, block: u8x64<S>, bit: u8) -> u8x64<S> {
            block | bit
        }

        #[inline(always)]
        fn equal(self, block: u8x64<S>, byte: u8) -> u64 {
            block.simd_eq(byte).to_bitmask()
        }
    }
}

/// Without them, eight bytes at a time.
#[cfg(target_family = "wasm")]
#[derive(Clone, Copy)]
pub(crate) struct Words;

#[cfg(target_family = "wasm")]
mod words {
    use super::{BLOCK, Lanes, Words};

    /// A one in each byte.
    const ONES: u64 = u64::MAX / 255;

    /// The highest bit of each byte.
    const HIGH: u64 = ONES << 7;

    /// Brings the highest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0002_0408_1020_4081;

    impl Lanes for Words {
        type Block = [u64; 8];

        #[inline]
        fn block(self, bytes: &[u8; BLOCK]) -> [u64; 8] {
            let (parts, _) = bytes.as_chunks();
            let part =
                |number: usize| u64::from_le_bytes(parts.get(number).copied().unwrap_or_default());
            [part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7)]
        }

        #[inline]
        fn with(self, block: [u64; 8], bit: u8) -> [u64; 8] {
            block.map(|part| part | (ONES * u64::from(bit)))
        }

        #[inline]
        fn equal(self, block: [u64; 8], byte: u8) -> u64 {
            block.iter().rev().fold(0, |bits, part| {
                let other = part ^ (ONES * u64::from(byte));
                // No carry passes from one byte to the next.
                let equal = !(((other & !HIGH) + !HIGH) | other | !HIGH);
                bits << 8 | (equal.wrapping_mul(GATHER) >> 56)
            })
        }
    }
}
