//! A text and offsets in it in, the end of the line at each out. The offsets never go back.

#[cfg(target_family = "wasm")]
pub(crate) use by_word::Feeds;
#[cfg(not(target_family = "wasm"))]
pub(crate) use wide::Feeds;

/// With the processor's wide instructions: 256 bytes are looked at together, and many lines' ends are found
/// before the first is asked for.
#[cfg(not(target_family = "wasm"))]
mod wide {
    use std::ops::Range;

    use fearless_simd::{Level, dispatch};

    use crate::lanes::{BLOCK, Lanes, Wide, block_at};

    /// Bytes that are looked at together.
    const GROUP: usize = 4 * BLOCK;

    /// Bytes that are looked at before an end is asked for; they stay in the processor's nearest cache.
    const WINDOW: usize = 16 << 10;

    /// How many line feeds are kept: one for each group of a window, and all that the last one may hold.
    const KEPT: usize = WINDOW / GROUP + GROUP;

    /// Finds the line feeds of a text.
    pub(crate) struct Feeds<'t> {
        text: &'t [u8],
        /// The offset behind all that has been looked at.
        next: usize,
        kept: [usize; KEPT],
        /// Those of the kept ones that may still be asked for.
        ahead: Range<usize>,
    }

    impl<'t> Feeds<'t> {
        pub(crate) fn new(text: &'t [u8]) -> Feeds<'t> {
            Feeds { text, next: 0, kept: [0; KEPT], ahead: 0..0 }
        }

        /// The offset of the first line feed at or behind an offset, or the text's end.
        pub(crate) fn line_end(&mut self, at: usize) -> usize {
            loop {
                while let Some(feed) = self.kept.get(self.ahead.clone()).and_then(<[usize]>::first)
                {
                    if *feed >= at {
                        return *feed;
                    }
                    self.ahead.start += 1;
                }
                self.next = self.next.max(at);
                let found = dispatch!(Level::new(), simd => self.read(Wide(simd)));
                if found == 0 {
                    return self.text.len();
                }
                self.ahead = 0..found;
            }
        }

        /// Looks for more; gives how many there are. It is compiled into its caller, or it wouldn't get the
        /// processor's wide instructions.
        #[inline(always)]
        fn read(&mut self, lanes: impl Lanes) -> usize {
            let feeds = |block: &[u8; BLOCK]| lanes.equal(lanes.block(block), b'\n');
            let window = self.next.saturating_add(WINDOW);
            let mut found = 0;
            while let Some(group) =
                self.text.get(self.next..).and_then(<[u8]>::first_chunk::<GROUP>)
            {
                let (blocks, _) = group.as_chunks::<BLOCK>();
                let at = self.next;
                self.next += GROUP;
                if blocks.iter().fold(0, |any, block| any | feeds(block)) == 0 {
                    continue;
                }
                for (block, at) in blocks.iter().zip((at..).step_by(BLOCK)) {
                    found = self.keep(feeds(block), at, found);
                }
                if self.next >= window || found > KEPT - GROUP {
                    return found;
                }
            }
            let mut last = [0; BLOCK];
            while let Some(block) = block_at(self.text, self.next, &mut last) {
                found = self.keep(feeds(block), self.next, found);
                self.next += BLOCK;
            }
            found
        }

        /// Keeps the line feeds of the block at an offset, a bit for each.
        #[inline(always)]
        fn keep(&mut self, mut feeds: u64, at: usize, mut found: usize) -> usize {
            // Whether a block has one is more than a processor can guess; that it has no two, it can.
            loop {
                if let Some(slot) = self.kept.get_mut(found) {
                    *slot = at + feeds.trailing_zeros() as usize;
                }
                found += usize::from(feeds != 0);
                feeds &= feeds.wrapping_sub(1);
                if feeds == 0 {
                    return found;
                }
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
    }

    impl<'t> Feeds<'t> {
        pub(crate) fn new(text: &'t [u8]) -> Feeds<'t> {
            Feeds { text }
        }

        /// The offset of the first line feed at or behind an offset, or the text's end.
        pub(crate) fn line_end(&mut self, at: usize) -> usize {
            let rest = self.text.get(at..).unwrap_or_default();
            memchr(b'\n', rest).map_or(self.text.len(), |length| at + length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Feeds;

    #[test]
    fn all_line_ends_are_found_wherever_they_stand() {
        let mut text = vec![b'.'; 40_000];
        for distance in [1, 2, 63, 64, 65, 255, 256, 300, 999, 17_000, 39_999] {
            text.iter_mut().enumerate().for_each(|(at, byte)| {
                *byte = if at % distance == 0 { b'\n' } else { b'.' };
            });
            for (from, to) in
                [(0, 40_000), (1, 39_999), (64, 20_000), (255, 256), (999, 1000), (9, 9)]
            {
                let text = &text[..to];
                let expected: Vec<usize> = (from..to).filter(|at| text[*at] == b'\n').collect();
                let mut feeds = Feeds::new(text);
                let (mut found, mut at) = (Vec::new(), from);
                while let end = feeds.line_end(at)
                    && end < to
                {
                    found.push(end);
                    at = end + 1;
                }
                assert_eq!(found, expected, "each {distance}, {from} to {to}");
                assert_eq!(feeds.line_end(to), to);
            }
            // Some are asked for twice, and some never.
            let mut feeds = Feeds::new(&text);
            for at in (0..40_000).step_by(700).flat_map(|at| [at, at]) {
                let expected = text[at..].iter().position(|byte| *byte == b'\n');
                let expected = expected.map_or(text.len(), |length| at + length);
                assert_eq!(feeds.line_end(at), expected, "each {distance}, at {at}");
            }
        }
    }
}
