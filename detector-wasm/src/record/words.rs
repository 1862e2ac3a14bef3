//! In: eight bytes of a text. Out: which of them are some byte. Without SIMD that is as fast as it gets.

/// A one in each byte.
const ONES: u64 = u64::MAX / 255;

/// The highest bit of each byte.
const HIGH: u64 = ONES << 7;

/// The first eight bytes of a text as a number, the first of them lowest.
#[inline(always)]
pub(super) fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default())
}

/// The highest bit of the first byte of a word that is this one; others may be set behind it.
#[inline(always)]
pub(crate) fn first_equal(word: u64, byte: u8) -> u64 {
    let other = word ^ (ONES * byte as u64);
    other.wrapping_sub(ONES) & !other & HIGH
}

/// Whether a byte of a word is less than 0x20.
#[inline(always)]
pub(super) fn any_control(word: u64) -> bool {
    word.wrapping_sub(ONES * 0x20) & !word & HIGH != 0
}
