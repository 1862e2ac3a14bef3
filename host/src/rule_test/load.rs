//! A rule document in, the tests that stand in it and in the file beside it out.

use std::path::{Path, PathBuf};

use tocsin_rule_test::{RuleTest, beside, read};

use super::record_file;
use crate::detector::{Diagnostic, Document};

/// A rule document and its tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTests {
    /// The rule, or rules.
    pub document: Document,
    /// The tests, in the order in which they stand.
    pub tests: Vec<RuleTest>,
}

impl RuleTests {
    /// Finds the tests of a rule document, whose name is its path.
    ///
    /// # Errors
    /// What is wrong with the tests. What is wrong with the rule is for the module to say.
    pub fn read(document: Document) -> Result<RuleTests, Vec<Diagnostic>> {
        let name = beside(&document.name);
        let beside = match record_file::read_regular(Path::new(&name)) {
            Ok(bytes) => {
                Some(Document { name, text: String::from_utf8_lossy(&bytes).into_owned() })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let wrong = Diagnostic::error(&name, "", 0..0, "test-file", &error.to_string());
                return Err(vec![wrong]);
            }
        };
        let record =
            |tests: &str, file: &str| record_file::read(Path::new(tests), &PathBuf::from(file));
        let tests = read(&document, beside.as_ref(), &record)?;
        Ok(RuleTests { document, tests })
    }
}
