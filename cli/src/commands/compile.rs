//! `tocsin compile`: rule files in, one module out.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tocsin_host::Engine;
use tocsin_host::compile::{CompileError, compile_configured};
use tocsin_host::detector::{Configuration, Options};
use tocsin_host::rule_files::RuleFiles;

use crate::exit::{Failure, INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::detector::Choice;
use crate::options::form::Form;
use crate::output;

/// Make one self-contained module of rules: the same interface, no imports, the rules inside
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files, and folders of them (*.toml, *.yml, *.yaml)
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// Where the module goes; `-` is standard output
    #[arg(short, long, value_name = "FILE.wasm")]
    output: PathBuf,
    /// The module to begin with, instead of the embedded one
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
    /// Leave out what has errors, and say so, instead of making nothing
    #[arg(long)]
    skip_broken: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    choice: Choice,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let files = RuleFiles::read(&arguments.rules).or_wrong_usage()?;
    if !files.broken.is_empty() {
        print(&files.broken);
        if !arguments.skip_broken {
            return Err(unusable());
        }
    }
    let base = match &arguments.module {
        None => tocsin_host::EMBEDDED_MODULE.to_vec(),
        Some(path) => {
            std::fs::read(path).with_context(|| path.display().to_string()).or_wrong_usage()?
        }
    };
    let engine = Engine::new().or_failed()?;
    let configuration = Configuration {
        rules: Some(files.documents),
        options: Some(arguments.choice.over(Options::default()))
            .filter(|options| *options != Options::default()),
        skip_broken: arguments.skip_broken,
        ..Configuration::default()
    };
    let compiled = match compile_configured(&engine, &base, configuration) {
        Ok(compiled) => compiled,
        Err(CompileError::Rules(diagnostics)) => {
            print(&diagnostics);
            return Err(unusable());
        }
        Err(error) => return Err(error).or_failed(),
    };
    print(&compiled.diagnostics);
    if compiled.manifest.rules.is_empty() {
        let error = anyhow::anyhow!("there is no rule to compile");
        return Err(Failure { error, code: INPUT_FAILED });
    }
    let rules = format!("{} rules, ", compiled.manifest.rules.len());
    arguments.form.write(&arguments.output, &compiled.module, &rules).or_failed()?;
    Ok(RAN)
}

fn unusable() -> Failure {
    Failure { error: anyhow::anyhow!("the rules can't be used as they are"), code: INPUT_FAILED }
}

fn print(diagnostics: &[tocsin_host::detector::Diagnostic]) {
    for diagnostic in diagnostics {
        eprintln!("{}", output::diagnostic(diagnostic));
    }
}
