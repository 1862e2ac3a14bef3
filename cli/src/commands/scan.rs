//! `tocsin scan`: files in, alerts out.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use tocsin_host::detector::{Format, Options};
use tocsin_host::input::arguments::Inputs;
use tocsin_host::input::batcher::Sizes;
use tocsin_host::scan::{self, scan};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::{detector, units};
use crate::output::{self, Printer, Scheduled};

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
    /// How an alert is written
    #[arg(long, value_enum, default_value_t)]
    format: AlertFormat,
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
    /// Print counts and throughput on standard error at the end
    #[arg(long)]
    stats: bool,
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
    /// Tocsin's alert
    #[default]
    Json,
    /// A line for a person
    Text,
    /// Elastic's alert document
    Ecs,
    /// An OCSF Detection Finding
    Ocsf,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let started = Instant::now();
    let loaded = detector::load(&arguments.rules, arguments.sandbox.limits(), options(&arguments))?;
    let (mut detector, broken) = (loaded.detector, loaded.broken);
    let description = detector.describe().or_wrong_usage()?;
    let module_limits = description.limits;
    let options = scan::Options {
        threads: threads(arguments.threads),
        sizes: Sizes::within(arguments.max_record, arguments.sandbox.max_memory)
            .at_most(module_limits.record_bytes, module_limits.batch_bytes),
    };
    let inputs = Inputs::new(arguments.files);
    let mut printer = Printer::new(inputs.total_bytes());
    let totals = if arguments.schedule {
        let text = arguments.format == AlertFormat::Text;
        let mut scheduled = Scheduled::new(&mut printer, &description.rules, text);
        let totals = scan(inputs, detector, options, &mut scheduled);
        totals.and_then(|totals| scheduled.finish().map(|()| totals))
    } else {
        scan(inputs, detector, options, &mut printer)
    };
    // What was raised is printed even if the scan broke off.
    let printed = printer.finish();
    let totals = totals.and_then(|totals| printed.map(|()| totals)).or_failed()?;
    if totals.files + totals.unread == 0 {
        output::say("no file was read: the folders that were named have none");
    }
    if totals.untrusted > 0 {
        output::say(&format!(
            "{} records come from event sources that aren't AWS's: rules for CloudTrail haven't judged them (--trust-event-source)",
            totals.untrusted
        ));
    }
    if arguments.stats {
        output::say(output::stats(&totals, started.elapsed()).trim_end());
    }
    Ok(if totals.problems == 0 && !broken { RAN } else { INPUT_FAILED })
}

/// By default the module writes JSON, and passes over what it can.
fn options(arguments: &Arguments) -> Options {
    let format = match arguments.format {
        AlertFormat::Json => Format::Json,
        AlertFormat::Text => Format::Text,
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
