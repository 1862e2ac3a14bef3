//! The inside of a list in, where its elements begin and end out. 64 bytes are looked at together.
//!
//! Strings and brackets alone are read, as if the text were JSON: a bracket counts where it isn't between
//! quotes, and a quote counts where it isn't escaped. Curly and square brackets count alike. In
//! text that is JSON this finds the elements; in other text the result is a guess, which the caller must
//! check.

use crate::lanes::{BLOCK, Lanes, block_at};

/// How far ahead of a block a text is fetched. What has just been unpacked, or is longer than the nearer
/// caches, lies in a far one.
#[cfg(not(target_family = "wasm"))]
const AHEAD: usize = 2048;

/// A bracket between two elements, or the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// An element begins at this offset.
    Start(usize),
    /// An element ends before this offset.
    End(usize),
    /// The list ends before this offset.
    ListEnd(usize),
}

/// Finds the edges of the elements that are lists or objects.
pub(crate) struct Edges<'t> {
    text: &'t [u8],
    /// The offset of the block at hand, and of the one behind it.
    block: usize,
    next: usize,
    /// Brackets of the block that are still ahead, a bit for each byte.
    opening: u64,
    closing: u64,
    /// Containers that are open around them, the list not among them.
    depth: usize,
    strings: Strings,
    /// Line ends of the block that seem to stand in strings, and the offset behind the last one before it.
    torn: (u64, usize),
}

impl<'t> Edges<'t> {
    /// Begins at an offset inside a list, between two elements.
    pub(crate) fn new(text: &'t [u8], at: usize) -> Edges<'t> {
        let strings = Strings { in_string: 0, escaped: 0 };
        Edges { text, block: at, next: at, opening: 0, closing: 0, depth: 0, strings, torn: (0, 0) }
    }

    /// Whether no line ends inside a string between these offsets, where the element begins and ends that was found
    /// last: otherwise a quote is lost there, and what seems to be its end may be none.
    #[inline]
    pub(crate) fn is_sound(&self, start: usize, end: usize) -> bool {
        let (here, before) = self.torn;
        let from = start.saturating_sub(self.block);
        let until = end.saturating_sub(self.block);
        let below = |place: usize| if place < BLOCK { (1 << place) - 1 } else { u64::MAX };
        before <= start && here & below(until) & !below(from) == 0
    }

    /// The next edge; none behind the list's end, or if the text ends before it.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Edge> {
        loop {
            while self.opening | self.closing != 0 {
                let place = (self.opening | self.closing).trailing_zeros();
                let at = self.block + place as usize;
                let bit = 1 << place;
                if self.opening & bit != 0 {
                    self.opening ^= bit;
                    self.depth += 1;
                    if self.depth == 1 {
                        return Some(Edge::Start(at));
                    }
                    continue;
                }
                self.closing ^= bit;
                match self.depth.checked_sub(1) {
                    None => {
                        self.text = &[];
                        (self.opening, self.closing) = (0, 0);
                        return Some(Edge::ListEnd(at + 1));
                    }
                    Some(0) => {
                        self.depth = 0;
                        return Some(Edge::End(at + 1));
                    }
                    Some(depth) => self.depth = depth,
                }
            }
            self.read_block()?;
        }
    }

    /// Reads blocks up to one that may hold an edge, in the best way that the machine has.
    #[cfg(not(target_family = "wasm"))]
    #[inline(never)]
    fn read_block(&mut self) -> Option<()> {
        use fearless_simd::{Level, dispatch};
        dispatch!(Level::new(), simd => self.read_block_by(crate::lanes::Wide(simd)))
    }

    /// Reads blocks up to one that may hold an edge.
    #[cfg(target_family = "wasm")]
    #[inline(never)]
    fn read_block(&mut self) -> Option<()> {
        self.read_block_by(crate::lanes::Words)
    }

    /// It is compiled into its caller, or it wouldn't get the processor's wide instructions.
    #[inline(always)]
    fn read_block_by(&mut self, lanes: impl Lanes) -> Option<()> {
        let Edges { text, mut next, mut depth, mut strings, torn: (mut here, mut before), .. } =
            *self;
        let mut last = [0; BLOCK];
        loop {
            let block = block_at(text, next, &mut last)?;
            #[cfg(not(target_family = "wasm"))]
            fetch(text, next + AHEAD);
            next += BLOCK;
            if here != 0 {
                before = next - BLOCK - here.leading_zeros() as usize;
            }
            let Marked { opening, closing, torn } = strings.marks(lanes, block);
            here = torn;
            let closed = closing.count_ones() as usize;
            // Whether a block has brackets at all is more than a processor can guess.
            if depth <= closed && opening | closing != 0 {
                // Where there are just enough closing ones, one opening before the last is one too many.
                let until_last = u64::MAX.checked_shr(closing.leading_zeros()).unwrap_or(0);
                if depth < closed || opening & until_last == 0 {
                    (self.block, self.next) = (next - BLOCK, next);
                    (self.opening, self.closing) = (opening, closing);
                    (self.depth, self.strings, self.torn) = (depth, strings, (here, before));
                    return Some(());
                }
            }
            // However they are mixed, the element stays open.
            depth = depth + opening.count_ones() as usize - closed;
        }
    }
}

/// Has the processor bring a byte of a text near, which nothing waits for.
#[cfg(not(target_family = "wasm"))]
#[inline(always)]
fn fetch(text: &[u8], at: usize) {
    if let Some(byte) = text.get(at) {
        std::hint::black_box(*byte);
    }
}

/// Bytes of a block, a bit each.
struct Marked {
    /// Brackets that aren't in strings.
    opening: u64,
    closing: u64,
    /// Line ends that are.
    torn: u64,
}

#[derive(Clone, Copy)]
struct Strings {
    /// All ones if the block before ended in a string.
    in_string: u64,
    /// 1 if the block before ended with a backslash that counts.
    escaped: u64,
}

impl Strings {
    /// What counts in a block.
    #[inline(always)]
    fn marks<L: Lanes>(&mut self, lanes: L, block: &[u8; BLOCK]) -> Marked {
        let block = lanes.block(block);
        let backslashes = lanes.equal(block, b'\\');
        let mut quotes = lanes.equal(block, b'"');
        if backslashes | self.escaped != 0 {
            quotes &= !self.escaped_bytes(backslashes);
        }
        // From each opening quote to before its closing one.
        let strings = lanes.between(quotes) ^ self.in_string;
        self.in_string = (strings.cast_signed() >> 63).cast_unsigned();
        let torn = lanes.equal(block, b'\n') & strings;
        // With this bit set square brackets are curly ones, and nothing else is.
        let block = lanes.with(block, 0x20);
        let opening = lanes.equal(block, b'{') & !strings;
        Marked { opening, closing: lanes.equal(block, b'}') & !strings, torn }
    }

    /// The bytes of a block that stand behind a backslash that isn't itself escaped.
    fn escaped_bytes(&mut self, mut backslashes: u64) -> u64 {
        let mut escaped = self.escaped;
        backslashes &= !escaped;
        self.escaped = 0;
        while backslashes != 0 {
            let first = backslashes & backslashes.wrapping_neg();
            let behind = first << 1;
            escaped |= behind;
            self.escaped = u64::from(behind == 0);
            backslashes &= !(first | behind);
        }
        escaped
    }
}
