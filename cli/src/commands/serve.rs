//! `tocsin serve`: requests of shippers in, durable alerts out.

use std::io::stderr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand, ValueEnum};
use tocsin_server::config::{self, Bytes, Outlet};
use tocsin_server::tenants::Token;
use tocsin_server::{Options, ServeError, Standalone, check, run as serve, standalone};

use crate::exit::{Failure, OrFail, Outcome, RAN};
use crate::output;

/// Judge records that shippers send: HTTP, OTLP, Firehose and Splunk's collector in, alerts out
///
/// Without a configuration there is one tenant `default` with the built-in rules, on loopback.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    act: Option<Act>,
    /// The configuration
    #[arg(long, short, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Check the configuration with all rules and their tests, and end
    #[arg(long, requires = "config")]
    check: bool,
    /// Without a configuration: where to listen
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "config")]
    listen: Option<SocketAddr>,
    /// Without a configuration: the folder of the store
    #[arg(long, value_name = "FOLDER", conflicts_with = "config")]
    state: Option<PathBuf>,
    /// Without a configuration: add rules
    #[arg(long, value_name = "PATH", conflicts_with = "config")]
    rules: Vec<PathBuf>,
    /// Without a configuration: a file for the alerts, below the state folder; otherwise standard output
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    alerts: Option<PathBuf>,
    /// Without a configuration: make a new token; the one before is no longer valid
    #[arg(long, conflicts_with = "config")]
    new_token: bool,
    /// The form of the log
    #[arg(long, value_enum, default_value_t)]
    log: Log,
}

#[derive(Subcommand)]
enum Act {
    /// Make a token, and the fingerprint of it that a configuration has
    Token,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Log {
    /// For people
    #[default]
    Text,
    /// For machines
    Json,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    if let Some(Act::Token) = arguments.act {
        return token();
    }
    start_log(arguments.log);
    match &arguments.config {
        None => serve_alone(arguments),
        Some(file) if arguments.check => {
            let (tenants, rules, tests) =
                check(file).map_err(|error| anyhow!("{error}")).or_wrong_usage()?;
            let file = file.display();
            let said = format!("{file}: {tenants} tenants, {rules} rules, {tests} tests pass");
            output::line(&said).or_failed()?;
            Ok(RAN)
        }
        Some(file) => serve_configured(file),
    }
}

fn token() -> Outcome {
    let token = Token::random().map_err(|error| anyhow!("{error}")).or_failed()?;
    output::line(&format!("token        {}", token.reveal())).or_failed()?;
    output::line(&format!("fingerprint  {}", token.fingerprint())).or_failed()?;
    eprintln!(
        "The token goes to the sender, the fingerprint into the tenant's `tokens`; it isn't shown again."
    );
    Ok(RAN)
}

fn start_log(log: Log) {
    let builder = tracing_subscriber::fmt().with_writer(stderr).with_target(false);
    match log {
        Log::Text => builder.init(),
        Log::Json => builder.json().init(),
    }
}

fn serve_configured(file: &Path) -> Outcome {
    let problems = |problems| anyhow!("{}", ServeError::Configuration(problems));
    let config = config::load(file).map_err(problems).or_wrong_usage()?;
    check_stdout(&config)?;
    let options = Options { file: Some(file.to_owned()) };
    serve(config, &options, |address| eprintln!("listening on {address}"))
        .map_err(failure)
        .or_failed()?;
    Ok(RAN)
}

/// Alerts that go to a standard output that isn't there would count as delivered.
fn check_stdout(config: &config::Config) -> Result<(), Failure> {
    let mut outlets = config.tenants.values().flat_map(|tenant| tenant.outlets.values());
    match outlets.any(|outlet| matches!(outlet, Outlet::Stdout {})) {
        true => output::check_stdout().context("an outlet writes there").or_failed(),
        false => Ok(()),
    }
}

fn failure(error: ServeError) -> anyhow::Error {
    anyhow!("{error}")
}

fn serve_alone(arguments: Arguments) -> Outcome {
    let state = match arguments.state {
        Some(state) => state,
        None => dirs::state_dir()
            .or_else(dirs::data_local_dir)
            .context("this user has no folder for state; name one with --state")
            .or_wrong_usage()?
            .join("tocsin/serve"),
    };
    let outlet = match arguments.alerts {
        None => Outlet::Stdout {},
        Some(path) => Outlet::File { path, rotate: Bytes(100 << 20), keep: 10 },
    };
    let made = standalone(&state, arguments.listen, arguments.rules, outlet, arguments.new_token);
    let Standalone { config, new_token } = made.map_err(|error| anyhow!(error)).or_wrong_usage()?;
    check_stdout(&config)?;
    let admin = config.server.admin.clone();
    let greet = |address: SocketAddr| {
        eprintln!("listening on {address}, administration on {}", admin.display());
        match &new_token {
            Some(token) => eprintln!(
                "token {} (shown once; --new-token makes another)\n\n  curl -H 'Authorization: Bearer {}' \
                 --data-binary @records.json http://{address}/v1/records\n",
                token.reveal(),
                token.reveal(),
            ),
            None => eprintln!("the token is the one of the first start; --new-token makes another"),
        }
    };
    serve(config, &Options::default(), greet).map_err(failure).or_failed()?;
    Ok(RAN)
}
