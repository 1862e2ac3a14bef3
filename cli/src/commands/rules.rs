//! `tocsin rules`: a module in, the rules it holds out, and which file it is.

use std::io::{Write, stdout};
use std::path::PathBuf;

use clap::Args;

use tocsin_host::detector::Options;

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::detector;
use crate::output;

/// List the rules that a module holds, and the module's fingerprint
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
    let loaded = detector::load(&rules, tocsin_host::Limits::default(), Options::default())?;
    let mut detector = loaded.detector;
    let text = if arguments.json {
        let mut text = detector.describe_json().or_wrong_usage()?;
        text.push(b'\n');
        text
    } else {
        let description = detector.describe().or_wrong_usage()?;
        let mut text = output::rule_table(&description.rules);
        if let Some(module) = description.module {
            text += &format!("\nmodule sha256 {} ({} bytes)\n", module.sha256, module.bytes);
        }
        text.into_bytes()
    };
    output::unless_closed(stdout().lock().write_all(&text)).or_failed()?;
    Ok(if loaded.broken { INPUT_FAILED } else { RAN })
}
