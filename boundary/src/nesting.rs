//! Brackets in, how they are nested out: one bit a level.

/// How far up a closing bracket looks for its opening one when they don't match. Without a bound,
/// text made for it would cost the square of its length.
const MISMATCH: usize = 64;

/// The brackets that are open: a bit each, 1 for an object.
#[derive(Debug, Default)]
pub struct Nesting {
    /// Those of the outermost 64, which most texts never leave.
    outer: u64,
    inner: Vec<u64>,
    depth: usize,
}

impl Nesting {
    /// How many are open.
    #[inline]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Opens an object or an array. False if there is no memory left.
    #[inline]
    #[must_use]
    pub fn push(&mut self, object: bool) -> bool {
        let bit = 1u64 << (self.depth % 64);
        let word = match (self.depth / 64).checked_sub(1) {
            None => &mut self.outer,
            Some(inner) => match self.inner(inner) {
                Some(word) => word,
                None => return false,
            },
        };
        if object {
            *word |= bit;
        } else {
            *word &= !bit;
        }
        self.depth += 1;
        true
    }

    /// The word for the brackets further in, made if it is new; nothing if there is no memory left.
    #[inline(never)] // hardly ever needed
    fn inner(&mut self, place: usize) -> Option<&mut u64> {
        if place == self.inner.len() {
            self.inner.try_reserve(1).ok()?;
            self.inner.push(0);
        }
        self.inner.get_mut(place)
    }

    /// Closes the innermost.
    #[inline]
    pub fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether the innermost is an object; nothing if none is open.
    #[inline]
    pub fn innermost_is_object(&self) -> Option<bool> {
        Some(self.is_object(self.depth.checked_sub(1)?))
    }

    /// Whether the innermost is there, and an object.
    #[inline]
    pub fn in_object(&self) -> bool {
        self.innermost_is_object() == Some(true)
    }

    #[inline]
    fn is_object(&self, level: usize) -> bool {
        let word = match (level / 64).checked_sub(1) {
            None => self.outer,
            Some(inner) => self.inner.get(inner).copied().unwrap_or_default(),
        };
        word >> (level % 64) & 1 == 1
    }

    /// The depth that remains when the nearest bracket of this kind is closed that isn't below `floor`.
    pub fn matching(&self, object: bool, floor: usize) -> Option<usize> {
        (floor..self.depth).rev().take(MISMATCH).find(|level| self.is_object(*level) == object)
    }

    /// Closes all but the outermost.
    pub fn truncate(&mut self, depth: usize) {
        self.depth = self.depth.min(depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_depth_is_remembered() {
        let is_object = |level: usize| level.is_multiple_of(3);
        let mut nesting = Nesting::default();
        assert_eq!(nesting.innermost_is_object(), None);
        for level in 0..1_000 {
            assert!(nesting.push(is_object(level)));
        }
        assert_eq!(nesting.matching(true, 0), Some(999));
        assert_eq!(nesting.matching(false, 0), Some(998));
        assert_eq!(nesting.matching(false, 999), None);
        for level in (0..1_000).rev() {
            assert_eq!(nesting.depth(), level + 1);
            assert_eq!(nesting.innermost_is_object(), Some(is_object(level)));
            nesting.pop();
        }
    }
}
