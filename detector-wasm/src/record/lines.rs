//! In: a text. Out: where its lines end.

use super::words::first_equal;

/// Bytes that are looked at together.
const BLOCK: usize = 32;

/// The offset of the first line feed at or behind `from`, or the text's end.
pub(crate) fn line_end(text: &[u8], from: usize) -> usize {
    let feeds = |word: &[u8; 8]| first_equal(u64::from_le_bytes(*word), b'\n');
    let mut rest = text.get(from..).unwrap_or_default();
    while let Some((block, behind)) = rest.split_first_chunk::<BLOCK>() {
        let (words, _) = block.as_chunks();
        if words.iter().fold(0, |found, word| found | feeds(word)) != 0 {
            break;
        }
        rest = behind;
    }
    while let Some((word, behind)) = rest.split_first_chunk() {
        if feeds(word) != 0 {
            return text.len() - rest.len() + feeds(word).trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    let at = text.len() - rest.len();
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
