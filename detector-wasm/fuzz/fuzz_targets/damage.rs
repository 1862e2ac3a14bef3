//! Any bytes as choices: a damaged batch, whose whole records must be found with `strict` and without it.
#![no_main]

#[path = "../../tests/support/damage.rs"]
mod damage;

libfuzzer_sys::fuzz_target!(|choices: &[u8]| {
    if let Err(what) = damage::check(choices) {
        panic!("{what}");
    }
});
