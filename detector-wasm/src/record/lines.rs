//! In: a text. Out: where its lines end.

use super::words::{first_equal, word};

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// The offset of the first line feed at or behind `from`, or the text's end.
pub(crate) fn line_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = text.get(at..at.saturating_add(BLOCK)) {
        let words = || block.chunks_exact(8).map(|bytes| first_equal(word(bytes), b'\n'));
        if words().fold(0, |found, feeds| found | feeds) != 0 {
            for (place, feeds) in words().enumerate() {
                if feeds != 0 {
                    return at + place * 8 + feeds.trailing_zeros() as usize / 8;
                }
            }
        }
        at += BLOCK;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length)
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
        }
        assert_eq!(line_end(b"", 0), 0);
    }
}
