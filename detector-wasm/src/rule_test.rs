//! In: a rule document with tests. Out: which of them pass.
//!
//! The rules are loaded for the tests alone: what the detector is configured with stays as it is.

use tocsin_rule_test::{Difference, RuleTest, differences, read};
use tocsin_wire::frames::Reader;
use tocsin_wire::{
    Configured, Document, Frame, Options, Summary, TestDifference, TestResult, TestResults, TestRun,
};

use crate::detect::{self, RuleSet, Task};
use crate::event::capture::Captures;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::load::StoredDocument;
use crate::{Answer, Status, room};

/// Runs the tests of the document that `argument` is; none of the answer's text is there yet. `count` is the number of
/// tests that fail.
pub(crate) fn run(argument: &[u8], text: &mut Vec<u8>) -> Answer {
    if !room::is_there_for_rules(argument.len()) {
        return crate::no_room(text);
    }
    let run = match serde_json::from_slice::<TestRun>(argument) {
        Ok(run) => run,
        Err(error) => {
            let reason = format!("the document of tests: {error}");
            return Answer::refused(Status::BadArgument, &reason, text);
        }
    };
    let results = match results(run) {
        Ok(results) => results,
        Err(diagnostics) => {
            let count = diagnostics.len() as u32;
            let refused = Configured { rules: None, dated_exceptions: false, diagnostics };
            return match serde_json::to_writer(room::Growing(text), &refused) {
                Ok(()) => Answer { status: Status::BadConfiguration, count },
                Err(_) => crate::no_room(text),
            };
        }
    };
    let failed = results.tests.iter().filter(|test| !test.passed).count() as u32;
    match serde_json::to_writer(room::Growing(text), &results) {
        Ok(()) => Answer { status: Status::Ok, count: failed },
        Err(_) => crate::no_room(text),
    }
}

/// What comes out of the tests; or what is wrong with them or with the rules.
#[inline(never)] // a frame of its own, live only while it runs
fn results(run: TestRun) -> Result<TestResults, Vec<Diagnostic>> {
    let record = |_: &str, name: &str| {
        let file = run.files.iter().find(|file| file.name == name);
        file.map(|file| file.text.clone().into_bytes())
            .ok_or_else(|| format!("{name}: there is no such file beside the test"))
    };
    let tests = read(&run.document, run.tests.as_ref(), &record)?;
    // A rule that its author has set aside may have tests.
    let options = Options { inactive: Some(true), ..Options::default() };
    let documents = std::iter::once(run.document).chain(run.exceptions).map(stored).collect();
    let (set, diagnostics) = RuleSet::load(documents, &options);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    let mut judge = Judge { set, options, captures: Captures::default(), text: Vec::new() };
    let tests: Vec<_> = tests.iter().map(|test| judge.result(test)).collect();
    Ok(TestResults { rules: judge.set.rules.len(), tests, diagnostics })
}

fn stored(document: Document) -> StoredDocument {
    StoredDocument { name: document.name.into(), text: document.text.into(), list: 0 }
}

struct Judge {
    set: RuleSet,
    options: Options,
    captures: Captures,
    /// The last answer.
    text: Vec<u8>,
}

impl Judge {
    fn result(&mut self, test: &RuleTest) -> TestResult {
        let differences: Vec<_> = self.differences(test).iter().map(shown).collect();
        let (document, line) = test.place.clone();
        let (name, passed) = (test.name.clone(), differences.is_empty());
        TestResult { name, document, line, passed, differences }
    }

    fn differences(&mut self, test: &RuleTest) -> Vec<Difference> {
        if self.set.rules.is_empty() {
            return vec![Difference::NoRule];
        }
        self.text.clear();
        let (captures, batch) = (&mut self.captures, (test.record.as_slice(), None));
        detect::detect(&self.set, Task::Alerts, captures, &self.options, batch, &mut self.text);
        let (mut reader, mut frames) = (Reader::default(), Vec::new());
        let mut summary = Summary::default();
        for line in self.text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line = std::str::from_utf8(line).map_err(|error| error.to_string());
            match line.and_then(|line| reader.read(line)) {
                Ok(Frame::Summary(found)) => summary = found,
                Ok(frame) => frames.push(frame),
                Err(reason) => return vec![Difference::Detector(reason)],
            }
        }
        differences(test, &frames, &summary)
    }
}

/// A difference as the answer has it.
fn shown(difference: &Difference) -> TestDifference {
    let (kind, message) = (difference.kind().to_owned(), difference.to_string());
    let mut shown = TestDifference { kind, message, name: None, expected: None, actual: None };
    if let Difference::Part { name, expected, actual } = difference {
        shown.name = Some(name.clone());
        shown.expected = Some(expected.clone());
        shown.actual = actual.clone();
    }
    shown
}
