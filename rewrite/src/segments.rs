//! A memory's bytes in, the ranges of it that must be written out.
//!
//! Memory starts as zeros, so only what isn't zero is kept. A segment costs some bytes of its own: short gaps
//! between two of them are kept as zeros instead.

use std::ops::Range;

/// The longest gap that is kept in the first attempt: a segment's own bytes are at least as many.
const GAP: usize = 8;

/// How many segments a module may get. Engines refuse more than 100,000 in all; a state that is torn further keeps
/// longer gaps, so there is no state that can't be kept.
const MOST: usize = 50_000;

/// Ranges that hold every byte that isn't zero, in the order of their addresses.
pub(crate) fn segments(memory: &[u8]) -> Vec<Range<usize>> {
    segments_below(memory, MOST)
}

/// As [`segments`], of which there are fewer than `most`.
pub(crate) fn segments_below(memory: &[u8], most: usize) -> Vec<Range<usize>> {
    let mut found = joined(runs(memory), GAP);
    let mut gap = GAP;
    while found.len() > most {
        gap = gap.saturating_mul(2);
        found = joined(found.into_iter(), gap);
    }
    found
}

/// Runs of bytes that aren't zero.
fn runs(memory: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + zeros(memory.get(at..)?);
        let length = memory.get(start..)?.iter().take_while(|byte| **byte != 0).count();
        at = start + length;
        (length > 0).then_some(start..at)
    })
}

/// How many zeros some bytes begin with: most of a memory is, so it is looked at in words.
fn zeros(bytes: &[u8]) -> usize {
    let words = bytes.as_chunks::<16>().0;
    let whole = words.iter().take_while(|word| u128::from_ne_bytes(**word) == 0).count() * 16;
    whole + bytes.get(whole..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count()
}

/// Ranges joined over gaps of up to a length.
fn joined(ranges: impl Iterator<Item = Range<usize>>, gap: usize) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start - last.end <= gap => last.end = range.end,
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_gaps_are_kept_and_long_ones_left_out() {
        let mut memory = vec![0; 100];
        for at in [3, 4, 12, 40, 99] {
            memory[at] = 1;
        }
        assert_eq!(segments(&memory), [3..13, 40..41, 99..100]);
        assert_eq!(segments(&[0; 64]), []);
        assert_eq!(segments(&[]), []);
        let whole = segments(&[7; 33]);
        assert_eq!((whole.len(), whole[0].clone()), (1, 0..33));
    }

    #[test]
    fn a_torn_state_keeps_longer_gaps_instead_of_too_many_segments() {
        let memory: Vec<u8> = (0..64_000).map(|at| u8::from(at % 32 == 0)).collect();
        assert_eq!(segments(&memory).len(), 2000);
        let few = segments_below(&memory, 100);
        assert_eq!(few.len(), 1);
        assert!(memory.iter().enumerate().all(|(at, byte)| *byte == 0 || few[0].contains(&at)));
    }
}
