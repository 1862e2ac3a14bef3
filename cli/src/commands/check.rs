//! `tocsin check`: rule files in, what is wrong with them out.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use tocsin_host::detector::{
    Configuration, DetectorError, Diagnostic, DiagnosticSeverity, Document,
};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::{Detector, Limits};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::config::rules_or_configured;
use crate::options::detector;
use crate::output::{self, style};
use crate::watch;

/// Load rules and say what is wrong with them
///
/// Every file is loaded alone, so that one bad rule doesn't hide the others, and then all of them
/// together. Exit codes: 0 no errors, 1 errors (or warnings, if they are denied), 2 wrong usage.
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files, and folders with *.toml, *.yml and *.yaml files [default: those of tocsin.toml]
    rules: Vec<PathBuf>,
    /// Print the findings as one JSON array, for editors and other programs
    #[arg(long)]
    json: bool,
    /// End with 1 if there are warnings
    #[arg(long)]
    deny_warnings: bool,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Check with another module of the same interface
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
}

/// The code of a finding about rules that the module can't load at all.
const TOO_MUCH: &str = "rule-too-much";

/// How many findings of one kind in one file are shown, and how many log sources.
const SHOWN: usize = 10;

/// What the rules load to.
#[derive(Default)]
struct Checked {
    findings: Vec<Diagnostic>,
    rules: usize,
    /// How many rules are for records of a source that isn't known, by its name.
    elsewhere: BTreeMap<String, usize>,
    /// Files of folders that plainly hold no rules.
    passed_over: usize,
}

pub(super) fn run(mut arguments: Arguments) -> Outcome {
    rules_or_configured(&mut arguments.rules).or_wrong_usage()?;
    let mut detector = detector::bare(arguments.module.as_deref(), Limits::default())?;
    watch::once_or_after_changes(&arguments.rules, arguments.watch, || {
        once(&arguments, &mut detector)
    })
}

fn once(arguments: &Arguments, detector: &mut Detector) -> Outcome {
    let files = RuleFiles::read(&arguments.rules).or_wrong_usage()?;
    let mut checked = Checked { passed_over: files.passed_over, ..Checked::default() };
    checked.findings.extend(files.broken);
    let mut documents = files.documents;
    let names: Vec<String> = documents.iter().map(|file| file.name.clone()).collect();
    for document in &documents {
        if let Err(error) = checked.alone(detector, document) {
            checked.too_much(document, &error);
        }
    }
    // What can't be loaded by itself can't be loaded with others.
    documents.retain(|document| !checked.is_too_much(document));
    if let (Err(error), Some(last)) =
        (checked.together(detector, documents.clone()), documents.last())
    {
        checked.too_much(last, &error);
    }
    checked.sort(&names);

    let written = if arguments.json { checked.print_json() } else { checked.print() };
    output::unless_closed(written).or_failed()?;
    let denied = match arguments.deny_warnings {
        true => {
            checked.count(DiagnosticSeverity::Error) + checked.count(DiagnosticSeverity::Warning)
        }
        false => checked.count(DiagnosticSeverity::Error),
    };
    Ok(if denied == 0 { RAN } else { INPUT_FAILED })
}

impl Checked {
    /// Says that the module gives no answer to a document, or to all of them up to this one.
    fn too_much(&mut self, document: &Document, error: &DetectorError) {
        let message = format!("the rules can't be loaded: {error}");
        let found = Diagnostic::error(&document.name, &document.text, 0..0, TOO_MUCH, &message);
        self.findings.push(found.with_hint("fewer or smaller rules in one set need less"));
    }

    fn is_too_much(&self, document: &Document) -> bool {
        self.findings.iter().any(|found| found.code == TOO_MUCH && found.document == document.name)
    }

    /// Loads a document by itself.
    fn alone(&mut self, detector: &mut Detector, document: &Document) -> Result<(), DetectorError> {
        let (_, findings) = load(detector, vec![document.clone()])?;
        // Exceptions are for rules of other documents, and literals are counted of all of them.
        let lonely = |found: &Diagnostic| {
            matches!(&*found.code, "exception-no-rule" | "sigma-filter-no-rule" | "rules-literals")
                && found.severity == DiagnosticSeverity::Warning
        };
        self.findings.extend(findings.into_iter().filter(|found| !lonely(found)));
        Ok(())
    }

