//! The command line: one file a command, each thin.

mod check;
mod compile;
mod detector;
mod explain;
mod module;
mod rule_files;
mod rules;
mod scan;
mod test;
mod units;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything went well.
const RAN: u8 = 0;
/// Some input failed.
const INPUT_FAILED: u8 = 1;
/// The command was used wrongly, or its module or rules can't be used.
const WRONG_USAGE: u8 = 2;

const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (module sha256 ", env!("TOCSIN_MODULE_SHA256"), ")");

/// Detection rules as one WebAssembly module, run over CloudTrail records.
///
/// Exit codes: 0 ran, 1 some input failed, 2 wrong usage (or a module or rules that can't be used).
#[derive(Parser)]
#[command(name = "tocsin", version = VERSION, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Scan(scan::Arguments),
    Rules(rules::Arguments),
    Check(check::Arguments),
    Test(test::Arguments),
    Explain(explain::Arguments),
    Compile(compile::Arguments),
    Module(module::Arguments),
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Scan(arguments) => scan::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Compile(arguments) => compile::run(arguments),
        Command::Module(arguments) => module::run(arguments),
    };
    ExitCode::from(result.unwrap_or_else(|failure| {
        crate::output::error(&failure.error);
        failure.code
    }))
}

/// What a command ends with, if it can't do its work.
struct Failure {
    error: anyhow::Error,
    code: u8,
}

/// A command's exit code.
type Outcome = Result<u8, Failure>;

/// Turns errors into failures with an exit code.
trait OrFail<T> {
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
