//! The faces of the detector: each file here is one way for a host to reach the same flow.

mod apart;
#[cfg(target_family = "wasm")]
pub(crate) mod core;
#[cfg(target_family = "wasm")]
mod fluent_bit;
mod frame;
#[cfg(target_family = "wasm")]
mod guest;
#[cfg(target_family = "wasm")]
mod javascript;
#[cfg(target_family = "wasm")]
mod reservations;
mod shipper;
