//! Four bytes of a text, with letters' case taken away, and sets of them.

/// Four bytes as one number. Setting one bit of each makes no difference between upper and lower case;
/// that it makes none between some other characters either costs a closer look, never a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window(u32);

/// The window of a text's first four bytes.
#[inline(always)]
pub(super) fn window(bytes: &[u8]) -> Window {
    let first = bytes.first_chunk().copied().unwrap_or_default();
    Window(u32::from_le_bytes(first) | 0x2020_2020)
}

/// Bytes of the first table: one for each value of 16 bits, and what a word there may reach beyond.
const TABLE: usize = (1 << 16) + size_of::<u32>();

/// Places of the second table for each window.
const SPACE: usize = 4;

/// A set of windows: a small table that lets few others through, and all windows behind it.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// A bit for each value of 21 bits of the hash: 16 of them say where a word begins, the others which of
    /// its bits it is.
    table: Vec<u8>,
    /// By the hash's highest bits, with the following place for what finds its own taken; a power of two
    /// of them.
    exact: Vec<(u32, u32)>,
    /// How many bits of a hash are no part of a place in that.
    shift: u32,
}

impl Windows {
    /// The set of these windows, each with a number; of several for one window the first counts.
    pub(super) fn new(windows: &[(Window, u32)]) -> Windows {
        let places = windows.len().saturating_mul(SPACE).max(2).next_power_of_two();
        let shift = u32::BITS - places.trailing_zeros().min(u32::BITS - 1);
        let mut set = Windows { table: vec![0; TABLE], exact: vec![(0, 0); places], shift };
        for (window, number) in windows {
            let (at, bit) = window.place();
            if let Some(word) = set.table.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *word = (u32::from_le_bytes(*word) | 1u32.wrapping_shl(bit)).to_le_bytes();
            }
            let mut at = window.hash() >> shift;
            while let Some(place) = set.exact.get_mut(at as usize & (places - 1)) {
                if place.0 == 0 {
                    *place = (window.0, *number);
                }
                if place.0 == window.0 {
                    break;
                }
                at = at.wrapping_add(1);
            }
        }
        set
    }

    /// The table, to be asked many times.
    #[inline(always)]
    pub(super) fn table(&self) -> Option<Table<'_>> {
        self.table.first_chunk().map(Table)
    }

    /// The number of a window, if it is in the set.
    pub(super) fn number(&self, window: Window) -> Option<u32> {
        let mut at = window.hash().checked_shr(self.shift).unwrap_or(0);
        let last = self.exact.len().saturating_sub(1);
        loop {
            match self.exact.get(at as usize & last) {
                Some((0, _)) | None => return None,
                Some((known, number)) if *known == window.0 => return Some(*number),
                Some(_) => at = at.wrapping_add(1),
            }
        }
    }
}

/// The first table of a set.
#[derive(Clone, Copy)]
pub(super) struct Table<'t>(&'t [u8; TABLE]);

impl Table<'_> {
    /// A number whose lowest bit is 1 if the window may be in the set.
    #[inline(always)]
    pub(super) fn look_up(self, window: Window) -> u32 {
        let (at, bit) = window.place();
        // The index has 16 bits, so that this is no question for the processor.
        let word = self.0.get(at..).and_then(<[u8]>::first_chunk).copied();
        u32::from_le_bytes(word.unwrap_or_default()).wrapping_shr(bit)
    }
}

impl Window {
    /// The byte of the table where the word of the window's bit begins, and the bit's number, of which five
    /// bits count.
    #[inline(always)]
    fn place(self) -> (usize, u32) {
        let hash = self.hash();
        ((hash >> 16) as usize, hash >> 11)
    }

    #[inline(always)]
    fn hash(self) -> u32 {
        self.0.wrapping_mul(0x9e37_79b1)
    }
}
