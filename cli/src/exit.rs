//! What a command did in, the exit code of the process out.

/// Everything went well.
pub(crate) const RAN: u8 = 0;
/// Some input failed.
pub(crate) const INPUT_FAILED: u8 = 1;
/// The command was used wrongly, or its module or rules can't be used.
pub(crate) const WRONG_USAGE: u8 = 2;
/// There is an alert that the user said should fail.
pub(crate) const ALERT: u8 = 3;
/// Ended by Ctrl-C or TERM, as shells number it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command can't do its work.
pub(crate) struct Failure {
    pub(crate) error: anyhow::Error,
    pub(crate) code: u8,
}

/// A command's exit code.
pub(crate) type Outcome = Result<u8, Failure>;

/// Turns errors into failures with an exit code.
pub(crate) trait OrFail<T> {
    /// The user can mend it by calling the command otherwise.
    fn or_wrong_usage(self) -> Result<T, Failure>;
    /// It is a matter of the input or the machine.
    fn or_failed(self) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrFail<T> for Result<T, E> {
    fn or_wrong_usage(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { error: error.into(), code: WRONG_USAGE })
    }

    fn or_failed(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { error: error.into(), code: INPUT_FAILED })
    }
}
