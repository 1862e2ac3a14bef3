//! `tocsin serve` as senders and operators see it: the real process, over its sockets.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod crash;
mod formats;
mod hostile;
mod isolation;
mod limits;
mod opensearch;
mod outlets;
mod records;
mod senders;
mod server;
