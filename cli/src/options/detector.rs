//! The options that say which rules run where in, a configured detector out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tocsin_host::detector::{Configuration, DetectorError, Options};
use tocsin_host::{Detector, Engine, Limits, Module, rule_files};

use super::units;
use crate::exit::{Failure, OrFail};
use crate::output;

/// Which rules.
#[derive(Args)]
pub(crate) struct Rules {
    /// Run another module of the same interface
    #[arg(long, value_name = "FILE.wasm")]
    pub(crate) module: Option<PathBuf>,
    /// Add the rules of a file or folder (*.toml, *.yml, *.yaml); may be given several times
    #[arg(long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Leave out the module's own rules
    #[arg(long)]
    no_default_rules: bool,
}

impl Rules {
    /// Whether any of them come from the user.
    pub(crate) fn are_the_users(&self) -> bool {
        self.module.is_some() || !self.rules.is_empty()
    }
}

/// What the module may use.
#[derive(Args)]
pub(crate) struct Sandbox {
    /// Memory of each instance of the module
    #[arg(long, value_name = "BYTES", default_value = "512M", value_parser = units::bytes)]
    pub(crate) max_memory: usize,
    /// Time for each batch
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = units::seconds)]
    timeout: Duration,
}

impl Sandbox {
    pub(crate) fn limits(&self) -> Limits {
        Limits { memory_bytes: self.max_memory, timeout: self.timeout }
    }
}

/// Whether a module knows the options that bound what it says. One of an older version refuses their names.
fn knows_all(detector: &mut Detector) -> bool {
    let description: Option<serde_json::Value> =
        detector.describe_json().ok().and_then(|text| serde_json::from_slice(&text).ok());
    description.is_some_and(|known| known.pointer("/options/error_frames").is_some())
}

/// Loads the module and configures it. What is wrong with the rules is printed.
pub(crate) fn load(
    rules: &Rules,
    limits: Limits,
    options: Option<Options>,
) -> Result<Detector, Failure> {
    let mut detector = bare(rules.module.as_deref(), limits)?;
    let documents = rule_files::read(&rules.rules).or_wrong_usage()?;
    let (replacing, added) =
        if rules.no_default_rules { (Some(documents), Vec::new()) } else { (None, documents) };
    let options = options.map(|options| match rules.module.is_none() || knows_all(&mut detector) {
        true => options,
        false => Options { error_frames: None, ..options },
    });
    let options = options.filter(|options| *options != Options::default());
    let configuration = Configuration { rules: replacing, add: added, options };
    if configuration != Configuration::default() {
        configure(&mut detector, &configuration)?;
    }
    Ok(detector)
}

/// A detector with the rules that its module came with: the embedded module, or that of a file.
pub(crate) fn bare(module: Option<&Path>, limits: Limits) -> Result<Detector, Failure> {
    let engine = Engine::new().or_failed()?;
    let module = match module {
        None => Module::embedded(&engine).context("the embedded module is unusable").or_failed()?,
        Some(path) => load_module(&engine, path).or_wrong_usage()?,
    };
    Detector::new(&module, limits).or_wrong_usage()
}

fn load_module(engine: &Engine, path: &Path) -> anyhow::Result<Module> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Module::new(engine, &bytes).with_context(|| path.display().to_string())
}

fn configure(detector: &mut Detector, configuration: &Configuration) -> Result<(), Failure> {
    let (diagnostics, result) = match detector.configure(configuration) {
        Ok(configured) => (configured.diagnostics, Ok(())),
        Err(DetectorError::Configuration(diagnostics)) => {
            (diagnostics, Err(anyhow::anyhow!("the rules can't be used as they are")))
        }
        Err(error) => (Vec::new(), Err(error.into())),
    };
    for diagnostic in &diagnostics {
        output::say(&output::diagnostic(diagnostic));
    }
    result.or_wrong_usage()
}
