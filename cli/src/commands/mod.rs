//! The command line in, an exit code out: one file a subcommand.

mod cache;
mod check;
mod compile;
mod coverage;
mod explain;
mod manual;
mod module;
mod new;
mod playground;
mod rules;
mod scan;
mod schema;
#[cfg(all(feature = "serve", unix))]
mod serve;
#[cfg(not(all(feature = "serve", unix)))]
#[path = "serve_missing.rs"]
mod serve;
mod test;

use std::sync::LazyLock;

use clap::{CommandFactory, Parser, Subcommand};

use crate::exit::Outcome;

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let module = tocsin_host::EMBEDDED_MODULE_SHA256;
    format!("{} (module sha256 {module})", env!("CARGO_PKG_VERSION"))
});

/// Detection rules as one WebAssembly module, run over CloudTrail records.
///
/// Exit codes: 0 ran, 1 some input failed, 2 wrong usage (or a module or rules that can't be used), 3 an alert that
/// `scan --fail-on` names.
#[derive(Parser)]
#[command(name = "tocsin", version = VERSION.as_str(), arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Scan(scan::Arguments),
    Serve(serve::Arguments),
    Rules(rules::Arguments),
    Check(check::Arguments),
    Test(test::Arguments),
    Explain(explain::Arguments),
    Coverage(coverage::Arguments),
    Compile(compile::Arguments),
    Module(module::Arguments),
    Playground(playground::Arguments),
    New(new::Arguments),
    Schema(schema::Arguments),
    Cache(cache::Arguments),
    Man(manual::ManArguments),
    Completions(manual::CompletionArguments),
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> Outcome {
    match Arguments::parse().command {
        Command::Scan(arguments) => scan::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Coverage(arguments) => coverage::run(arguments),
        Command::Compile(arguments) => compile::run(arguments),
        Command::Module(arguments) => module::run(arguments),
        Command::Playground(arguments) => playground::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Cache(arguments) => cache::run(arguments),
        Command::Man(arguments) => manual::man(&arguments, Arguments::command()),
        Command::Completions(arguments) => manual::completions(&arguments, Arguments::command()),
    }
}
