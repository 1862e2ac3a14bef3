//! The faces of the detector: each file here is one way for a host to reach the same flow.

pub(crate) mod core;
mod fluent_bit;
mod guest;
mod javascript;
mod reservations;
