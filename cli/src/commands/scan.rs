//! `tocsin scan`: files in, alerts out.

use std::io::{IsTerminal, stdin};
use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tocsin_host::detector::{Format, Options};
use tocsin_host::input::arguments::Inputs;
use tocsin_host::input::batcher::Sizes;
use tocsin_host::scan::{self, scan};

use crate::exit::{ALERT, INPUT_FAILED, OrFail, Outcome, RAN};
use crate::interrupt::Interruptible;
use crate::options::config::Config;
use crate::options::filter::Filter;
use crate::options::severity::AlertSeverity;
use crate::options::{detector, units};
use crate::output::alerts::{Counts, LineForm, Output, Wanted, Writer};
use crate::output::{self, Printer, Scheduled, Stats};

/// Judge records and print an alert a line
///
/// Records may come as NDJSON, as arrays, as CloudTrail files, and in the envelopes of EventBridge,
/// CloudWatch Logs, SNS, SQS and log shippers; compressed by gzip or zstd or not. All of that is
/// recognised by content. Alerts go to standard output; what can't be judged is reported on standard
/// error, costs itself alone, and makes the exit code 1.
#[derive(Args)]
pub(super) struct Arguments {
    /// Files, folders and patterns; `-`, or nothing at all, is standard input
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: detector::Rules,
    /// How alerts are written [default: json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<AlertFormat>,
    /// Print how many alerts there are by rule, severity, tactic, user, account, region, address and hour, instead
    /// of the alerts
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    summary: Option<Figures>,
    /// Print one alert for each rule, user and call, with how many there were, at the end
    #[arg(long)]
    dedup: bool,
    /// End after this many alerts
    #[arg(long, value_name = "N")]
    limit: Option<NonZero<u64>>,
    /// End with 3 if there is an alert of this severity or above
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<AlertSeverity>,
    #[command(flatten)]
    filter: Filter,
    /// Read every byte of every record, and report whatever isn't JSON; without it, a record that holds
    /// nothing that a rule asks for is told by its two ends alone
    #[arg(long)]
    strict: bool,
    /// Raise what Elastic's scheduler would: by each rule's interval, look-back and cap, in the events'
    /// own time
    #[arg(long)]
    schedule: bool,
    /// Believe events of this sender (the `source` of EventBridge's envelope) to be CloudTrail's; may be given
    /// several times. Those of AWS are believed, and rules for CloudTrail judge no others
    #[arg(long, value_name = "NAME")]
    trust_event_source: Vec<String>,
    /// Print counts and throughput on standard error at the end, as lines or as JSON
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    stats: Option<Figures>,
    /// Print alerts and errors alone: no progress bar, no remarks
    #[arg(short, long)]
    quiet: bool,
    /// Detectors at work at once [default: the number of processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// The largest record that is judged, after decompression
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = units::bytes)]
    max_record: usize,
    #[command(flatten)]
    sandbox: detector::Sandbox,
}

/// How many errors of a batch are printed one by one: as many as a person reads. The others are counted.
const ERROR_FRAMES: u32 = 10;

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum AlertFormat {
    /// Tocsin's alert, an object a line
    #[default]
    Json,
    /// A line for a person: who did what from where, and which record says so
    Text,
    /// Columns for a person
    Table,
    /// Comma-separated values, safe for spreadsheets
    Csv,
    /// One page for a browser, with a summary; it needs no network
    Html,
    /// Elastic's alert document
    Ecs,
    /// An OCSF Detection Finding
    Ocsf,
}

/// How figures are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figures {
    /// For a person
    Text,
    /// One object
    Json,
}

