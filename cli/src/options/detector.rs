//! The options that say which rules run where in, a configured detector out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tocsin_host::detector::{Configuration, DetectorError, Diagnostic, LogSource, Options};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::{Detector, Engine, Limits, Module};

use super::config::RulesConfig;
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
    /// Run nothing if any of the rules has errors; without it those are left out, and said
    #[arg(long)]
    strict_rules: bool,
    #[command(flatten)]
    choice: Choice,
}

/// Which of the rules run, and on what.
#[derive(Args)]
pub(crate) struct Choice {
    /// Run rules, too, that are deprecated, unsupported or not enabled
    #[arg(long)]
    inactive: bool,
    /// Whose records those are that don't tell it themselves, such as product=windows,service=security:
    /// only Sigma rules for these run on them
    #[arg(long, value_name = "KEY=VALUE,...", value_parser = log_source)]
    logsource: Option<LogSource>,
}

impl Choice {
    /// Options that say so; where nothing is said, what the module holds stays.
    pub(crate) fn over(&self, options: Options) -> Options {
        let inactive = self.inactive.then_some(true).or(options.inactive);
        Options {
            inactive,
            logsource: self.logsource.clone().or(options.logsource.clone()),
            ..options
        }
    }
}

/// `product=windows,service=security`: a log source as Sigma names it.
fn log_source(text: &str) -> Result<LogSource, String> {
    let mut source = LogSource::default();
    for part in text.split(',') {
        let place = match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("category", value)) => (&mut source.category, value),
            Some(("product", value)) => (&mut source.product, value),
            Some(("service", value)) => (&mut source.service, value),
            _ => return Err(format!("`{part}` isn't category=..., product=... or service=...")),
        };
        *place.0 = Some(place.1.to_owned());
    }
    Ok(source)
}

impl Rules {
    /// What the line leaves open is the configuration's.
    pub(crate) fn configure(&mut self, config: &RulesConfig) -> anyhow::Result<()> {
        if self.rules.is_empty() {
            self.rules.clone_from(&config.paths);
        }
        if self.module.is_none() {
            self.module.clone_from(&config.module);
        }
        self.no_default_rules |= config.default == Some(false);
        self.strict_rules |= config.strict;
        self.choice.inactive |= config.inactive;
        if let (None, Some(text)) = (&self.choice.logsource, &config.logsource) {
            self.choice.logsource =
                Some(log_source(text).map_err(|wrong| {
                    anyhow::anyhow!("the configuration's `logsource`: {wrong}")
                })?);
        }
        Ok(())
    }

    /// Adds rule files. Without a module of its own they are the only rules.
    pub(crate) fn list_only(&mut self, files: Vec<PathBuf>, beside_module: bool) {
        self.no_default_rules |= !beside_module && self.module.is_none();
        self.rules.extend(files);
    }

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
        Limits { memory_bytes: self.max_memory, timeout: self.timeout, ..Limits::default() }
    }
}

/// The options as far as a module knows them. One of an older version refuses the names of others.
fn known(detector: &mut Detector, options: Options) -> Options {
    let description: Option<serde_json::Value> =
        detector.describe_json().ok().and_then(|text| serde_json::from_slice(&text).ok());
    let knows =
        |option: &str| description.as_ref().is_some_and(|known| known.pointer(option).is_some());
    Options {
        error_frames: options.error_frames.filter(|_| knows("/options/error_frames")),
        facts: options.facts && knows("/options/facts"),
        ..options
    }
}

/// A detector, and whether rules were left out of it because they have errors.
pub(crate) struct Loaded {
    pub(crate) detector: Detector,
    pub(crate) broken: bool,
    /// The options that it runs with.
    pub(crate) options: Options,
}

impl Loaded {
    /// Runs these rules and no others.
    pub(crate) fn run_only(&mut self, rules: Vec<String>) -> Result<(), DetectorError> {
        self.options.only_rules = Some(rules);
        let options = Some(self.options.clone());
        let configuration = Configuration { options, ..Configuration::default() };
        self.detector.configure(&configuration).map(|_| ())
    }
}

/// Loads the module and configures it. Prints what is wrong with the rules.
pub(crate) fn load(rules: &Rules, limits: Limits, options: Options) -> Result<Loaded, Failure> {
    let mut detector = bare(rules.module.as_deref(), limits)?;
    let options = match rules.module.is_none() {
        true => options,
        false => known(&mut detector, options),
    };
    let files = RuleFiles::read(&rules.rules).or_wrong_usage()?;
    if rules.strict_rules && !files.broken.is_empty() {
        return Err(refused(&files.broken)).or_wrong_usage();
    }
    let options = rules.choice.over(options);
    let (replacing, added) = match rules.no_default_rules {
        true => (Some(files.documents), Vec::new()),
        false => (None, files.documents),
    };
    let configuration = Configuration {
        rules: replacing,
        add: added,
        options: Some(options.clone()).filter(|options| *options != Options::default()),
        skip_broken: false,
    };
    if configuration == Configuration::default() {
        return Ok(Loaded { detector, broken: !files.broken.is_empty(), options });
    }
    let strict =
        rules.strict_rules || configuration.rules.is_none() && configuration.add.is_empty();
    let configured = match strict {
        true => detector.configure(&configuration),
        false => detector.configure_what_loads(configuration),
    };
    let configured = match configured {
        Ok(configured) => configured,
        Err(DetectorError::Configuration(diagnostics)) => {
            return Err(refused(&diagnostics)).or_wrong_usage();
        }
        Err(error) => return Err(error).or_wrong_usage(),
    };
    let mut diagnostics = files.broken;
    diagnostics.extend(configured.diagnostics);
    let loaded = configured.rules.unwrap_or(0);
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    let said = output::rules_said(loaded, &diagnostics, files.passed_over, &rules.rules);
    if broken {
        output::say(said.trim_end());
    } else if !said.is_empty() {
        output::remark(said.trim_end());
    }
    // A module of somebody else may judge by other means than rules.
    let by_rules = rules.module.is_none() || rules.no_default_rules || !rules.rules.is_empty();
    if loaded == 0 && by_rules {
        return Err(anyhow::anyhow!("there is no rule to run")).or_wrong_usage();
    }
    Ok(Loaded { detector, broken, options })
}

/// Prints what is wrong with rules of which none is to run then.
fn refused(diagnostics: &[Diagnostic]) -> anyhow::Error {
    for diagnostic in diagnostics {
        output::say(&output::diagnostic(diagnostic));
    }
    anyhow::anyhow!("the rules can't be used as they are")
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
