//! What measuring needs: CloudTrail records of any number with known answers.
//!
//! [`native`] runs the detector without a sandbox. [`trail`] makes records from a seed, the same bytes for the same seed; the program `make-trail` writes
//! them to files with a manifest of what is in them.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod native;
pub mod trail;
