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

/// The strides that there are loops for, in order.
const LOOPS: [Stride; 18] = [
    Stride(1, pass::<1, { round(1) }>),
    Stride(2, pass::<2, { round(2) }>),
    Stride(3, pass::<3, { round(3) }>),
    Stride(4, pass::<4, { round(4) }>),
    Stride(5, pass::<5, { round(5) }>),
    Stride(6, pass::<6, { round(6) }>),
    Stride(7, pass::<7, { round(7) }>),
    Stride(8, pass::<8, { round(8) }>),
    Stride(9, pass::<9, { round(9) }>),
    Stride(10, pass::<10, { round(10) }>),
    Stride(12, pass::<12, { round(12) }>),
    Stride(14, pass::<14, { round(14) }>),
    Stride(16, pass::<16, { round(16) }>),
    Stride(18, pass::<18, { round(18) }>),
    Stride(20, pass::<20, { round(20) }>),
    Stride(22, pass::<22, { round(22) }>),
    Stride(24, pass::<24, { round(24) }>),
    Stride(28, pass::<28, { round(28) }>),
];

/// Bytes from the first to the end of the last window of a round.
const fn round(stride: usize) -> usize {
    (TOGETHER - 1) * stride + 4
}

impl Stride {
    /// The longest stride that is no longer than this, and no shorter than one byte.
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

/// Rounds of `TOGETHER` positions, whose windows lie within `ROUND` bytes.
#[inline(never)]
fn pass<const STRIDE: usize, const ROUND: usize>(table: Table<'_>, text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(round) = text.get(at..).and_then(<[u8]>::first_chunk::<ROUND>) {
        let look_up = |place: usize| {
            let window = window(round.get(place * STRIDE..).unwrap_or_default());
            table.look_up(window)
        };
        let any = (0..TOGETHER).fold(0, |any, place| any | look_up(place));
        if any & 1 == 1 {
            let known = |place: usize| (look_up(place) & 1) << place;
            let first = (0..TOGETHER).fold(0, |all, place| all | known(place)).trailing_zeros();
            return at + first as usize * STRIDE;
        }
        at += TOGETHER * STRIDE;
    }
    at
}
