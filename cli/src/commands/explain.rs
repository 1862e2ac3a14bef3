//! `tocsin explain`: a rule and records in, the query clause by clause out.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tocsin_host::detector::Options;
use tocsin_host::detector::explanation::{Explained, Verdict};
use tocsin_host::input::arguments::Input;
use tocsin_host::input::open::read_whole;

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::config::Config;
use crate::options::{detector, rule_name};
use crate::output;

/// Say why a rule does or doesn't select a record, clause by clause
#[derive(Args)]
pub(super) struct Arguments {
    /// The rule: its id, its name, or a beginning that only one rule has
    #[arg(long, value_name = "ID|NAME")]
    rule: String,
    /// The file that holds the record, in any accepted shape, compressed or not; `-` is standard input
    #[arg(default_value = "-", value_name = "RECORD")]
    record: PathBuf,
    /// Explain this record alone, counted from 1 as `tocsin scan` does
    #[arg(long, value_name = "N")]
    number: Option<std::num::NonZero<u64>>,
    /// Print each record's explanation as a line of JSON, in which records count from 0
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: detector::Rules,
    #[command(flatten)]
    sandbox: detector::Sandbox,
}

/// The most bytes that are explained at once.
const LARGEST: u64 = 256 << 20;

pub(super) fn run(mut arguments: Arguments) -> Outcome {
    let config = Config::load().or_wrong_usage()?;
    arguments.rules.configure(&config.rules).or_wrong_usage()?;
    let limits = arguments.sandbox.limits();
    let mut loaded = detector::load(&arguments.rules, limits, Options::default())?;
    let description = loaded.detector.describe().or_wrong_usage()?;
    let rule = rule_name::find(&arguments.rule, &description.rules).or_wrong_usage()?;
    let input = match arguments.record.as_os_str() == "-" {
        true => Input::Stdin,
        false => Input::File(arguments.record.clone()),
    };
    let batch = read_whole(&input, LARGEST).with_context(|| input.to_string()).or_failed()?;
    let mut explained = loaded.detector.explain(&rule.id, &batch).or_wrong_usage()?;
    if let Some(number) = arguments.number {
        let records = explained.len();
        explained.retain(|one| one.record + 1 == number.get());
        if explained.is_empty() {
            let error = anyhow::anyhow!("there is no record {number}; {input} has {records}");
            return Err(error).or_wrong_usage();
        }
    }
    output::unless_closed(print(&explained, arguments.json)).or_failed()?;
    let failed = explained.iter().any(|one| matches!(one.verdict, Verdict::Error { .. }));
    Ok(if failed || loaded.broken { INPUT_FAILED } else { RAN })
}

fn print(explained: &[Explained], json: bool) -> std::io::Result<()> {
    let mut out = output::coloured();
    explained.iter().try_for_each(|one| match json {
        true => writeln!(out, "{}", serde_json::to_string(one)?),
        false => output::explanation::explanation(one, &mut out),
    })
}
