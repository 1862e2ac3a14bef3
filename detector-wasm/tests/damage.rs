//! Damage costs the record that it is in: whatever stands before, between and behind whole records, they
//! raise their alerts, with the option `strict` and without it.
//!
//! The same 1,000 batches in each run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others. The fuzz
//! target `damage` goes on with batches of the same kinds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[path = "support/damage.rs"]
mod damage;

/// What the environment says; where it is silent, a fixed beginning, so that a run can be repeated.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        failure_persistence: None,
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 1_000 },
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        ..asked
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn damage_costs_the_record_it_is_in(choices in proptest::collection::vec(any::<u8>(), 0..200)) {
        damage::check(&choices).map_err(TestCaseError::fail)?;
    }
}