pub(super) fn run(mut arguments: Arguments) -> Outcome {
    output::be_quiet(arguments.quiet);
    configure(&mut arguments).or_wrong_usage()?;
    check(&arguments).or_wrong_usage()?;
    let options = options(&arguments);
    let mut loaded = detector::load(&arguments.rules, arguments.sandbox.limits(), options)?;
    let description = loaded.detector.describe().or_wrong_usage()?;
    if let Some(only) = arguments.filter.rules(&description.rules).or_wrong_usage()? {
        loaded.run_only(only).or_wrong_usage()?;
    }
    if needs_facts(&arguments) && !loaded.options.facts && arguments.format() != AlertFormat::Text {
        let error =
            "the module is of an older version, which can't say who did what; compile it anew";
        return Err(anyhow::anyhow!(error)).or_wrong_usage();
    }
    let scan_options = scan::Options {
        threads: threads(arguments.threads),
        sizes: Sizes::within(arguments.max_record, arguments.sandbox.max_memory)
            .at_most(description.limits.record_bytes, description.limits.batch_bytes),
    };
    let waits =
        arguments.files.is_empty() || arguments.files.iter().any(|file| file.as_os_str() == "-");
    let inputs = Inputs::new(arguments.files.clone());
    if waits && stdin().is_terminal() {
        output::remark(
            "waiting for records on standard input; Ctrl-D ends them, `tocsin scan FILE` reads files",
        );
    }
    let format = arguments.format();
    let printer = Printer::new(inputs.total_bytes(), arguments.quiet);
    let is_text = format == AlertFormat::Text;
    let schedule = arguments.schedule.then(|| Scheduled::new(&description.rules, is_text));
    let writer = writer(&arguments);
    let stats = arguments.stats;
    let wanted = Wanted {
        filter: arguments.filter,
        dedup: arguments.dedup,
        limit: arguments.limit.map(NonZero::get),
        fail_on: arguments.fail_on,
    };
    let output = Output::new(printer, wanted, writer, schedule, &description.rules);
    let mut sink = Interruptible::new(output, move |output| print_figures(output, stats));
    let scanned = scan(inputs, loaded.detector, scan_options, &mut sink);
    let mut output = sink.into_inner();
    // What was raised is printed even if the scan broke off.
    let printed = output.finish();
    scanned.and(printed).or_failed()?;
    output.unjudged.say();
    remarks(&output.counts, format, output.unjudged.names_files());
    print_figures(&output, stats);
    Ok(exit_code(&output.counts, loaded.broken, arguments.fail_on))
}

impl Arguments {
    fn format(&self) -> AlertFormat {
        self.format.unwrap_or_default()
    }
}

/// What the line leaves open is the configuration's.
fn configure(arguments: &mut Arguments) -> Result<(), anyhow::Error> {
    let config = Config::load()?;
    arguments.rules.configure(&config.rules)?;
    if arguments.files.is_empty() {
        arguments.files = config.scan.files;
    }
    let wrong = |key: &str, error: String| anyhow::anyhow!("the configuration's `{key}`: {error}");
    // Counts have a format of their own.
    if let (None, None, Some(name)) = (arguments.format, arguments.summary, &config.scan.format) {
        let format = AlertFormat::from_str(name, true);
        arguments.format = Some(format.map_err(|error| wrong("format", error))?);
    }
    if let Some(range) = &config.scan.severity {
        arguments.filter.default_severity(range).map_err(|error| wrong("severity", error))?;
    }
    if let (None, Some(name)) = (arguments.fail_on, &config.scan.fail_on) {
        arguments.fail_on = Some(name.parse().map_err(|error| wrong("fail_on", error))?);
    }
    if arguments.trust_event_source.is_empty() {
        arguments.trust_event_source = config.scan.trust_event_sources;
    }
    Ok(())
}

/// What can't be asked for together.
fn check(arguments: &Arguments) -> Result<(), anyhow::Error> {
    let Arguments { schedule, dedup, limit, summary, fail_on, filter, .. } = arguments;
    let format = arguments.format();
    let is_lines = !matches!(format, AlertFormat::Table | AlertFormat::Csv | AlertFormat::Html);
    let asks = *dedup || limit.is_some() || summary.is_some() || fail_on.is_some();
    if *schedule && (asks || !is_lines || filter.looks_at_events()) {
        anyhow::bail!(
            "--schedule decides which alerts are raised: it goes with the formats json, text, ecs and ocsf, and with \
             --severity, --rule and --tag alone"
        );
    }
    if summary.is_some() && (*dedup || format != AlertFormat::Json) {
        anyhow::bail!(
            "--summary prints counts instead of alerts: it goes neither with --format nor with --dedup"
        );
    }
    Ok(())
}

fn needs_facts(arguments: &Arguments) -> bool {
    let Arguments { dedup, summary, fail_on, filter, .. } = arguments;
    let by_format =
        !matches!(arguments.format(), AlertFormat::Json | AlertFormat::Ecs | AlertFormat::Ocsf);
    by_format || *dedup || summary.is_some() || fail_on.is_some() || filter.looks_at_alerts()
}

