//! In: all that four bytes of an occurrence can be. Out: what tells them from four bytes of any other text,
//! quickly and nearly, then for sure.

use super::numbers::Numbers;
use super::table::{Look, Table};
use super::window::{Window, window};

/// The windows of literals in all their spellings.
#[derive(Debug, Clone, Default)]
pub(super) struct Spelled {
    /// Those in which each byte is a character of a literal, with their numbers: of several for one window
    /// the first counts.
    pub(super) plain: Vec<(Window, u32)>,
    /// Two of those at a time, of one literal, the second one as far behind the first as company stands.
    pub(super) pairs: Vec<Window>,
    /// Those with bytes of another spelling.
    pub(super) others: Vec<Window>,
}

/// A set of such windows.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// All of them, nearly.
    all: Table,
    /// The pairs, and the windows with bytes of another spelling, nearly.
    company: Table,
    /// All of them, for sure.
    numbers: Numbers,
    /// So many bytes are from a window to the one that is its company.
    distance: usize,
}

impl Windows {
    /// The number of a window that no literal has as it is.
    pub(super) const NO_PIECE: u32 = u32::MAX;

    /// How far from each other two windows of an occurrence are looked for, where positions are so many
    /// bytes apart. A part of a literal has as many windows as a stride has bytes; half as far behind each
    /// of them, or before it, is another.
    pub(super) fn distance(stride: usize) -> usize {
        (stride / 2).min(size_of::<Window>())
    }

    /// The set of these windows. As few as can be of the common ones look as if they were in it.
    pub(super) fn new(spelled: &Spelled, common: &[Window], distance: usize) -> Windows {
        let Spelled { plain, pairs, others } = spelled;
        let unnumbered = others.iter().map(|window| (*window, Windows::NO_PIECE));
        let mut distinct: Vec<_> = plain.iter().copied().chain(unnumbered).collect();
        // Most of them come many times.
        let mut once = Numbers::for_windows(distinct.len());
        distinct.retain(|(window, number)| once.add(*window, *number));
        let mut numbers = Numbers::for_windows(distinct.len());
        for (window, number) in &distinct {
            numbers.add(*window, *number);
        }
        let distinct: Vec<Window> = distinct.into_iter().map(|(window, _)| window).collect();
        Windows {
            all: Table::new(&distinct, common),
            company: Table::new(&[&pairs[..], others].concat(), &[]),
            numbers,
            distance,
        }
    }

    /// What tells nearly, to be asked at many positions.
    #[inline(always)]
    pub(super) fn look(&self) -> Option<Look<'_>> {
        self.all.look()
    }

    /// Whether the window at a position of a text, which may be in the set, may belong to an occurrence by
    /// what stands behind it or before. Most of those that stand in other words are alone.
    ///
    /// Of an occurrence one of the two is a part, too. Then it is in the set, and they are a pair, or one of
    /// them has bytes of another spelling.
    #[cold]
    #[inline(never)]
    pub(super) fn is_in_company(&self, text: &[u8], at: usize) -> bool {
        let near = text.get(at.wrapping_sub(self.distance)..).unwrap_or_default();
        let window_at =
            |place: usize| near.get(place..)?.first_chunk::<4>().map(|four| window(four));
        let three = (window_at(0), window_at(self.distance), window_at(self.distance * 2));
        // At a text's ends it isn't worth asking.
        let (Some(before), Some(own), Some(behind)) = three else { return true };
        let (is_before, is_behind) = (self.all.knows(before), self.all.knows(behind));
        // Asked at once: nearly always neither is.
        if !(is_before | is_behind) {
            return false;
        }
        let belong = |first: Window, second: Window| {
            [first.and(second), first, second].iter().any(|window| self.company.knows(*window))
        };
        (is_before && belong(before, own)) || (is_behind && belong(own, behind))
    }

    /// The number of a window, if it is in the set.
    pub(super) fn number(&self, window: Window) -> Option<u32> {
        self.numbers.get(window)
    }
}
