//! `tocsin man` and `tocsin completions`: the command line itself in, pages and completions of shells out.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::{OrFail, Outcome, RAN};
use crate::output;

/// Write the manual's pages, one a command, into a folder
#[derive(Args)]
pub(super) struct ManArguments {
    /// Where they go; a page is `tocsin.1` or `tocsin-COMMAND.1`
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Print what completes the command line in a shell
#[derive(Args)]
pub(super) struct CompletionArguments {
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn man(arguments: &ManArguments, command: Command) -> Outcome {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string()).or_failed()?;
    clap_mangen::generate_to(command, folder).or_failed()?;
    output::say(&format!("{}: pages of the manual", folder.display()));
    Ok(RAN)
}

pub(super) fn completions(arguments: &CompletionArguments, mut command: Command) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "tocsin", &mut text);
    output::unless_closed(output::stdout().write_all(&text)).or_failed()?;
    Ok(RAN)
}
