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

/// How many bits of a hash say where in the small table a word begins. Half as many words would stay in a
/// processor's nearest cache, which one rule gains less by than many lose by its being fuller.
const BITS: u32 = 16;

/// Bytes of the small table: one for each value of those bits, and what a word there may reach beyond.
const TABLE: usize = (1 << BITS) + size_of::<u32>();

/// Places among all windows for each of them, at least.
const SPACE: usize = 2;

/// What a hash multiplies by, odd numbers without a pattern. The small table takes the one by which the
/// fewest common windows come to where one of the set is.
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

/// A set of windows: a small table that lets few others through, and all windows behind it.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    /// A bit for each value of 21 bits of a hash: the highest say where a word begins, the lowest which of
    /// its bits it is.
    table: Vec<u8>,
    /// What that hash multiplies by.
    multiplier: u32,
    all: Numbers,
}

impl Windows {
    /// The set of these windows, each with a number; of several for one window the first counts. As few as
    /// can be of the others, which are common, look as if they were in it.
    pub(super) fn new(windows: &[(Window, u32)], common: &[Window]) -> Windows {
        // Most of them come many times.
        let mut once = Numbers::for_windows(windows.len());
        let mut distinct = windows.to_vec();
        distinct.retain(|(window, number)| once.add(*window, *number));
        let mut all = Numbers::for_windows(distinct.len());
        for (window, number) in &distinct {
            all.add(*window, *number);
        }
        let mut set = Windows { table: Vec::new(), multiplier: 0, all };
        let best = MULTIPLIERS.into_iter().min_by_key(|multiplier| {
            set.fill(*multiplier, &distinct);
            let table = set.table();
            common.iter().filter(|window| table.is_some_and(|table| table.knows(**window))).count()
        });
        set.fill(best.unwrap_or_default(), &distinct);
        set
    }

    /// The number of a window, if it is in the set.
    pub(super) fn number(&self, window: Window) -> Option<u32> {
        self.all.get(window)
    }

    /// Makes the small table of these windows.
    fn fill(&mut self, multiplier: u32, windows: &[(Window, u32)]) {
        self.multiplier = multiplier;
        self.table.clear();
        self.table.resize(TABLE, 0);
        for (window, _) in windows {
            let (at, bit) = window.bit(multiplier);
            if let Some(word) = self.table.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *word = (u32::from_le_bytes(*word) | 1u32.wrapping_shl(bit)).to_le_bytes();
            }
        }
    }

    /// The small table, to be asked many times.
    #[inline(always)]
    pub(super) fn table(&self) -> Option<Table<'_>> {
        let bits = self.table.first_chunk()?;
        Some(Table { bits, multiplier: self.multiplier })
    }
}

/// The small table of a set.
#[derive(Clone, Copy)]
pub(super) struct Table<'t> {
    bits: &'t [u8; TABLE],
    multiplier: u32,
}

impl Table<'_> {
    /// Whether a window may be in the set.
    #[inline(always)]
    pub(super) fn knows(self, window: Window) -> bool {
        let (at, bit) = window.bit(self.multiplier);
        // The index has few bits, so that this is no question for the processor.
        let word = self.bits.get(at..).and_then(<[u8]>::first_chunk).copied();
        u32::from_le_bytes(word.unwrap_or_default()).wrapping_shr(bit) & 1 == 1
    }

    /// Whether the window at a position of a text may be in the set.
    pub(super) fn knows_at(self, text: &[u8], at: usize) -> bool {
        let bytes = text.get(at..).and_then(<[u8]>::first_chunk::<4>);
        bytes.is_some_and(|bytes| self.knows(window(bytes)))
    }
}

/// Windows and their numbers.
#[derive(Debug, Clone)]
struct Numbers {
    /// By the highest bits of a hash, with the following place for what finds its own taken; a power of two
    /// of them, so many that some are free.
    places: Vec<(u32, u32)>,
    /// How many bits of the hash are no part of a place.
    shift: u32,
}

impl Numbers {
    /// None as yet, with room for so many.
    fn for_windows(count: usize) -> Numbers {
        let places = count.saturating_mul(SPACE).max(2).next_power_of_two();
        let shift = u32::BITS - places.trailing_zeros().min(u32::BITS - 1);
        Numbers { places: vec![(0, 0); places], shift }
    }

    /// Gives a window its number, unless it has one.
    fn add(&mut self, window: Window, number: u32) -> bool {
        let (mut at, last) = self.first_place(window);
        loop {
            match self.places.get_mut(at as usize & last) {
                Some(free @ (0, _)) => {
                    *free = (window.0, number);
                    return true;
                }
                Some((known, _)) if *known != window.0 => at = at.wrapping_add(1),
                _ => return false,
            }
        }
    }

    fn get(&self, window: Window) -> Option<u32> {
        let (mut at, last) = self.first_place(window);
        loop {
            match self.places.get(at as usize & last) {
                Some((0, _)) | None => return None,
                Some((known, number)) if *known == window.0 => return Some(*number),
                Some(_) => at = at.wrapping_add(1),
            }
        }
    }

    /// Where a window is looked for first, and the last place of all.
    fn first_place(&self, window: Window) -> (u32, usize) {
        let [multiplier, ..] = MULTIPLIERS;
        let at = window.hash(multiplier).checked_shr(self.shift).unwrap_or(0);
        (at, self.places.len().saturating_sub(1))
    }
}

impl Window {
    /// The byte of the small table where the word of the window's bit begins, and the bit's number, of which
    /// five bits count.
    #[inline(always)]
    fn bit(self, multiplier: u32) -> (usize, u32) {
        let hash = self.hash(multiplier);
        ((hash >> (u32::BITS - BITS)) as usize, hash)
    }

    #[inline(always)]
    fn hash(self, multiplier: u32) -> u32 {
        self.0.wrapping_mul(multiplier)
    }
}
