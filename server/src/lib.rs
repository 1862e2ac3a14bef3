//! Tocsin over HTTP for many tenants: requests of shippers in, durable alerts out.
//!
//! The walk of a request: [`http`] takes it, [`tenants`] says whose it is and what it may take, [`inlets`] finds
//! the records in it, [`judge`] runs the tenant's rules over them in a sandbox, [`outbox`] makes the alerts safe,
//! then the sender has its answer; [`outlets`] deliver from there.
#![cfg(unix)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod admin;
pub mod config;
pub mod http;
pub mod in_flight;
pub mod inlets;
pub mod judge;
pub mod metrics;
pub mod outbox;
pub mod outlets;
mod run;
mod standalone;
pub mod state;
pub mod tenants;

pub use run::{Options, ServeError, check, run};
pub use standalone::{Standalone, standalone};
