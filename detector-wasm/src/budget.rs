//! In: the steps that a test is about to take. Out: whether it may.
//!
//! Nearly all tests take a time in proportion to what they look at. A few multiply what a rule's author wrote by
//! what a record's author wrote: regular expressions, wildcards for single characters, comparisons of two fields.
//! They ask here first. A test that has used up its steps is undecided: its answer, whatever it is, isn't used.
//! Steps are counted, never time, so that a record is decided in one runtime as in any other.
//!
//! Tests run on one thread, one after the other, deep inside of calls that know no rule and no record; so the
//! count is the thread's.
#![forbid(unsafe_code)]

use std::cell::Cell;

/// Steps of a rule at one record, or of a single test where the rule as a whole has used them up.
const STEPS: u64 = 1 << 25;

/// Steps more for each byte of the record.
const STEPS_FOR_A_BYTE: u64 = 16;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
    static SPENT: Cell<bool> = const { Cell::new(false) };
}

/// Begins to count for a record of so many bytes.
pub(crate) fn begin(record: usize) {
    LEFT.set(STEPS.saturating_add(STEPS_FOR_A_BYTE.saturating_mul(record as u64)));
    SPENT.set(false);
}

/// Takes steps. False if they aren't there: then the test is undecided.
#[inline]
pub(crate) fn take(steps: u64) -> bool {
    match LEFT.get().checked_sub(steps) {
        Some(left) => LEFT.set(left),
        None => SPENT.set(true),
    }
    !SPENT.get()
}

/// Whether a test since the begin is undecided.
pub(crate) fn is_spent() -> bool {
    SPENT.get()
}

/// Counts no longer.
pub(crate) fn end() {
    LEFT.set(u64::MAX);
    SPENT.set(false);
}
