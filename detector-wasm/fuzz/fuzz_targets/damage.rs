//! Any bytes as choices: a batch in which one or two records are damaged, whose whole records must be found with `strict`
//! and without it. Where more are, one of a million batches loses a record; `tests/damage.rs` looks at those, too.
#![no_main]

#[path = "../../tests/support/damage.rs"]
mod damage;

libfuzzer_sys::fuzz_target!(|choices: &[u8]| -> libfuzzer_sys::Corpus {
    let made = damage::damaged(choices);
    if made.damaged > 2 {
        return libfuzzer_sys::Corpus::Reject;
    }
    if let Err(what) = damage::check(&made) {
        panic!("{what}");
    }
    libfuzzer_sys::Corpus::Keep
});
