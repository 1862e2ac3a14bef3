//! In: a text. Out: how much of its begin can be passed over, because none of the windows there, looked
//! at one stride after the other, is in a set.

use super::window::{Table, window};

/// Positions that are looked up before any of them is asked about.
const TOGETHER: usize = 8;

/// The distance between positions, with the loop made for it: where all distances are known when the
/// loop is compiled, it asks for the end of the text once a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stride(usize, Loop);

/// Gives the number of bytes of a text that are passed over.
type Loop = fn(Table<'_>, &[u8]) -> usize;

/// The strides that there are loops for, in order. Shorter ones would have windows lie over each other's
/// rounds, and are not worth one.
const LOOPS: [Stride; 16] = [
    Stride(1, |_, _| 0),
    Stride(2, |_, _| 0),
    Stride(4, pass::<4, { 4 * TOGETHER }>),
    Stride(5, pass::<5, { 5 * TOGETHER }>),
    Stride(6, pass::<6, { 6 * TOGETHER }>),
    Stride(7, pass::<7, { 7 * TOGETHER }>),
    Stride(8, pass::<8, { 8 * TOGETHER }>),
    Stride(9, pass::<9, { 9 * TOGETHER }>),
    Stride(10, pass::<10, { 10 * TOGETHER }>),
    Stride(12, pass::<12, { 12 * TOGETHER }>),
    Stride(14, pass::<14, { 14 * TOGETHER }>),
    Stride(16, pass::<16, { 16 * TOGETHER }>),
    Stride(18, pass::<18, { 18 * TOGETHER }>),
    Stride(20, pass::<20, { 20 * TOGETHER }>),
    Stride(22, pass::<22, { 22 * TOGETHER }>),
    Stride(28, pass::<28, { 28 * TOGETHER }>),
];

impl Stride {
    /// The longest stride that isn't longer than this, or that of one byte.
    pub(super) fn within(longest: usize) -> Stride {
        let [shortest, ..] = LOOPS;
        LOOPS.into_iter().rfind(|stride| stride.0 <= longest).unwrap_or(shortest)
    }

    /// Bytes from one position to the next.
    pub(super) fn length(self) -> usize {
        self.0
    }

    /// How many bytes at the begin of a text, a multiple of the stride, hold no position whose window
    /// the table knows: up to the first such position, or to where too little is left for a round.
    pub(super) fn pass(self, table: Table<'_>, text: &[u8]) -> usize {
        (self.1)(table, text)
    }
}

/// Rounds of `TOGETHER` positions; `ROUND` bytes each.
#[inline(never)]
fn pass<const STRIDE: usize, const ROUND: usize>(table: Table<'_>, text: &[u8]) -> usize {
    let (rounds, _) = text.as_chunks::<ROUND>();
    let known = |round: &[u8; ROUND]| {
        let mut any = 0;
        for step in round.chunks_exact(STRIDE) {
            any |= table.look_up(window(step));
        }
        any & 1 == 1
    };
    let Some(passed) = rounds.iter().position(known) else { return rounds.len() * ROUND };
    let steps = rounds.get(passed).map(|round| round.chunks_exact(STRIDE)).into_iter().flatten();
    let known = steps.map(|step| u32::from(table.look_up(window(step)) & 1));
    let first = known.rev().fold(0, |known, this| known << 1 | this).trailing_zeros();
    passed * ROUND + first as usize * STRIDE
}
