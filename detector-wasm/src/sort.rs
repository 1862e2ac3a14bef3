//! In: a list. Out: the same list in order, equal elements as they stood.
//!
//! The standard library sorts faster, by code that is made anew for each kind of element: for all that is
//! sorted here it came to a tenth of the module. Here the code that sorts is there once, and sorts places.
#![forbid(unsafe_code)]

use std::cmp::Ordering;

/// Puts a list in order.
pub(crate) fn sort<T: Ord>(list: &mut Vec<T>) {
    sort_by(list, |one, other| one.cmp(other));
}

/// Puts a list in order and leaves each element in it once.
pub(crate) fn sort_and_dedup<T: Ord>(list: &mut Vec<T>) {
    sort(list);
    list.dedup();
}

/// Puts a list in the order of what each element is sorted by.
pub(crate) fn sort_by_key<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort_by(list, |one, other| key(one).cmp(&key(other)));
}

/// Puts a list in the order that a comparison gives it.
pub(crate) fn sort_by<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let places = places(list.len(), &|one, other| match (list.get(one), list.get(other)) {
        (Some(one), Some(other)) => compare(one, other).is_gt(),
        _ => false,
    });
    let mut taken: Vec<Option<T>> = list.drain(..).map(Some).collect();
    list.extend(places.into_iter().filter_map(|place| taken.get_mut(place)?.take()));
}

/// The places of a list in the order of what stands there: runs of one, two, four ... of them are merged.
fn places(length: usize, is_greater: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..length).collect();
    let mut merged = Vec::with_capacity(length);
    let mut run = 1;
    while run < length {
        merged.clear();
        for pair in sorted.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at_checked(run).unwrap_or((pair, &[]));
            while let ([one, ..], [other, ..]) = (left, right) {
                let next = if is_greater(*one, *other) { &mut right } else { &mut left };
                if let [first, rest @ ..] = *next {
                    merged.push(*first);
                    *next = rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut sorted, &mut merged);
        run *= 2;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_order_of_the_standard_library(
            mut list in proptest::collection::vec((0..20u8, any::<char>()), 0..70),
        ) {
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut list, |(key, _)| *key);
            prop_assert_eq!(&list, &expected);
            expected.sort();
            sort(&mut list);
            prop_assert_eq!(&list, &expected);
            expected.dedup();
            sort_and_dedup(&mut list);
            prop_assert_eq!(list, expected);
        }
    }
}
