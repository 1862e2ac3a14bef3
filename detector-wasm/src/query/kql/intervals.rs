//! Sets of values that are stretches of an order: addresses of networks, moments of days.

use crate::sort;

/// Stretches, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intervals<T> {
    /// Ascending, and apart from each other.
    stretches: Vec<(T, T)>,
}

impl<T: Ord + Copy> Intervals<T> {
    /// The union of the stretches.
    pub(super) fn new(mut stretches: Vec<(T, T)>) -> Intervals<T> {
        stretches.retain(|(low, high)| low <= high);
        sort::sort(&mut stretches);
        stretches.dedup_by(|next, former| {
            let touches = next.0 <= former.1;
            if touches {
                former.1 = former.1.max(next.1);
            }
            touches
        });
        Intervals { stretches }
    }

    /// Whether a value lies in one of the stretches.
    pub(super) fn contain(&self, value: T) -> bool {
        let after = self.stretches.partition_point(|(low, _)| *low <= value);
        let before = after.checked_sub(1).and_then(|place| self.stretches.get(place));
        before.is_some_and(|(_, high)| value <= *high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_join_where_they_overlap() {
        let set = Intervals::new(vec![(5, 9), (1, 2), (8, 12), (20, 19), (6, 7)]);
        assert_eq!(set.stretches, [(1, 2), (5, 12)]);
        let inside: Vec<i32> = (0..15).filter(|value| set.contain(*value)).collect();
        assert_eq!(inside, [1, 2, 5, 6, 7, 8, 9, 10, 11, 12]);
    }
}
