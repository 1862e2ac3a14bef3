//! Rule files with test records beside them in; which tests pass, and what is wrong with the others, out.
//!
//! A test stands in the rule's own file if that is TOML, or in a file beside it: `NAME.tests.toml` has
//! those of `NAME.yml` (or of `NAME.toml`). `docs/rules.md` describes the form.
//!
//! 1. [`RuleTests::read`] finds the tests of a rule document;
//! 2. [`run`] judges their records in the sandbox, with that document's rules alone;
//! 3. [`Summary`] counts, and a failed [`Verdict`] holds expected and actual.

mod load;
mod record_file;
mod run;

pub use load::RuleTests;
pub use run::{Verdict, run};
pub use tocsin_rule_test::{Difference, ENDING, RuleTest, Summary, beside, holds_exceptions};
