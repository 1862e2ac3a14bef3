//! `tocsin serve` in a build without the server: how to get it.

use clap::Args;

use crate::exit::{OrFail, Outcome};

/// Judge records that shippers send (not in this build)
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(super) struct Arguments {
    /// Whatever the server would take
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

pub(super) fn run(_: Arguments) -> Outcome {
    let message = if cfg!(unix) {
        "this build has no server; get one by `cargo build --release -p tocsin-cli --features serve`"
    } else {
        "the server runs on Linux and macOS only"
    };
    Err(anyhow::anyhow!(message)).or_wrong_usage()
}
