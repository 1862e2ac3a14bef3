//! In: a text. Out: the first place in it, looked at one stride after the other, that a set knows the window
//! of, and another one nearby.

use super::table::Look;
use super::window::window;
use super::windows::Windows;

/// The distance between positions, with the loop made for it: where all distances are known when the
/// loop is compiled, it asks for the end of the text once a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stride(usize, Loop);

/// Gives the first place of interest in a text from a place on.
type Loop = fn(&Windows, &[u8], usize) -> Option<usize>;

/// The strides that there are loops for, in order. The longest ones have the longest rounds.
const LOOPS: [Stride; 15] = [
    Stride(2, find::<2, 8, { round(2, 8) }>),
    Stride(3, find::<3, 8, { round(3, 8) }>),
    Stride(4, find::<4, 8, { round(4, 8) }>),
    Stride(5, find::<5, 8, { round(5, 8) }>),
    Stride(6, find::<6, 8, { round(6, 8) }>),
    Stride(7, find::<7, 8, { round(7, 8) }>),
    Stride(8, find::<8, 16, { round(8, 16) }>),
    Stride(9, find::<9, 16, { round(9, 16) }>),
    Stride(10, find::<10, 16, { round(10, 16) }>),
    Stride(12, find::<12, 16, { round(12, 16) }>),
    Stride(14, find::<14, 16, { round(14, 16) }>),
    Stride(16, find::<16, 16, { round(16, 16) }>),
    Stride(20, find::<20, 16, { round(20, 16) }>),
    Stride(24, find::<24, 16, { round(24, 16) }>),
    Stride(28, find::<28, 16, { round(28, 16) }>),
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

    /// The first of the positions `from`, `from` + stride, ... of a text whose window may be in the set and
    /// is in company.
    pub(super) fn find(self, windows: &Windows, text: &[u8], from: usize) -> Option<usize> {
        (self.1)(windows, text, from)
    }
}

/// Rounds of so many positions, for which the text's end is asked about once; their windows lie within
/// `ROUND` bytes.
#[inline(never)]
fn find<const STRIDE: usize, const POSITIONS: usize, const ROUND: usize>(
    windows: &Windows,
    text: &[u8],
    from: usize,
) -> Option<usize> {
    windows.ask(|look| {
        let mut left = text.get(from..).unwrap_or_default();
        while let Some(round) = left.first_chunk::<ROUND>() {
            let window_at = |place: usize| window(round.get(place * STRIDE..).unwrap_or_default());
            // A branch for each leaves nothing behind that would have to be kept until the round's end; a
            // processor guesses them all ahead.
            match (0..POSITIONS).find(|place| look.knows(window_at(*place))) {
                None => left = left.get(POSITIONS * STRIDE..).unwrap_or_default(),
                Some(place) => {
                    let at = text.len() - left.len() + place * STRIDE;
                    let distance = const { Windows::distance(STRIDE) };
                    if windows.is_in_company(look, text, at, distance) {
                        return Some(at);
                    }
                    left = left.get((place + 1) * STRIDE..).unwrap_or_default();
                }
            }
        }
        find_in_rest(look, windows, text, text.len() - left.len(), STRIDE)
    })
}

/// The same where too little is left for a round.
#[inline(never)]
fn find_in_rest(
    look: Look<'_>,
    windows: &Windows,
    text: &[u8],
    from: usize,
    stride: usize,
) -> Option<usize> {
    let mut at = from;
    loop {
        let bytes = text.get(at..)?.first_chunk::<4>()?;
        let distance = Windows::distance(stride);
        if look.knows(window(bytes)) && windows.is_in_company(look, text, at, distance) {
            return Some(at);
        }
        at += stride;
    }
}
