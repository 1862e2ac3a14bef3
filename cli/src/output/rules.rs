//! What came of loading rules in, a few lines about it out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use tocsin_host::detector::{Diagnostic, DiagnosticSeverity};

/// How many documents with errors are named.
const NAMED: usize = 10;

/// A line for each of the first documents with errors, and one with counts; nothing if all is well.
pub(crate) fn rules_said(
    loaded: usize,
    diagnostics: &[Diagnostic],
    passed_over: usize,
    paths: &[PathBuf],
) -> String {
    let mut text = String::new();
    let mut broken: Vec<&Diagnostic> = Vec::new();
    for error in diagnostics.iter().filter(|found| found.is_error()) {
        if broken.iter().all(|known| known.document != error.document) {
            broken.push(error);
        }
    }
    for error in broken.iter().take(NAMED) {
        let Diagnostic { line, column, code, .. } = error;
        let (document, message) =
            (super::printable(&error.document), super::printable(&error.message));
        let _ = writeln!(text, "left out: {document}:{line}:{column}: {message} [{code}]");
    }
    if broken.len() > NAMED {
        let _ = writeln!(text, "left out: {} more files with errors", broken.len() - NAMED);
    }
    let mut parts = Vec::new();
    let mut part = |count: usize, what: &str| {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    };
    part(broken.len(), if broken.len() == 1 { "file with errors" } else { "files with errors" });
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for found in diagnostics.iter().filter(|found| found.severity == DiagnosticSeverity::Refused) {
        *refused.entry(&found.code).or_default() += 1;
    }
    for (code, count) in refused {
        part(count, &format!("refused ({code})"));
    }
    part(passed_over, if passed_over == 1 { "file without rules" } else { "files without rules" });
    let warnings =
        diagnostics.iter().filter(|found| found.severity == DiagnosticSeverity::Warning).count();
    part(warnings, if warnings == 1 { "warning" } else { "warnings" });
    if !parts.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let _ = writeln!(
            text,
            "{loaded} {} loaded; {}; `tocsin check {}` says more",
            if loaded == 1 { "rule" } else { "rules" },
            parts.join(", "),
            paths.join(" "),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, severity: DiagnosticSeverity, code: &'static str) -> Diagnostic {
        let error = Diagnostic::error(document, "x\n", 0..1, code, "it is so");
        Diagnostic { severity, ..error }
    }

    #[test]
    fn a_few_lines_whatever_there_is() {
        let paths = [PathBuf::from("r")];
        assert_eq!(rules_said(3, &[], 0, &paths), "");
        let mut all: Vec<Diagnostic> =
            (0..12).map(|n| found(&format!("{n}.yml"), DiagnosticSeverity::Error, "e")).collect();
        all.push(found("0.yml", DiagnosticSeverity::Error, "other"));
        all.extend((0..3).map(|_| found("a", DiagnosticSeverity::Refused, "rule-type")));
        all.push(found("a", DiagnosticSeverity::Warning, "w"));
        let text = rules_said(1, &all, 2, &paths);
        assert_eq!(text.lines().count(), 12);
        assert!(text.starts_with("left out: 0.yml:1:1: it is so [e]\n"), "{text}");
        assert!(
            text.ends_with(
                "left out: 2 more files with errors\n1 rule loaded; 12 files with errors, \
             3 refused (rule-type), 2 files without rules, 1 warning; `tocsin check r` says more\n"
            ),
            "{text}"
        );
    }
}
