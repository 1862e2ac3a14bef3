//! Brackets in, how they are nested out: one bit a level.

/// How far up a closing bracket looks for its opening one when they don't match. Without a bound,
/// text made for it would cost the square of its length.
const MISMATCH: usize = 64;

/// The brackets that are open: a bit each, 1 for an object.
#[derive(Default)]
pub(super) struct Nesting {
    bits: Vec<u64>,
    pub(super) depth: usize,
}

impl Nesting {
    pub(super) fn push(&mut self, object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        if let Some(word) = self.bits.get_mut(word) {
            *word = (*word & !(1 << bit)) | (u64::from(object) << bit);
        }
        self.depth += 1;
    }

    fn is_object(&self, level: usize) -> bool {
        self.bits.get(level / 64).is_some_and(|word| word >> (level % 64) & 1 == 1)
    }

    pub(super) fn in_object(&self) -> bool {
        self.depth > 0 && self.is_object(self.depth - 1)
    }

    /// The depth that remains when the nearest bracket of this kind is closed.
    pub(super) fn matching(&self, object: bool, floor: usize) -> Option<usize> {
        (floor..self.depth).rev().take(MISMATCH).find(|level| self.is_object(*level) == object)
    }

    pub(super) fn truncate(&mut self, depth: usize) {
        self.depth = depth;
    }
}
