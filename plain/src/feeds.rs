//! A text in, the line feeds in it out, one after the other.

#[cfg(target_family = "wasm")]
pub(crate) use by_word::Feeds;
#[cfg(not(target_family = "wasm"))]
pub(crate) use wide::Feeds;

/// With the processor's wide instructions: 256 bytes are looked at together.
#[cfg(not(target_family = "wasm"))]
mod wide {
    use fearless_simd::{Level, dispatch};

    use crate::lanes::{BLOCK, Lanes, Wide, block_at};

    /// Finds the line feeds of a text.
    pub(crate) struct Feeds<'t> {
        text: &'t [u8],
        /// The offset of the block at hand, and of the one behind it.
        block: usize,
        next: usize,
        /// Line feeds of the block that are still ahead, a bit for each byte.
        feeds: u64,
    }

    impl<'t> Feeds<'t> {
        /// Begins at an offset.
        pub(crate) fn new(text: &'t [u8], at: usize) -> Feeds<'t> {
            Feeds { text, block: at, next: at, feeds: 0 }
        }

        /// The offset of the next one; none if none is left.
        pub(crate) fn next(&mut self) -> Option<usize> {
            if self.feeds == 0 {
                dispatch!(Level::new(), simd => self.read_block(Wide(simd)))?;
            }
            let at = self.block + self.feeds.trailing_zeros() as usize;
            self.feeds &= self.feeds - 1;
            Some(at)
        }

        /// Reads blocks up to one that holds a line feed. It is compiled into its caller, or it wouldn't get
        /// the processor's wide instructions.
        #[inline(always)]
        fn read_block(&mut self, lanes: impl Lanes) -> Option<()> {
            let feeds = |block: &[u8; BLOCK]| lanes.equal(lanes.block(block), b'\n');
            let mut next = self.next;
            while let Some(four) =
                self.text.get(next..).and_then(<[u8]>::first_chunk::<{ 4 * BLOCK }>)
            {
                let (blocks, _) = four.as_chunks::<BLOCK>();
                if blocks.iter().fold(0, |any, block| any | feeds(block)) != 0 {
                    break;
                }
                next += 4 * BLOCK;
            }
            let mut last = [0; BLOCK];
            loop {
                let block = block_at(self.text, next, &mut last)?;
                (self.block, self.next) = (next, next + BLOCK);
                self.feeds = feeds(block);
                if self.feeds != 0 {
                    return Some(());
                }
                next += BLOCK;
            }
        }
    }
}

/// Without them.
#[cfg(target_family = "wasm")]
mod by_word {
    use memchr::memchr;

    /// Finds the line feeds of a text.
    pub(crate) struct Feeds<'t> {
        text: &'t [u8],
        next: usize,
    }

    impl<'t> Feeds<'t> {
        /// Begins at an offset.
        pub(crate) fn new(text: &'t [u8], at: usize) -> Feeds<'t> {
            Feeds { text, next: at }
        }

        /// The offset of the next one; none if none is left.
        pub(crate) fn next(&mut self) -> Option<usize> {
            let at = self.next + memchr(b'\n', self.text.get(self.next..)?)?;
            self.next = at + 1;
            Some(at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Feeds;

    #[test]
    fn all_line_feeds_are_found_wherever_they_stand() {
        let mut text = vec![b'.'; 1000];
        for distance in [1, 2, 63, 64, 65, 255, 256, 300, 999] {
            text.iter_mut().enumerate().for_each(|(at, byte)| {
                *byte = if at % distance == 0 { b'\n' } else { b'.' };
            });
            for (from, to) in [(0, 1000), (1, 1000), (64, 700), (255, 256), (999, 1000), (9, 9)] {
                let text = &text[..to];
                let expected: Vec<usize> = (from..to).filter(|at| text[*at] == b'\n').collect();
                let mut feeds = Feeds::new(text, from);
                let found: Vec<usize> = std::iter::from_fn(|| feeds.next()).collect();
                assert_eq!(found, expected, "each {distance}, {from} to {to}");
                assert_eq!(feeds.next(), None);
            }
        }
    }
}
