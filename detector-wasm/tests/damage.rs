//! Damage costs the record that it is in: whatever stands before, between and behind whole records, they
//! raise their alerts, with the option `strict` and without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

#[path = "support/damage.rs"]
mod damage;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damage_costs_the_record_it_is_in(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(what) = damage::check(&bytes) {
            panic!("{what}");
        }
    }
}
