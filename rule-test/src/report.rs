//! Differences in, counts and what a person reads about failures out.

use std::fmt;

use crate::Difference;

/// How many tests passed, failed, were left out, and how many rule files have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tests whose outcome is the expected one.
    pub passed: usize,
    /// Tests whose outcome is another one, and files whose rules or tests can't be used.
    pub failed: usize,
    /// Tests that weren't asked for.
    pub filtered: usize,
    /// Rule files without tests.
    pub untested: usize,
}

/// `test result: ok. 12 passed; 0 failed`, and what else there is to count.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = if self.failed == 0 { "ok" } else { "FAILED" };
        write!(f, "test result: {result}. {} passed; {} failed", self.passed, self.failed)?;
        if self.filtered > 0 {
            write!(f, "; {} filtered out", self.filtered)?;
        }
        match self.untested {
            0 => Ok(()),
            1 => write!(f, "; 1 rule file without tests"),
            files => write!(f, "; {files} rule files without tests"),
        }
    }
}

/// A line or a few; expected values after `-`, actual ones after `+`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::NoAlert => f.write_str("expected an alert, and there is none"),
            Difference::Alert { message } => {
                write!(f, "expected no alert, and there is one:\n  + {}", shown(message))
            }
            Difference::Part { name, expected, actual } => {
                write!(f, "{}:\n  - {}\n  + ", shown(name), shown(expected))?;
                match actual {
                    Some(actual) => f.write_str(&shown(actual)),
                    None => f.write_str("the alert has no such field"),
                }
            }
            Difference::Unreadable { offset, reason } => {
                write!(f, "the record can't be read at byte {offset}: {reason}")
            }
            Difference::Records(records) => {
                write!(f, "expected one record, and there are {records}")
            }
            Difference::NoRule => f.write_str("the file has no rule that runs here"),
            Difference::Detector(reason) => f.write_str(&shown(reason)),
        }
    }
}

/// What a rule or a record says, for a person.
fn shown(text: &impl fmt::Display) -> String {
    tocsin_wire::printable(&text.to_string()).collect()
}
