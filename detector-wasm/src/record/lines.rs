//! In: a text. Out: where its lines end, eight bytes at a time: without SIMD that is as fast as it gets.

/// A one in each byte.
const ONES: u64 = u64::MAX / 255;

/// The highest bit of each byte.
const HIGH: u64 = ONES << 7;

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// The highest bit of each byte that is a line feed; others may be set behind the first.
#[inline(always)]
fn feeds(bytes: &[u8]) -> u64 {
    let word = u64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default());
    let other = word ^ (ONES * b'\n' as u64);
    other.wrapping_sub(ONES) & !other & HIGH
}

/// The offset of the first line feed at or behind `from`, or the text's end.
pub(crate) fn line_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = text.get(at..at.saturating_add(BLOCK)) {
        let found = block.chunks_exact(8).fold(0, |found, word| found | feeds(word));
        if found != 0 {
            break;
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length)
}

/// How many line feeds a text holds.
pub(crate) fn count_lines(text: &[u8]) -> usize {
    let mut words = text.chunks_exact(8);
    let mut count = 0;
    for word in words.by_ref() {
        let word = u64::from_le_bytes(word.first_chunk().copied().unwrap_or_default());
        let other = word ^ (ONES * b'\n' as u64);
        // Exact for each byte: no borrow passes from one to the next.
        let zero = !(((other & !HIGH) + !HIGH) | other | !HIGH);
        count += zero.count_ones() as usize;
    }
    count + words.remainder().iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_as_byte_by_byte() {
        let mut text = Vec::new();
        for n in 0..2000u32 {
            text.push(if n.wrapping_mul(n) % 71 < 2 { b'\n' } else { (n % 251) as u8 });
        }
        for from in 0..text.len() {
            let rest = &text[from..];
            let position = rest.iter().position(|byte| *byte == b'\n');
            assert_eq!(line_end(&text, from), position.map_or(text.len(), |at| from + at));
            assert_eq!(count_lines(rest), rest.iter().filter(|byte| **byte == b'\n').count());
        }
        assert_eq!(line_end(b"", 0), 0);
    }
}
