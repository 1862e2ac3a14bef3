//! `tocsin test`: rule files with test records in, which tests pass out.

use std::io::{self, Write, stderr};
use std::path::PathBuf;

use clap::Args;
use tocsin_host::detector::explanation::Explanation;
use tocsin_host::detector::{DetectorError, Diagnostic, Document};
use tocsin_host::rule_files::RuleFiles;
use tocsin_host::rule_test::{self, RuleTest, RuleTests, Summary, Verdict};
use tocsin_host::{Detector, Limits};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::config::rules_or_configured;
use crate::options::detector;
use crate::output::junit::{self, Case};
use crate::output::{self, printable, style};
use crate::watch;

/// Run the tests that stand in and beside rule files
///
/// A test is a record, and whether the rule raises an alert about it; docs/rules.md describes them.
/// Each rule is loaded alone, with the exceptions of files that hold nothing else. Exit codes: 0 all
/// passed, 1 some failed, 2 wrong usage.
#[derive(Args)]
pub(super) struct Arguments {
    /// Rule files, and folders with *.toml, *.yml and *.yaml files [default: those of tocsin.toml]
    rules: Vec<PathBuf>,
    /// Run only tests whose FILE::NAME contains this
    #[arg(long, value_name = "SUBSTRING")]
    filter: Option<String>,
    /// Write the results to a file, too, as CI systems read them (JUnit's XML); `-` is standard output
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Test again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Test with another module of the same interface
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
}

/// A failed test, or a file whose rules or tests can't be used, and why.
type Failure = (String, Vec<String>);

/// Prints as tests run, and keeps what is printed at the end.
struct Run {
    out: Box<dyn Write>,
    filter: Option<String>,
    summary: Summary,
    failures: Vec<Failure>,
    cases: Vec<Case>,
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
    let (exceptions, rules): (Vec<_>, Vec<_>) =
        files.documents.into_iter().partition(rule_test::holds_exceptions);
    let is_stdout = |path: &PathBuf| path.as_os_str() == "-";
    let out: Box<dyn Write> = match arguments.junit.as_ref().is_some_and(is_stdout) {
        true => Box::new(anstream::AutoStream::auto(stderr().lock())),
        false => Box::new(output::coloured()),
    };
    let mut run = Run {
        out,
        filter: arguments.filter.clone(),
        summary: Summary::default(),
        failures: Vec::new(),
        cases: Vec::new(),
    };
    let ran = files
        .broken
        .iter()
        .try_for_each(|found| {
            run.file_failed(&found.document, findings(std::slice::from_ref(found)))
        })
        .and_then(|()| run.all(detector, rules, &exceptions));
    output::unless_closed(ran).or_failed()?;
    if let Some(path) = &arguments.junit {
        output::write_file(path, junit::report(&run.cases).as_bytes()).or_failed()?;
    }
    Ok(if run.summary.failed == 0 { RAN } else { INPUT_FAILED })
}

impl Run {
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
        let case =
            |failure| Case { file: name.to_owned(), name: verdict.test.name.clone(), failure };
        if verdict.passed() {
            self.summary.passed += 1;
            self.cases.push(case(None));
            return Ok(());
        }
        self.summary.failed += 1;
        let (file, line) = &verdict.test.place;
        let differences = verdict.differences.iter().map(|difference| format!("{difference}\n"));
        let place = std::iter::once(format!("{}:{line}\n", printable(file)));
        let mut said: Vec<String> = place.chain(differences).collect();
        said.extend(verdict.explanations.iter().map(tree));
        self.cases.push(case(Some(anstream::adapter::strip_str(&said.concat()).to_string())));
        self.failures.push((test, said));
        Ok(())
    }

    fn file_failed(&mut self, name: &str, said: Vec<String>) -> io::Result<()> {
        self.summary.failed += 1;
        let failure = Some(said.concat());
        self.cases.push(Case { file: name.to_owned(), name: name.to_owned(), failure });
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

/// What the rule found in the record, clause by clause.
fn tree(explanation: &Explanation) -> String {
    let mut text = format!("what rule {} made of the record:\n", printable(&explanation.rule));
    if explanation.excepted {
        text.push_str("an exception holds the alert back\n");
    }
    if explanation.undecided {
        text.push_str("the rule takes more steps than it may, and is undecided\n");
    }
    if explanation.untrusted {
        text.push_str("the record's event source isn't AWS's, and the rule is for CloudTrail\n");
    }
    if explanation.elsewhere {
        text.push_str("the rule is for another log source than the record's\n");
    }
    let mut tree = Vec::new();
    // Writing to memory can't fail.
    let _ = output::explanation::nodes(explanation, &mut tree);
    text + &String::from_utf8_lossy(&tree)
}

/// A text for each finding, with a blank line between them.
fn findings(found: &[Diagnostic]) -> Vec<String> {
    let text = |(place, found): (usize, _)| {
        format!("{}{}", if place == 0 { "" } else { "\n" }, output::diagnostic(found))
    };
    found.iter().enumerate().map(text).collect()
}
