//! `tocsin compile`: rule files in, one module out.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tocsin_host::compile::{CompileError, compile};
use tocsin_host::{Engine, rule_files};

use crate::exit::{Failure, INPUT_FAILED, OrFail, Outcome, RAN};
use crate::output;

/// Make one self-contained module of rules: the same interface, no imports, the rules inside
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files, and folders of them (*.toml, *.yml, *.yaml)
    #[arg(required = true, value_name = "RULES")]
    rules: Vec<PathBuf>,
    /// Where the module goes
    #[arg(short, long, value_name = "FILE.wasm")]
    output: PathBuf,
    /// The module to begin with, instead of the embedded one
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let documents = rule_files::read(&arguments.rules).or_wrong_usage()?;
    let base = match &arguments.module {
        None => tocsin_host::EMBEDDED_MODULE.to_vec(),
        Some(path) => {
            std::fs::read(path).with_context(|| path.display().to_string()).or_wrong_usage()?
        }
    };
    let engine = Engine::new().or_failed()?;
    let compiled = match compile(&engine, &base, documents) {
        Ok(compiled) => compiled,
        Err(CompileError::Rules(diagnostics)) => {
            print(&diagnostics);
            let error = anyhow::anyhow!("the rules can't be used as they are");
            return Err(Failure { error, code: INPUT_FAILED });
        }
        Err(error) => return Err(error).or_failed(),
    };
    print(&compiled.diagnostics);
    let path = &arguments.output;
    std::fs::write(path, &compiled.module)
        .with_context(|| path.display().to_string())
        .or_failed()?;
    eprintln!(
        "{}: {} rules, {} bytes, sha256 {}",
        path.display(),
        compiled.manifest.rules.len(),
        compiled.module.len(),
        compiled.sha256(),
    );
    Ok(RAN)
}

fn print(diagnostics: &[tocsin_host::detector::Diagnostic]) {
    for diagnostic in diagnostics {
        eprintln!("{}", output::diagnostic(diagnostic));
    }
}
