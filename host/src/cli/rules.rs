//! `tocsin rules`: a module in, the rules it holds out.

use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Args;

use super::{OrFail, Outcome, RAN, detector};
use crate::output;

/// List the rules that a module holds
#[derive(Args)]
pub(super) struct Arguments {
    /// The module, if not the embedded one
    #[arg(value_name = "FILE.wasm", conflicts_with = "module")]
    file: Option<PathBuf>,
    #[command(flatten)]
    rules: detector::Rules,
    /// Print the module's own description as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let mut rules = arguments.rules;
    rules.module = rules.module.or(arguments.file);
    let mut detector = detector::load(&rules, tocsin::Limits::default(), None)?;
    let text = if arguments.json {
        let mut text = detector.describe_json().or_wrong_usage()?.to_vec();
        text.push(b'\n');
        text
    } else {
        output::rule_table(&detector.describe().or_wrong_usage()?.rules).into_bytes()
    };
    output::unless_closed(stdout().lock().write_all(&text)).or_failed()?;
    Ok(RAN)
}
