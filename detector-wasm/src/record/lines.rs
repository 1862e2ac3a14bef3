//! In: a text. Out: where its lines begin and end, and how many there are.

use super::words::{equal, first_equal, word};

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

/// The offset behind the last line feed before `at`, or 0.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    let mut words = before.rchunks_exact(8);
    let mut end = before.len();
    for bytes in words.by_ref() {
        let feeds = equal(word(bytes), b'\n');
        if feeds != 0 {
            return end - feeds.leading_zeros() as usize / 8;
        }
        end -= 8;
    }
    words.remainder().iter().rposition(|byte| *byte == b'\n').map_or(0, |feed| feed + 1)
}

/// How many line feeds a text holds.
pub(crate) fn count_lines(text: &[u8]) -> usize {
    let words = text.chunks_exact(8);
    let rest = words.remainder().iter().filter(|byte| **byte == b'\n').count();
    rest + words.map(|bytes| equal(word(bytes), b'\n').count_ones() as usize).sum::<usize>()
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
            let before = text[..from].iter().rposition(|byte| *byte == b'\n');
            assert_eq!(line_start(&text, from), before.map_or(0, |at| at + 1));
            assert_eq!(line_end(&text, from), position.map_or(text.len(), |at| from + at));
            assert_eq!(count_lines(rest), rest.iter().filter(|byte| **byte == b'\n').count());
        }
        assert_eq!(line_end(b"", 0), 0);
    }
}
