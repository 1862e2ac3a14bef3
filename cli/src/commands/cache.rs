//! `tocsin cache`: where compiled modules and read rules lie and how much they take, out; or they are removed.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use tocsin_host::sandbox::cache;

use crate::exit::{OrFail, Outcome, RAN};
use crate::output;

/// Say where compiled modules and large sets of rules are kept and how much they take, or remove them
///
/// They make starts quick, and may be removed at any time. `TOCSIN_CACHE` names another folder; set to nothing, none
/// are kept.
#[derive(Args)]
pub(super) struct Arguments {
    /// Remove them
    #[arg(long)]
    clear: bool,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let Some(folder) = cache::folder() else {
        output::say("nothing is kept: there is no folder for it");
        return Ok(RAN);
    };
    let files = cache::files(&folder).with_context(|| folder.display().to_string()).or_failed()?;
    let bytes: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    if arguments.clear {
        for (file, _) in &files {
            std::fs::remove_file(file).with_context(|| file.display().to_string()).or_failed()?;
        }
    }
    let sets = files.iter().filter(|(file, _)| cache::has_rules(file)).count();
    let (modules, size) = (files.len() - sets, indicatif::HumanBytes(bytes));
    let removed = if arguments.clear { "removed " } else { "" };
    let line = format!(
        "{}: {removed}{modules} compiled modules and {sets} sets of rules, {size}\n",
        folder.display()
    );
    output::unless_closed(output::stdout().write_all(line.as_bytes())).or_failed()?;
    Ok(RAN)
}
