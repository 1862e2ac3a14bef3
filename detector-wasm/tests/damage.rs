//! Damage costs the record that it is in: whatever stands before, between and behind whole records, they
//! raise their alerts, with the option `strict` and without it.
//!
//! The batches are the same in every run. Of other ones a few miss a record: SECURITY.md names the kinds.
//! The fuzz target `damage` looks for them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};

#[path = "support/damage.rs"]
mod damage;

/// The seed of the batches.
const SEED: [u8; 32] = [1; 32];

#[test]
fn damage_costs_the_record_it_is_in() {
    let config =
        ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let batches = proptest::collection::vec(any::<u8>(), 0..200);
    let judged = TestRunner::new_with_rng(config, random)
        .run(&batches, |bytes| damage::check(&bytes).map_err(TestCaseError::fail));
    match judged {
        Ok(()) => {}
        Err(TestError::Fail(what, _) | TestError::Abort(what)) => panic!("{what}"),
    }
}
