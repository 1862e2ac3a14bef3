//! Damage costs the record that it is in: whatever stands before, between and behind whole records, they
//! raise their alerts, with the option `strict` and without it.
//!
//! The batches are others in each run. The fuzz target `damage` goes on with them for as long as it is let.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

#[path = "support/damage.rs"]
mod damage;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn damage_costs_the_record_it_is_in(choices in proptest::collection::vec(any::<u8>(), 0..200)) {
        damage::check(&choices).map_err(TestCaseError::fail)?;
    }
}
