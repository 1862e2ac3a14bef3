//! In: a text. Out: how much of its begin can be passed over, because none of the windows there, looked
//! at one stride after the other, is in a set.

use super::window::{Table, window};

/// The distance between positions, with the loop made for it: where all distances are known when the
/// loop is compiled, it asks for the end of the text once a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stride(usize, Loop);

/// Gives the place up to which a text is passed over from a place on.
type Loop = fn(Table<'_>, &[u8], usize) -> usize;

/// The strides that there are loops for, in order. The longest ones have the longest rounds.
const LOOPS: [Stride; 15] = [
    Stride(2, pass::<2, 8, { round(2, 8) }>),
    Stride(3, pass::<3, 8, { round(3, 8) }>),
    Stride(4, pass::<4, 8, { round(4, 8) }>),
    Stride(5, pass::<5, 8, { round(5, 8) }>),
    Stride(6, pass::<6, 8, { round(6, 8) }>),
    Stride(7, pass::<7, 8, { round(7, 8) }>),
    Stride(8, pass::<8, 16, { round(8, 16) }>),
    Stride(9, pass::<9, 16, { round(9, 16) }>),
    Stride(10, pass::<10, 16, { round(10, 16) }>),
    Stride(12, pass::<12, 16, { round(12, 16) }>),
    Stride(14, pass::<14, 16, { round(14, 16) }>),
    Stride(16, pass::<16, 16, { round(16, 16) }>),
    Stride(20, pass::<20, 16, { round(20, 16) }>),
    Stride(24, pass::<24, 16, { round(24, 16) }>),
    Stride(28, pass::<28, 16, { round(28, 16) }>),
];

/// Bytes from the first to the end of the last window of a round of so many positions.
const fn round(stride: usize, positions: usize) -> usize {
    (positions - 1) * stride + 4
}

impl Stride {
    /// The longest stride that is no longer than this; literals have at least five bytes, for the shortest.
    pub(super) fn within(longest: usize) -> Stride {
        let [shortest, ..] = LOOPS;
        LOOPS.into_iter().rfind(|stride| stride.0 <= longest).unwrap_or(shortest)
    }

    /// Bytes from one position to the next.
    pub(super) fn length(self) -> usize {
        self.0
    }

    /// The first of the positions `from`, `from` + stride, ... of a text whose window the table knows and
    /// that is in company, or the one behind which too little is left for a round.
    pub(super) fn pass(self, table: Table<'_>, text: &[u8], from: usize) -> usize {
        (self.1)(table, text, from)
    }
}

/// Rounds of so many positions, for which the text's end is asked about once; their windows lie within
/// `ROUND` bytes.
#[inline(never)]
fn pass<const STRIDE: usize, const POSITIONS: usize, const ROUND: usize>(
    table: Table<'_>,
    text: &[u8],
    from: usize,
) -> usize {
    let mut left = text.get(from..).unwrap_or_default();
    while let Some(round) = left.first_chunk::<ROUND>() {
        let window_at = |place: usize| window(round.get(place * STRIDE..).unwrap_or_default());
        // A branch for each leaves nothing behind that would have to be kept until the round's end; a
        // processor guesses them all ahead.
        match (0..POSITIONS).find(|place| table.knows(window_at(*place))) {
            None => left = left.get(POSITIONS * STRIDE..).unwrap_or_default(),
            Some(place) => {
                let at = text.len() - left.len() + place * STRIDE;
                if is_in_company(table, text, at, STRIDE) {
                    return at;
                }
                left = left.get((place + 1) * STRIDE..).unwrap_or_default();
            }
        }
    }
    text.len() - left.len()
}

/// Whether another window of the same occurrence may be behind or before the one at a position. Most of
/// those that stand in other words, too, are alone.
#[cold]
#[inline(never)]
pub(super) fn is_in_company(table: Table<'_>, text: &[u8], at: usize, stride: usize) -> bool {
    // A part has as many windows as the stride has bytes; half as far behind or before each is another.
    let distance = (stride / 2).min(4);
    table.knows_at(text, at + distance)
        || at.checked_sub(distance).is_some_and(|before| table.knows_at(text, before))
}
