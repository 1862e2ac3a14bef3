//! In: the names of keys. Out: which of them a record has at its top, and whether it has others there.

use super::children::Children;
use super::layout::PathId;
use crate::record::text::Text;

/// Names of keys that a record may have at its top.
#[derive(Debug, Default)]
pub(crate) struct TopKeys {
    /// By name its place, marks first.
    names: Children,
    /// A bit for each mark.
    marks: u64,
}

/// Which of the names a record has at its top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct SeenKeys {
    marks: u64,
    others: bool,
}

impl TopKeys {
    /// The names that are looked for, 64 at most, and those that are known beside them.
    pub(crate) fn new<'n>(marks: &[&'n str], known: impl Iterator<Item = &'n str>) -> TopKeys {
        let mut top = TopKeys::default();
        for (place, name) in (0_u32..).zip(marks.iter().copied().chain(known)) {
            if top.names.get(name.as_bytes()).is_none() {
                top.names.add(name, PathId(place));
            }
        }
        top.marks = marks.iter().zip(0_u32..).fold(0, |bits, (_, place)| bits | 1 << place.min(63));
        top
    }

    /// Takes a key at the record's top.
    #[inline(never)] // only where rules tell sources apart
    pub(super) fn see(&self, key: &Text<'_>, seen: &mut SeenKeys) {
        let place = key.unescaped().and_then(|bytes| self.names.get(bytes));
        match place {
            Some(PathId(place)) => seen.marks |= 1_u64.checked_shl(place).unwrap_or(0) & self.marks,
            None => self.see_other(key, seen),
        }
    }

    /// A key with dots is known by what stands before the first.
    #[inline(never)] // once a record for nearly all
    fn see_other(&self, key: &Text<'_>, seen: &mut SeenKeys) {
        if seen.others && !key.is_escaped() {
            return;
        }
        let key = key.decode();
        if let Some(PathId(place)) = self.names.get(key.as_bytes()) {
            seen.marks |= 1_u64.checked_shl(place).unwrap_or(0) & self.marks;
            return;
        }
        let first = key.split('.').next().unwrap_or_default();
        seen.others |= self.names.get(first.as_bytes()).is_none();
    }

    /// Whether a record has all marks.
    pub(super) fn has_all_marks(&self, seen: SeenKeys) -> bool {
        seen.marks == self.marks
    }
}

impl SeenKeys {
    /// Whether there are keys that aren't known.
    pub(super) fn has_others(self) -> bool {
        self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_others() {
        let top = TopKeys::new(&["a", "b"], ["b", "c", "long.ago"].into_iter());
        for (keys, expected) in [
            (&["a", "b"][..], (true, false)),
            (&["a", "c"], (false, false)),
            (&["b", "a", "c", "c.d"], (true, false)),
            (&["a.x", "b"], (false, false)),
            (&["a", "d", "\\u0062"], (true, true)),
            (&["\\u0061", "b"], (true, false)),
            (&["a", "long"], (false, true)),
            (&["a", "", "b"], (true, true)),
        ] {
            let mut seen = SeenKeys::default();
            for key in keys {
                top.see(&Text::new(key.as_bytes(), key.contains('\\')), &mut seen);
            }
            assert_eq!((top.has_all_marks(seen), seen.has_others()), expected, "{keys:?}");
        }
    }
}
