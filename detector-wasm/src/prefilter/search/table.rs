//! In: windows. Out: a small table that knows them, and few others.
//!
//! The table that is asked at each position stands at a place that is known when the module is compiled:
//! then finding a word takes no addition, and there are only some nine steps more at a position.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::window::Window;

/// How many bits of a hash say where in a table a word begins. Half as many words would stay in a
/// processor's nearest cache, which one rule gains less by than many lose by its being fuller.
const BITS: u32 = 16;

/// Bytes of a table: one for each value of those bits, and what a word there may reach beyond.
const SIZE: usize = (1 << BITS) + size_of::<u32>();

/// What a hash multiplies by, odd numbers without a pattern. A table takes the one by which the fewest
/// common windows come to where one of its own is.
const MULTIPLIERS: [u32; 8] = [
    0x9e37_79b1,
    0x85eb_ca6b,
    0xc2b2_ae35,
    0xcc9e_2d51,
    0x1b87_3593,
    0xe654_6b65,
    0x27d4_eb2f,
    0xd6e8_feb9,
];

/// A number for each content that a table ever has.
static CONTENTS: AtomicU64 = AtomicU64::new(1);

/// The place of the table that is asked, with the number of what is in it.
struct Prepared {
    content: Cell<u64>,
    bits: [Cell<u8>; SIZE],
}

thread_local! {
    static PREPARED: Prepared = const { Prepared { content: Cell::new(0), bits: [const { Cell::new(0) }; SIZE] } };
}

/// A bit for each value of 21 bits of a hash: the highest say where a word begins, the lowest which of its
/// bits it is.
#[derive(Debug)]
pub(super) struct Table {
    bits: Vec<u8>,
    /// What the hash multiplies by.
    multiplier: u32,
    /// No other table has it.
    content: u64,
}

impl Table {
    /// The table of these windows that knows the fewest of the others, which are common.
    pub(super) fn new(windows: &[Window], common: &[Window]) -> Table {
        let [first, ..] = MULTIPLIERS;
        let mut table = Table { bits: Vec::new(), multiplier: first, content: 0 };
        if !common.is_empty() {
            let least = MULTIPLIERS.into_iter().min_by_key(|multiplier| {
                table.fill(*multiplier, windows);
                common.iter().filter(|window| table.knows(**window)).count()
            });
            table.multiplier = least.unwrap_or(first);
        }
        table.fill(table.multiplier, windows);
        table
    }

    fn fill(&mut self, multiplier: u32, windows: &[Window]) {
        self.multiplier = multiplier;
        self.content = CONTENTS.fetch_add(1, Ordering::Relaxed);
        self.bits.clear();
        self.bits.resize(SIZE, 0);
        for window in windows {
            let (at, bit) = bit(*window, multiplier);
            if let Some(word) = self.bits.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *word = (u32::from_le_bytes(*word) | 1u32.wrapping_shl(bit)).to_le_bytes();
            }
        }
    }

    /// Puts the table, if another one was there, where it can be asked quickly, many times.
    #[inline(always)]
    pub(super) fn ask<T>(&self, ask: impl FnOnce(Look<'_>) -> T) -> T {
        PREPARED.with(|place| {
            if place.content.get() != self.content {
                self.put(place);
            }
            ask(Look { bits: &place.bits, multiplier: self.multiplier })
        })
    }

    #[cold]
    #[inline(never)]
    fn put(&self, place: &Prepared) {
        for (to, from) in place.bits.iter().zip(&self.bits) {
            to.set(*from);
        }
        place.content.set(self.content);
    }

    /// Whether a window may be in the table.
    pub(super) fn knows(&self, window: Window) -> bool {
        let (at, bit) = bit(window, self.multiplier);
        let word = self.bits.get(at..).and_then(<[u8]>::first_chunk).copied();
        is_set(word.unwrap_or_default(), bit)
    }
}

/// A table in its place.
#[derive(Clone, Copy)]
pub(super) struct Look<'t> {
    bits: &'t [Cell<u8>; SIZE],
    multiplier: u32,
}

impl Look<'_> {
    /// Whether a window may be in the table.
    #[inline(always)]
    pub(super) fn knows(self, window: Window) -> bool {
        let (at, bit) = bit(window, self.multiplier);
        // The index has few bits, so that this is no question for the processor.
        let word = self.bits.get(at..).and_then(<[Cell<u8>]>::first_chunk);
        is_set(word.map(|word| word.each_ref().map(Cell::get)).unwrap_or_default(), bit)
    }
}

/// The byte of a table where the word of a window's bit begins, and the bit's number, of which five bits
/// count.
#[inline(always)]
fn bit(window: Window, multiplier: u32) -> (usize, u32) {
    let hash = window.hash(multiplier);
    ((hash >> (u32::BITS - BITS)) as usize, hash)
}

#[inline(always)]
fn is_set(word: [u8; 4], bit: u32) -> bool {
    u32::from_le_bytes(word).wrapping_shr(bit) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::super::window::window;
    use super::Table;

    #[test]
    fn tables_that_are_asked_in_turn_answer_each_for_itself() {
        let windows = |text: &str| text.as_bytes().windows(4).map(window).collect::<Vec<_>>();
        let [stop, put] = ["StopLogging", "PutBucketPolicy"].map(windows);
        let tables = [Table::new(&stop, &put), Table::new(&put, &stop)];
        let known = |table: &Table, windows: &[_]| {
            table.ask(|look| windows.iter().filter(|window| look.knows(**window)).count())
        };
        for _ in 0..2 {
            let [first, second] = &tables;
            assert_eq!((known(first, &stop), known(first, &put)), (stop.len(), 0));
            assert_eq!((known(second, &put), known(second, &stop)), (put.len(), 0));
        }
    }
}