    /// Loads all documents, for what only shows then.
    fn together(
        &mut self,
        detector: &mut Detector,
        documents: Vec<Document>,
    ) -> Result<(), DetectorError> {
        let (rules, findings) = load(detector, documents)?;
        self.rules = rules;
        if rules > 0 {
            for rule in detector.describe()?.rules {
                let data = || {
                    // One of the indices names the data, others are patterns for all sorts of it.
                    let telling = rule.other_data.iter().find(|name| name.starts_with("logs-"));
                    telling.or(rule.other_data.first()).map(|name| format!("data={name}"))
                };
                if let Some(source) =
                    rule.other_source.as_ref().map(|source| source.shown()).or_else(data)
                {
                    *self.elsewhere.entry(source).or_default() += 1;
                }
            }
        }
        let new: Vec<Diagnostic> =
            findings.into_iter().filter(|found| !self.findings.contains(found)).collect();
        self.findings.extend(new);
        Ok(())
    }

    /// By file in the order in which they were named, then by place.
    fn sort(&mut self, names: &[String]) {
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        self.findings.sort_by_key(|found| {
            (places.get(found.document.as_str()).copied(), found.line, found.column)
        });
    }

    fn count(&self, severity: DiagnosticSeverity) -> usize {
        self.findings.iter().filter(|found| found.severity == severity).count()
    }

    fn print(&self) -> std::io::Result<()> {
        let mut out = output::coloured();
        let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
        for found in &self.findings {
            let count = alike.entry((&found.document, &found.code)).or_default();
            *count += 1;
            if *count <= SHOWN {
                writeln!(out, "{}", style::finding(found.severity, &output::diagnostic(found)))?;
            }
        }
        let mut more: Vec<_> = alike.into_iter().filter(|(_, count)| *count > SHOWN).collect();
        more.sort_unstable();
        for ((document, code), count) in more {
            let document = output::printable(document);
            writeln!(
                out,
                "{document}: {} more findings [{code}]; --json lists all\n",
                count - SHOWN
            )?;
        }
        self.print_elsewhere(&mut out)?;
        let count = |number: usize, word: &str| {
            format!("{number} {word}{}", if number == 1 { "" } else { "s" })
        };
        writeln!(
            out,
            "{} loaded, {} refused, {}, {}{}",
            count(self.rules, "rule"),
            self.count(DiagnosticSeverity::Refused),
            count(self.count(DiagnosticSeverity::Error), "error"),
            count(self.count(DiagnosticSeverity::Warning), "warning"),
            match self.passed_over {
                0 => String::new(),
                files => format!(", {} without rules passed over", count(files, "file")),
            },
        )
    }

    /// Says which rules are written for other records than CloudTrail's.
    fn print_elsewhere(&self, out: &mut impl Write) -> std::io::Result<()> {
        let mut sources: Vec<(&String, &usize)> = self.elsewhere.iter().collect();
        sources.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let rules = |count: usize| if count == 1 { "rule is" } else { "rules are" };
        for (source, count) in sources.iter().take(SHOWN) {
            writeln!(out, "{count} {} for {}", rules(**count), output::printable(source))?;
        }
        let rest = sources.get(SHOWN..).unwrap_or_default();
        if !rest.is_empty() {
            let count = rest.iter().map(|(_, count)| **count).sum();
            writeln!(out, "{count} {} for {} other log sources", rules(count), rest.len())?;
        }
        if !sources.is_empty() {
            writeln!(
                out,
                "They are written for other records than CloudTrail's, and raise alerts only about such as have the fields they name.\n"
            )?;
        }
        Ok(())
    }

    fn print_json(&self) -> std::io::Result<()> {
        let mut out = output::stdout();
        serde_json::to_writer_pretty(&mut out, &self.findings)?;
        writeln!(out)
    }
}

/// The number of rules that documents load to, and all that the module says about them.
fn load(
    detector: &mut Detector,
    documents: Vec<Document>,
) -> Result<(usize, Vec<Diagnostic>), DetectorError> {
    let configuration = Configuration { rules: Some(documents), ..Configuration::default() };
    match detector.configure_what_loads(configuration) {
        Ok(configured) => Ok((configured.rules.unwrap_or(0), configured.diagnostics)),
        Err(DetectorError::Configuration(findings)) => Ok((0, findings)),
        Err(error) => Err(error),
    }
}
