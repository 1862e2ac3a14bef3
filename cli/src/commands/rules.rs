//! `tocsin rules`: a module or rule files in, the rules out, and which file the module is.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use tocsin_host::detector::Options;

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::config::Config;
use crate::options::detector;
use crate::output;

/// List the rules that a module or rule files hold, and the module's fingerprint
#[derive(Args)]
pub(super) struct Arguments {
    /// A module (*.wasm), or rule files and folders of them, whose rules alone are listed then; by default the
    /// embedded module
    #[arg(value_name = "FILE.wasm|RULES")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    rules: detector::Rules,
    /// Print the module's own description as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let mut rules = arguments.rules;
    let is_module = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
    let (modules, files): (Vec<_>, Vec<_>) = arguments.paths.into_iter().partition(is_module);
    let given = modules.len() + usize::from(rules.module.is_some());
    if given > 1 {
        return Err(anyhow::anyhow!("one module at a time; {given} are given")).or_wrong_usage();
    }
    let by_module = !modules.is_empty();
    rules.module = rules.module.or(modules.into_iter().next());
    match files.is_empty() {
        true if by_module => {}
        true => {
            let config = Config::load().or_wrong_usage()?;
            rules.configure(&config.rules).or_wrong_usage()?;
        }
        false => rules.list_only(files, by_module),
    }
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
    output::unless_closed(output::stdout().write_all(&text)).or_failed()?;
    Ok(if loaded.broken { INPUT_FAILED } else { RAN })
}
