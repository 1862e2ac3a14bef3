//! The kinds of the containers that are open.

use super::Container;

/// The kinds of the open containers, one bit each.
#[derive(Debug, Default)]
pub(super) struct Nest {
    /// Those of the outermost 64, which most texts never leave.
    outer: u64,
    words: Vec<u64>,
    pub(super) depth: usize,
}

impl Nest {
    /// False if there is no memory left.
    #[inline]
    pub(super) fn push(&mut self, container: Container) -> bool {
        let bit = 1u64 << (self.depth % 64);
        let word = match (self.depth / 64).checked_sub(1) {
            None => &mut self.outer,
            Some(inner) => match self.inner(inner) {
                Some(word) => word,
                None => return false,
            },
        };
        match container {
            Container::Array => *word |= bit,
            Container::Object => *word &= !bit,
        }
        self.depth += 1;
        true
    }

    /// The word for the containers further in, made if it is new; nothing if there is no memory left.
    #[inline(never)] // hardly ever needed
    fn inner(&mut self, place: usize) -> Option<&mut u64> {
        if place == self.words.len() {
            self.words.try_reserve(1).ok()?;
            self.words.push(0);
        }
        self.words.get_mut(place)
    }

    #[inline]
    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline]
    pub(super) fn top(&self) -> Option<Container> {
        let last = self.depth.checked_sub(1)?;
        let word = match (last / 64).checked_sub(1) {
            None => self.outer,
            Some(inner) => *self.words.get(inner)?,
        };
        Some(if word >> (last % 64) & 1 == 1 { Container::Array } else { Container::Object })
    }
}
