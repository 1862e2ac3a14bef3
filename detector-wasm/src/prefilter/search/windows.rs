//! In: all that four bytes of an occurrence can be. Out: a test that separates them from four bytes of any other text,
//! quickly and nearly, then for sure.

use super::numbers::Numbers;
use super::table::{Look, Table};
use super::window::{Window, window};

/// The windows of literals in all their spellings.
#[derive(Debug, Default)]
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
#[derive(Debug)]
pub(super) struct Windows {
    /// All of them, nearly.
    all: Table,
    /// The pairs, and the windows with bytes of another spelling, nearly.
    company: Table,
    /// All of them, for sure.
    numbers: Numbers,
}

impl Windows {
    /// The number of a window that no literal has as it is.
    pub(super) const NO_PIECE: u32 = u32::MAX;

    /// How far from each other two windows of an occurrence are looked for, where positions are so many
    /// bytes apart. A part of a literal has as many windows as a stride has bytes; half as far behind each
    /// of them, or before it, is another.
    pub(super) const fn distance(stride: usize) -> usize {
        let longest = size_of::<Window>();
        if stride / 2 < longest { stride / 2 } else { longest }
    }

    /// The set of these windows. As few as can be of the common ones look as if they were in it.
    pub(super) fn new(spelled: &Spelled, common: &[Window]) -> Windows {
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
        }
    }

    /// The cheap test with false positives, for every position.
    #[inline(always)]
    pub(super) fn ask<T>(&self, ask: impl FnOnce(Look<'_>) -> T) -> T {
        self.all.ask(ask)
    }

    /// Whether the window at a position of a text, which may be in the set, may belong to an occurrence by
    /// what stands so far behind it or before. Most of those that stand in other words are alone.
    ///
    /// Of an occurrence one of the two is a part, too. Then it is in the set, and they are a pair, or one of
    /// them has bytes of another spelling.
    #[inline(always)]
    pub(super) fn is_in_company(
        &self,
        look: Look<'_>,
        text: &[u8],
        at: usize,
        distance: usize,
    ) -> bool {
        // At a text's ends it isn't worth asking.
        let Some(near) = near(text, at, distance) else { return true };
        // Asked at once: nearly always neither is known.
        let [before, _, behind] = near.map(|window| look.knows(window));
        (before | behind) && self.belong(text, at, distance)
    }

    /// Whether the window at a position and the one before it or behind it belong together, of which one is
    /// known. Given as little as can be, so that the loop that asks keeps in registers what it needs.
    #[cold]
    #[inline(never)]
    fn belong(&self, text: &[u8], at: usize, distance: usize) -> bool {
        let Some([before, own, behind]) = near(text, at, distance) else { return true };
        let are_pair = |first: Window, second: Window| {
            [first.and(second), first, second].iter().any(|window| self.company.knows(*window))
        };
        (self.all.knows(before) && are_pair(before, own))
            || (self.all.knows(behind) && are_pair(own, behind))
    }

    /// The number of a window, if it is in the set.
    pub(super) fn number(&self, window: Window) -> Option<u32> {
        self.numbers.get(window)
    }
}

/// The windows so far before a position, at it and so far behind it; nothing at a text's ends.
#[inline(always)]
fn near(text: &[u8], at: usize, distance: usize) -> Option<[Window; 3]> {
    let near: &[u8; 3 * size_of::<Window>()] =
        text.get(at.wrapping_sub(distance)..)?.first_chunk()?;
    Some([0, distance, distance * 2].map(|place| window(near.get(place..).unwrap_or_default())))
}
