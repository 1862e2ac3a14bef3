//! Damage costs the record that it is in: whatever stands before, between and behind whole records, they
//! raise their alerts, with the option `strict` and without it.
//!
//! The same 1,000 batches in each run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others. The fuzz
//! target `damage` goes on with batches of the same kinds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

#[path = "support/damage.rs"]
mod damage;
#[path = "support/repeatable.rs"]
mod repeatable;

proptest! {
    #![proptest_config(repeatable::config(1_000))]

    #[test]
    fn damage_costs_the_record_it_is_in(choices in proptest::collection::vec(any::<u8>(), 0..200)) {
        damage::check(&damage::damaged(&choices)).map_err(TestCaseError::fail)?;
    }
}
