//! The command `tocsin`: arguments in, alerts on standard output, problems on standard error.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod commands;
mod exit;
mod interrupt;
mod options;
mod output;
mod static_server;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    let code = commands::run().unwrap_or_else(|failure| {
        output::error(&failure.error);
        failure.code
    });
    ExitCode::from(code)
}
