//! `tocsin schema`: the JSON Schemas of what people write, out, for their editors.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::{OrFail, Outcome, RAN};
use crate::output;

/// Print the JSON Schema of rule files, of `tocsin.toml` or of alerts, for editors
///
/// An editor for TOML takes it from the file's first line: `#:schema rule.schema.json`.
#[derive(Args)]
pub(super) struct Arguments {
    #[arg(value_enum)]
    of: Of,
    /// Where it goes, instead of standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// Rule files in TOML
    Rule,
    /// `tocsin.toml`
    Config,
    /// Alerts in the format json
    Alert,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let text = match arguments.of {
        Of::Rule => include_str!("../../../docs/rule.schema.json"),
        Of::Config => include_str!("../../../docs/tocsin.schema.json"),
        Of::Alert => include_str!("../../../docs/alert.schema.json"),
    };
    output::write_file(&arguments.output, text.as_bytes()).or_failed()?;
    Ok(RAN)
}
