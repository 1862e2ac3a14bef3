//! The command `tocsin`: arguments in, alerts on standard output, problems on standard error.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cli;
mod output;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