fn writer(arguments: &Arguments) -> Writer {
    if let Some(summary) = arguments.summary {
        return Writer::Summary { as_json: summary == Figures::Json };
    }
    match arguments.format() {
        AlertFormat::Json => Writer::lines(LineForm::Json),
        AlertFormat::Text => Writer::lines(LineForm::Text),
        AlertFormat::Ecs => Writer::lines(LineForm::Ecs),
        AlertFormat::Ocsf => Writer::lines(LineForm::Ocsf),
        AlertFormat::Table => Writer::table(arguments.dedup),
        AlertFormat::Csv => Writer::csv(),
        AlertFormat::Html => Writer::html(),
    }
}

/// What a person should know of a scan, beside its alerts.
fn remarks(counts: &Counts, format: AlertFormat, names_files: bool) {
    let totals = &counts.totals;
    // A limit may end the scan before the end of its first file.
    if totals.files + totals.unopened + totals.records == 0 {
        output::say("no file was read: the folders that were named have none");
    }
    // What failed or was skipped is said already.
    let none_is_known =
        totals.unknown > 0 && totals.unknown + totals.failed + totals.skipped >= totals.records;
    if totals.untrusted > 0 {
        output::say(&format!(
            "{} records come from event sources that aren't AWS's: rules for CloudTrail haven't judged them (--trust-event-source)",
            totals.untrusted
        ));
    }
    if none_is_known && totals.matches == 0 && !names_files {
        output::remark(&format!(
            "{} of {} records are in no form that Tocsin knows (CloudTrail's own, or ECS): rules find none of its fields in \
             them, and raised no alert; Sigma rules for other products read records as they are",
            totals.unknown, totals.records
        ));
    }
    if counts.untimed > 0 {
        output::remark(&format!(
            "{} of the alerts have no time that can be read: --since and --until let them pass",
            counts.untimed
        ));
    }
    if format == AlertFormat::Html && counts.shown > output::alerts::LISTED {
        output::remark(&format!(
            "the page lists the first {} of {} alerts; filters make it fewer",
            output::alerts::LISTED,
            counts.shown
        ));
    }
}

fn print_figures(output: &Output, stats: Option<Figures>) {
    let figures = Stats::new(&output.counts, Some(output.started.elapsed()));
    match stats {
        None => {}
        Some(Figures::Text) => output::say(&figures.text()),
        Some(Figures::Json) => output::say(&figures.json()),
    }
}

/// An alert that should fail says more than an input that did: the code is its, and both are said.
fn exit_code(counts: &Counts, broken_rules: bool, fail_on: Option<AlertSeverity>) -> u8 {
    let failed = counts.totals.problems > 0 || broken_rules;
    if let Some(severity) = fail_on.filter(|_| counts.failing > 0) {
        let alerts = if counts.failing == 1 { "alert" } else { "alerts" };
        let mut said =
            format!("{} {alerts} of severity {} or above", counts.failing, severity.name());
        if failed {
            said.push_str("; and some input failed or rules were left out, as said above");
        }
        output::say(&said);
        return ALERT;
    }
    if failed { INPUT_FAILED } else { RAN }
}

/// By default the module writes JSON, and passes over what it can.
fn options(arguments: &Arguments) -> Options {
    let format = match arguments.format() {
        // Where counts alone are printed, the shortest alert is the best.
        _ if arguments.summary.is_some() => Format::Text,
        AlertFormat::Json | AlertFormat::Html => Format::Json,
        AlertFormat::Text | AlertFormat::Table | AlertFormat::Csv => Format::Text,
        AlertFormat::Ecs => Format::Ecs,
        AlertFormat::Ocsf => Format::Ocsf,
    };
    // The module's own rules hold no exceptions that could end.
    let now = arguments.rules.are_the_users().then(now).flatten();
    Options {
        format,
        strict: arguments.strict,
        trust_event_sources: arguments.trust_event_source.clone(),
        error_frames: Some(ERROR_FRAMES),
        now,
        facts: needs_facts(arguments),
        ..Options::default()
    }
}

/// The time, in milliseconds since 1970.
fn now() -> Option<u64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

fn threads(asked: Option<NonZero<usize>>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get)
}
