//! In: eight bytes of a text. Out: which of them are some byte. Without SIMD that is as fast as it gets.

/// A one in each byte.
const ONES: u64 = u64::MAX / 255;

/// The highest bit of each byte.
const HIGH: u64 = ONES << 7;

/// The highest bit of the first byte of a word that is this one; others may be set behind it.
#[inline(always)]
pub(crate) fn first_equal(word: u64, byte: u8) -> u64 {
    let other = word ^ (ONES * byte as u64);
    other.wrapping_sub(ONES) & !other & HIGH
}

/// The highest bit of the first byte of a word that JSON doesn't let stand in a string as it is: a quote,
/// a backslash, or less than 0x20. Others may be set behind it.
#[inline(always)]
pub(super) fn first_special(word: u64) -> u64 {
    // A quote becomes 0x20, and only what is less than that stays so.
    let swapped = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (swapped | backslash) & !word & HIGH
}

/// The highest bit of the first byte of a word that is less than 0x20; others may be set behind it.
#[inline(always)]
pub(super) fn first_control(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word & HIGH
}

/// Not zero if a byte of a word is less than 0x20 or no ASCII.
#[inline(always)]
pub(super) fn unprintable(word: u64) -> u64 {
    (word | word.wrapping_sub(ONES * 0x20)) & HIGH
}

/// The word with its capital letters of ASCII in lower case.
#[inline(always)]
pub(crate) fn lower(word: u64) -> u64 {
    let seven = word & !HIGH;
    let from_a = seven + ONES * (0x80 - b'A') as u64;
    let behind_z = seven + ONES * (0x7f - b'Z') as u64;
    word | (from_a & !behind_z & !word & HIGH) >> 2
}

#[cfg(test)]
mod tests {
    use super::lower;

    #[test]
    fn lower_case_is_that_of_each_byte() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut word = *b"Az[{@`Zq";
                word[place] = byte;
                let expected = word.map(|byte| byte.to_ascii_lowercase());
                assert_eq!(
                    lower(u64::from_le_bytes(word)).to_le_bytes(),
                    expected,
                    "{byte} {place}"
                );
            }
        }
    }
}
