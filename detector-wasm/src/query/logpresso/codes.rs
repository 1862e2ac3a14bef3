//! The codes of Logpresso's notices. They stay the same from version to version.

/// Something else was expected.
pub(crate) const SYNTAX: &str = "logpresso-syntax";
pub(crate) const UNCLOSED_TEXT: &str = "logpresso-unclosed-text";
pub(crate) const BAD_ESCAPE: &str = "logpresso-bad-escape";
pub(crate) const UNKNOWN_COMMAND: &str = "logpresso-unknown-command";
/// A command or function of Logpresso's that can't work on one record alone.
pub(crate) const UNSUPPORTED: &str = "logpresso-unsupported";
pub(crate) const UNKNOWN_FUNCTION: &str = "logpresso-unknown-function";
pub(crate) const ARITY: &str = "logpresso-arity";
/// `=` where `==` was meant.
pub(crate) const ASSIGNMENT: &str = "logpresso-assignment";
/// `now` has no meaning without a clock.
pub(crate) const NO_CLOCK: &str = "logpresso-no-clock";
pub(crate) const TOO_LARGE: &str = "logpresso-too-large";
pub(crate) const NO_COMMANDS: &str = "logpresso-no-commands";

// Warnings.
pub(crate) const NO_SEARCH: &str = "logpresso-no-search";
pub(crate) const UNUSED: &str = "logpresso-unused";
pub(crate) const CLOSE_NAME: &str = "logpresso-close-name";
pub(crate) const NEVER: &str = "logpresso-never";
pub(crate) const ALWAYS: &str = "logpresso-always";
pub(crate) const LITERAL_LEFT: &str = "logpresso-literal-left";
pub(crate) const MIXED: &str = "logpresso-mixed-and-or";
/// A count over several records.
pub(crate) const LIMIT: &str = "logpresso-limit";
/// An option that a command doesn't have, or a value that it can't have.
pub(crate) const OPTION: &str = "logpresso-option";
pub(crate) const ODD_NAME: &str = "logpresso-odd-name";
/// How many notices there are beyond those that are given.
pub(crate) const MORE: &str = "logpresso-more";
