//! A block of bytes in, which of them are some byte out: a bit for each.

/// Bytes looked at together.
pub(crate) const BLOCK: usize = 64;

pub(crate) use kind::Lanes;

/// With the processor's wide instructions.
#[cfg(not(target_family = "wasm"))]
mod kind {
    use wide::u8x16;

    use super::BLOCK;

    /// A block.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([u8x16; 4]);

    impl Lanes {
        #[inline]
        pub(crate) fn of(block: &[u8; BLOCK]) -> Lanes {
            let (parts, _) = block.as_chunks();
            let part = |number: usize| u8x16::new(parts.get(number).copied().unwrap_or_default());
            Lanes([part(0), part(1), part(2), part(3)])
        }

        /// All bytes with a bit set.
        #[inline]
        pub(crate) fn with(self, bit: u8) -> Lanes {
            Lanes(self.0.map(|part| part | u8x16::splat(bit)))
        }

        /// A bit for each byte that is this one, the first byte's lowest.
        #[inline]
        pub(crate) fn equal(self, byte: u8) -> u64 {
            let equal = self.0.map(|part| part.simd_eq(u8x16::splat(byte)).to_bitmask());
            equal.iter().rev().fold(0, |bits, part| bits << 16 | u64::from(*part))
        }
    }
}

/// Without them, eight bytes at a time.
#[cfg(target_family = "wasm")]
mod kind {
    use super::BLOCK;

    /// A one in each byte.
    const ONES: u64 = u64::MAX / 255;

    /// The highest bit of each byte.
    const HIGH: u64 = ONES << 7;

    /// Brings the highest bits of eight bytes together in the highest byte.
    const GATHER: u64 = 0x0002_0408_1020_4081;

    /// A block.
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([u64; 8]);

    impl Lanes {
        #[inline]
        pub(crate) fn of(block: &[u8; BLOCK]) -> Lanes {
            let (parts, _) = block.as_chunks();
            let part =
                |number: usize| u64::from_le_bytes(parts.get(number).copied().unwrap_or_default());
            Lanes([part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7)])
        }

        /// All bytes with a bit set.
        #[inline]
        pub(crate) fn with(self, bit: u8) -> Lanes {
            Lanes(self.0.map(|part| part | (ONES * u64::from(bit))))
        }

        /// A bit for each byte that is this one, the first byte's lowest.
        #[inline]
        pub(crate) fn equal(self, byte: u8) -> u64 {
            self.0.iter().rev().fold(0, |bits, part| {
                let other = part ^ (ONES * u64::from(byte));
                // No carry passes from one byte to the next.
                let equal = !(((other & !HIGH) + !HIGH) | other | !HIGH);
                bits << 8 | (equal.wrapping_mul(GATHER) >> 56)
            })
        }
    }
}
