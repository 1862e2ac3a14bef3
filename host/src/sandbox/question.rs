//! What a module may be asked beside what version 1 of the interface asks of every module.

/// A call that takes one argument and that a module may lack; `docs/abi.md` describes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question {
    /// All fields of each record of a batch, with their places.
    Read,
    /// How often each rule and each clause is true over a batch.
    Coverage,
    /// The results of a rule document's tests.
    Test,
}

impl Question {
    /// All of them, in their order.
    pub(super) const ALL: [Question; 3] = [Question::Read, Question::Coverage, Question::Test];

    /// The function that a module exports for it.
    #[must_use]
    pub fn export(self) -> &'static str {
        match self {
            Question::Read => "tocsin_read",
            Question::Coverage => "tocsin_coverage",
            Question::Test => "tocsin_test",
        }
    }
}
