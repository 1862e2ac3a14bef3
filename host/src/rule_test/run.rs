//! Tests of a rule document in, a verdict on each out.

use tocsin_rule_test::{Difference, RuleTest, differences};

use super::RuleTests;
use crate::Detector;
use crate::detector::explanation::{self, Explained, Explanation};
use crate::detector::{Configuration, DetectorError, Document, Options};

/// What came out of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'t> {
    /// The test.
    pub test: &'t RuleTest,
    /// How the outcome differs from what was expected; the test passes if it doesn't.
    pub differences: Vec<Difference>,
    /// Why each rule of the document did or didn't select the record, where an alert is missing or one too many.
    pub explanations: Vec<Explanation>,
}

impl Verdict<'_> {
    /// Whether the outcome is the expected one.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Judges the tests of a document by the rules of that document alone, under exceptions that stand in
/// documents of their own. The detector keeps that configuration.
///
/// # Errors
/// [`DetectorError::Configuration`] if the rules can't be used; [`DetectorError`] if the module can't.
pub fn run<'t>(
    detector: &mut Detector,
    rule: &'t RuleTests,
    exceptions: &[Document],
    chosen: impl Fn(&RuleTest) -> bool,
) -> Result<Vec<Verdict<'t>>, DetectorError> {
    let documents = std::iter::once(&rule.document).chain(exceptions).cloned().collect();
    let configured = detector.configure(&Configuration {
        rules: Some(documents),
        // A rule that its author has set aside may have tests.
        options: Some(Options { inactive: Some(true), ..Options::default() }),
        ..Configuration::default()
    })?;
    let mut verdicts = Vec::new();
    for test in rule.tests.iter().filter(|test| chosen(test)) {
        let differences = match (configured.rules, detector.detect(&test.record)) {
            (None | Some(0), _) => vec![Difference::NoRule],
            (_, Err(error)) => vec![Difference::Detector(error.to_string())],
            (_, Ok(detection)) => differences(test, &detection.frames, &detection.summary),
        };
        let is_about_selecting =
            |one: &Difference| matches!(one, Difference::NoAlert | Difference::Alert { .. });
        let explanations = match differences.iter().any(is_about_selecting) {
            true => explanations(detector, test),
            false => Vec::new(),
        };
        verdicts.push(Verdict { test, differences, explanations });
    }
    Ok(verdicts)
}

/// How many rules of a document are explained.
const EXPLAINED: usize = 4;

/// Why the rules did or didn't select the test's record. Where that can't be said, the differences must do.
fn explanations(detector: &mut Detector, test: &RuleTest) -> Vec<Explanation> {
    let Ok(description) = detector.describe() else { return Vec::new() };
    let rules = description.rules.iter().take(EXPLAINED);
    let explained = rules.filter_map(|rule| detector.explain(&rule.id, &test.record).ok());
    let explanation = |one: Explained| match one.verdict {
        explanation::Verdict::Explanation(explanation) => Some(explanation),
        explanation::Verdict::Error { .. } => None,
    };
    explained.flatten().filter_map(explanation).collect()
}
