//! In: the keys that lead on from one place. Out: where a key of a record leads, which for most is nowhere.

use super::layout::PathId;

/// How many places of the table there are for each key, so that most keys that lead nowhere meet none.
const SPARSE: usize = 4;

/// The keys that lead on from a place.
#[derive(Debug, Default)]
pub(super) struct Children {
    named: Vec<(Box<str>, PathId)>,
    /// One more than a key's place in `named`, or zero; at the key's mark, or behind it where another
    /// is. As long as a power of two.
    table: Vec<u32>,
}

impl Children {
    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Adds a key that isn't there yet.
    pub(super) fn add(&mut self, key: &str, node: PathId) {
        self.named.push((key.into(), node));
        if self.named.len().saturating_mul(SPARSE) > self.table.len() {
            let length = self.named.len().saturating_mul(2 * SPARSE).next_power_of_two();
            self.table = vec![0; length];
            (0..self.named.len()).for_each(|place| self.enter(place));
        } else {
            self.enter(self.named.len().saturating_sub(1));
        }
    }

    /// Where a key leads.
    #[inline]
    pub(super) fn get(&self, key: &[u8]) -> Option<PathId> {
        let mut at = mark(key);
        loop {
            let place = *self.table.get(at & self.table.len().wrapping_sub(1))?;
            // A gap: the table is never full.
            let (name, node) = self.named.get(place.checked_sub(1)? as usize)?;
            if same(name.as_bytes(), key) {
                return Some(*node);
            }
            at = at.wrapping_add(1);
        }
    }

    /// Enters the key that has this place among the named ones into the table.
    fn enter(&mut self, place: usize) {
        let Some((key, _)) = self.named.get(place) else { return };
        let mut at = mark(key.as_bytes());
        let last = self.table.len().wrapping_sub(1);
        while self.table.get(at & last).is_some_and(|taken| *taken != 0) {
            at = at.wrapping_add(1);
        }
        if let Some(free) = self.table.get_mut(at & last) {
            *free = place as u32 + 1;
        }
    }
}

/// Whether two keys are equal. They are short, and a call takes longer than comparing them.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
        (Some(end), Some(other_end)) => {
            let words = one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0);
            let equal = |word: &[u8; 8], other: &[u8; 8]| {
                u64::from_le_bytes(*word) == u64::from_le_bytes(*other)
            };
            equal(end, other_end) && words.into_iter().all(|(word, other)| equal(word, other))
        }
        _ => one.iter().zip(other).all(|(byte, other)| byte == other),
    }
}

/// A number that keys differ by: their length and last bytes, mixed.
#[inline]
fn mark(key: &[u8]) -> usize {
    let end = match key.last_chunk() {
        Some(end) => u64::from_le_bytes(*end),
        None => key.iter().fold(0, |end, byte| end << 8 | u64::from(*byte)),
    };
    let mixed = (end ^ key.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_leads_to_its_own_place() {
        let mut children = Children::default();
        let keys: Vec<String> = (0..1_000)
            .map(|n| if n % 2 == 0 { n.to_string() } else { format!("{n}endAlike") })
            .collect();
        assert_eq!(children.get(b"0"), None);
        for (place, key) in keys.iter().enumerate() {
            children.add(key, PathId(place as u32));
            assert_eq!(children.get(key.as_bytes()), Some(PathId(place as u32)));
        }
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(children.get(key.as_bytes()), Some(PathId(place as u32)), "{key}");
        }
        for other in ["", "1000", "xendAlike", "endAlike"] {
            assert_eq!(children.get(other.as_bytes()), None, "{other}");
        }
    }
}
