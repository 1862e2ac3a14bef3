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

    /// The bits from the first of two set ones to before the second, from the third to before the fourth,
    /// and so on; from the last to the end if it is alone.
    #[inline(always)]
    fn between(self, bits: u64) -> u64 {
        between(bits)
    }
}

/// The block at an offset, the text's last one filled up with blanks; none behind the text's end. It is
/// compiled into its caller, as all is that looks at blocks.
#[inline(always)]
pub(crate) fn block_at<'t>(
    text: &'t [u8],
    at: usize,
    last: &'t mut [u8; BLOCK],
) -> Option<&'t [u8; BLOCK]> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    Some(rest.first_chunk().unwrap_or_else(|| {
        last.fill(b' ');
        last.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
        last
    }))
}

#[inline(always)]
fn between(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
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

        #[cfg(target_arch = "x86_64")]
        #[inline(always)]
        fn between(self, bits: u64) -> u64 {
            match self.0.level().as_avx512() {
                Some(avx512) => product_with_ones(avx512, bits),
                None => super::between(bits),
            }
        }
    }

    // Where these instructions are there, one of them is a multiplication without carries. With all ones
    // it makes of each bit whether those up to it are even or odd.
    #[cfg(target_arch = "x86_64")]
    fearless_simd::kernel!(
        #[inline]
        fn product_with_ones(avx512: Avx512, bits: u64) -> u64 {
            use std::arch::x86_64::{
                _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set1_epi8,
            };
            let product =
                _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits.cast_signed()), _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product).cast_unsigned()
        }
    );
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

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::{BLOCK, Lanes, Wide, between};

    #[test]
    fn between_bits() {
        for (bits, expected) in [
            ("00000000", "00000000"),
            ("10000001", "11111110"),
            ("00100000", "00111111"),
            ("01101010", "01001100"),
            ("11111111", "10101010"),
        ] {
            // The first bit is the lowest.
            let number = |text: &str| {
                text.bytes().rev().fold(0, |bits, bit| bits << 1 | u64::from(bit == b'1'))
            };
            assert_eq!(between(number(bits)) & 0xff, number(expected), "{bits}");
        }
    }

    #[test]
    fn this_machine_sees_what_any_does() {
        let mut bytes = [0; BLOCK];
        let mut state: u64 = 1;
        for _ in 0..1000 {
            for byte in &mut bytes {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                *byte = b'x' + (state >> 61) as u8;
            }
            let expected =
                bytes.iter().rev().fold(0, |bits, byte| bits << 1 | u64::from(*byte == b'{'));
            let (equal, strings) = dispatch!(Level::new(), simd => {
                let lanes = Wide(simd);
                let equal = lanes.equal(lanes.block(&bytes), b'{');
                (equal, lanes.between(equal))
            });
            assert_eq!((equal, strings), (expected, between(expected)), "{}", bytes.escape_ascii());
        }
    }
}
