//! `tocsin module`: the embedded module and its JavaScript glue out, as files.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::exit::{OrFail, Outcome, RAN};
use crate::options::form::Form;

/// Write the embedded module to a file, for other runtimes to load
///
/// The same file runs in every runtime: docs/abi.md describes its C interface, and the glue calls it from
/// JavaScript.
#[derive(Args)]
pub(super) struct Arguments {
    /// Where the module goes; `-` is standard output
    #[arg(short, long, value_name = "FILE.wasm", required_unless_present = "javascript")]
    output: Option<PathBuf>,
    /// A folder for the module (as tocsin.wasm) and its JavaScript glue: web.js, node.cjs, and factory.js
    /// for several instances, with TypeScript's types
    #[arg(long, value_name = "FOLDER")]
    javascript: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    if let Some(folder) = &arguments.javascript {
        std::fs::create_dir_all(folder)
            .with_context(|| folder.display().to_string())
            .or_failed()?;
        for file in tocsin_host::JAVASCRIPT_GLUE {
            write(&folder.join(file.name), file.text.as_bytes()).or_failed()?;
        }
        write(&folder.join("tocsin.wasm"), tocsin_host::EMBEDDED_MODULE).or_failed()?;
        eprintln!(
            "{}: {} bytes, sha256 {}",
            folder.display(),
            tocsin_host::EMBEDDED_MODULE.len(),
            tocsin_host::EMBEDDED_MODULE_SHA256
        );
    }
    if let Some(file) = &arguments.output {
        arguments.form.write(file, tocsin_host::EMBEDDED_MODULE, "").or_failed()?;
    }
    Ok(RAN)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}
