//! Property tests that are the same in each run, unless the environment asks for others.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// What the environment says; where it is silent, a fixed beginning, so that a run can be repeated, and so many cases.
pub fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        failure_persistence: None,
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases },
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        ..asked
    }
}
