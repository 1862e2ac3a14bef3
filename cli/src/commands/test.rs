//! `tocsin test`: rule files with test records in, which tests pass out.

use std::io::{self, Write, stdout};
use std::path::PathBuf;

use clap::Args;
use tocsin_host::detector::{DetectorError, Diagnostic, Document};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::rule_test::{self, RuleTest, RuleTests, Summary, Verdict};
use tocsin_host::{Detector, Limits};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::detector;
use crate::output::{self, printable, style};

/// Run the tests that stand in and beside rule files
///
/// A test is a record, and whether the rule raises an alert about it; docs/rules.md describes them.
/// Each rule is loaded alone, with the exceptions of files that hold nothing else. Exit codes: 0 all
/// passed, 1 some failed, 2 wrong usage.
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files, and folders with *.toml, *.yml and *.yaml files
    #[arg(required = true)]
    rules: Vec<PathBuf>,
    /// Run only tests whose FILE::NAME contains this
    #[arg(long, value_name = "SUBSTRING")]
    filter: Option<String>,
    /// Test with another module of the same interface
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
}

/// A failed test, or a file whose rules or tests can't be used, and why.
type Failure = (String, Vec<String>);

/// Prints as tests run, and keeps what is printed at the end.
struct Run<W> {
    out: W,
    filter: Option<String>,
    summary: Summary,
    failures: Vec<Failure>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let files = RuleFiles::read(&arguments.rules).or_wrong_usage()?;
    let mut detector = detector::bare(arguments.module.as_deref(), Limits::default())?;
    let (exceptions, rules): (Vec<_>, Vec<_>) =
        files.documents.into_iter().partition(rule_test::holds_exceptions);
    let mut run = Run {
        out: anstream::AutoStream::auto(stdout().lock()),
        filter: arguments.filter,
        summary: Summary::default(),
        failures: Vec::new(),
    };
    let ran = files
        .broken
        .iter()
        .try_for_each(|found| {
            run.file_failed(&found.document, findings(std::slice::from_ref(found)))
        })
        .and_then(|()| run.all(&mut detector, rules, &exceptions));
    output::unless_closed(ran).or_failed()?;
    Ok(if run.summary.failed == 0 { RAN } else { INPUT_FAILED })
}

impl<W: Write> Run<W> {
    fn all(
        &mut self,
        detector: &mut Detector,
        rules: Vec<Document>,
        exceptions: &[Document],
    ) -> io::Result<()> {
        let rules: Vec<_> = rules
            .into_iter()
            .map(|document| (document.name.clone(), RuleTests::read(document)))
            .collect();
        let tests = rules.iter().filter_map(|(name, rule)| Some((name, rule.as_ref().ok()?)));
        let chosen = tests.flat_map(|(name, rule)| {
            rule.tests.iter().filter(|test| chosen(self.filter.as_deref(), name, test))
        });
        match chosen.count() {
            1 => writeln!(self.out, "running 1 test")?,
            tests => writeln!(self.out, "running {tests} tests")?,
        }
        for (name, rule) in &rules {
            match rule {
                Ok(rule) => self.rule(detector, name, rule, exceptions)?,
                Err(wrong) => self.file_failed(name, findings(wrong))?,
            }
        }
        self.end()
    }

    fn rule(
        &mut self,
        detector: &mut Detector,
        name: &str,
        rule: &RuleTests,
        exceptions: &[Document],
    ) -> io::Result<()> {
        let chosen = |test: &RuleTest| chosen(self.filter.as_deref(), name, test);
        let filtered = rule.tests.iter().filter(|test| !chosen(test)).count();
        let nothing_chosen = self.filter.is_some() && filtered == rule.tests.len();
        self.summary.filtered += filtered;
        if nothing_chosen {
            return Ok(());
        }
        let verdicts = match rule_test::run(detector, rule, exceptions, chosen) {
            Ok(verdicts) => verdicts,
            Err(DetectorError::Configuration(wrong)) => {
                return self.file_failed(name, findings(&wrong));
            }
            Err(error) => return self.file_failed(name, vec![error.to_string()]),
        };
        if rule.tests.is_empty() {
            self.summary.untested += 1;
            return writeln!(self.out, "test {} ... no tests", printable(name));
        }
        verdicts.iter().try_for_each(|verdict| self.verdict(name, verdict))
    }

    fn verdict(&mut self, name: &str, verdict: &Verdict<'_>) -> io::Result<()> {
        let test = printable(&format!("{name}::{}", verdict.test.name));
        writeln!(self.out, "test {test} ... {}", style::outcome(verdict.passed()))?;
        if verdict.passed() {
            self.summary.passed += 1;
            return Ok(());
        }
        self.summary.failed += 1;
        let (file, line) = &verdict.test.place;
        let differences = verdict.differences.iter().map(|difference| format!("{difference}\n"));
        let said =
            std::iter::once(format!("{}:{line}\n", printable(file))).chain(differences).collect();
        self.failures.push((test, said));
        Ok(())
    }

    fn file_failed(&mut self, name: &str, said: Vec<String>) -> io::Result<()> {
        self.summary.failed += 1;
        let name = printable(name);
        writeln!(self.out, "test {name} ... {}", style::outcome(false))?;
        self.failures.push((name, said));
        Ok(())
    }

    /// What failed and why, and the counts.
    fn end(&mut self) -> io::Result<()> {
        if !self.failures.is_empty() {
            writeln!(self.out, "\nfailures:\n")?;
        }
        for (test, said) in &self.failures {
            writeln!(self.out, "---- {test} ----")?;
            writeln!(self.out, "{}", said.concat())?;
        }
        if !self.failures.is_empty() {
            writeln!(self.out, "failures:")?;
        }
        for (test, _) in &self.failures {
            writeln!(self.out, "    {test}")?;
        }
        writeln!(self.out, "\n{}", self.summary)
    }
}

/// Whether a test is one of those that were asked for.
fn chosen(filter: Option<&str>, file: &str, test: &RuleTest) -> bool {
    filter.is_none_or(|part| format!("{file}::{}", test.name).contains(part))
}

/// A text for each finding, with a blank line between them.
fn findings(found: &[Diagnostic]) -> Vec<String> {
    let text = |(place, found): (usize, _)| {
        format!("{}{}", if place == 0 { "" } else { "\n" }, output::diagnostic(found))
    };
    found.iter().enumerate().map(text).collect()
}
