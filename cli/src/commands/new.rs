//! `tocsin new`: a record, or nothing, in; a rule that selects it, with its first test, out.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use tocsin_host::detector::{Configuration, Document, Frame, Options};
use tocsin_host::input::arguments::Input;
use tocsin_host::input::open::read_whole;
use tocsin_host::{Alert, Limits};

use crate::exit::{OrFail, Outcome, RAN};
use crate::options::detector;
use crate::options::severity::AlertSeverity;
use crate::output;

/// Begin a rule, from a template or from a record that it is to find, with its first test
///
/// The draft selects events of the record's service and call; what else makes them suspicious is for you to add.
/// `tocsin test FILE` runs its test.
#[derive(Args)]
pub(super) struct Arguments {
    /// The rule file: *.toml, or *.yml for Sigma; `-` is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Draft it from a record in this file; `-` is standard input
    #[arg(long, value_name = "RECORD")]
    from: Option<PathBuf>,
    /// Which record of the file, counted from 1
    #[arg(long, value_name = "N", default_value_t = std::num::NonZero::<u64>::MIN, requires = "from")]
    number: std::num::NonZero<u64>,
    /// The rule's name [default: the call's]
    #[arg(long)]
    name: Option<String>,
    #[arg(long, value_name = "SEVERITY", default_value = "medium")]
    severity: AlertSeverity,
    /// The language of its query [default: sigma for *.yml, else kuery]
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Elastic's KQL
    Kuery,
    /// Logpresso's pipe queries
    Logpresso,
    /// Sigma's YAML
    Sigma,
}

/// What the rule is drafted from.
struct Draft {
    provider: String,
    action: String,
    record: String,
}

/// A rule that any event with a name fits, which says what it is called.
const ANY: &str = "[rule]\nrule_id = \"any\"\nname = \"any\"\nlanguage = \"kuery\"\nseverity = \"low\"\n\
                   query = 'event.action:*'\noutput_fields = [\"event.provider\", \"event.action\"]\n";

/// What a template's rule finds.
const EXAMPLE: &str = r#"{"eventVersion": "1.11", "eventTime": "2026-03-14T09:20:00Z", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "eu-central-1", "sourceIPAddress": "203.0.113.10", "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"}, "recipientAccountId": "111122223333", "eventID": "7c9e6679-7425-40de-944b-e07fc1f90a10"}"#;

pub(super) fn run(arguments: Arguments) -> Outcome {
    let is_yaml =
        arguments.file.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    let by_name = if is_yaml { Language::Sigma } else { Language::Kuery };
    let language = arguments.language.unwrap_or(by_name);
    let to_stdout = arguments.file.as_os_str() == "-";
    if !to_stdout && is_yaml != (language == Language::Sigma) {
        let error = anyhow::anyhow!("Sigma rules are *.yml, the others *.toml");
        return Err(error).or_wrong_usage();
    }
    let record = match &arguments.from {
        None => EXAMPLE.as_bytes().to_vec(),
        Some(path) => {
            let input = match path.as_os_str() == "-" {
                true => Input::Stdin,
                false => Input::File(path.clone()),
            };
            read_whole(&input, 64 << 20).with_context(|| input.to_string()).or_failed()?
        }
    };
    let draft = draft(&record, arguments.number.get()).or_wrong_usage()?;
    let name = arguments.name.clone().unwrap_or_else(|| words(&draft.action));
    let severity = arguments.severity;
    let (rule, tests) = match language {
        Language::Sigma => (sigma(&draft, &name, severity), Some(test(&draft))),
        _ => (toml(&draft, &name, severity, language) + "\n" + &test(&draft), None),
    };
    write(&arguments.file, &rule, arguments.force).or_failed()?;
    if let Some(tests) = tests {
        match to_stdout {
            true => output::say(
                "the first test stands in a file beside the rule; name a file to get it",
            ),
            false => {
                write(&arguments.file.with_extension("tests.toml"), &tests, arguments.force)
                    .or_failed()?;
            }
        }
    }
    if !to_stdout {
        let file = arguments.file.display();
        output::say(&format!("{file}: a rule with its first test; `tocsin test {file}` runs it"));
    }
    Ok(RAN)
}

/// Looks at a record as rules do.
fn draft(batch: &[u8], number: u64) -> anyhow::Result<Draft> {
    let mut detector = match detector::bare(None, Limits::default()) {
        Ok(detector) => detector,
        Err(failure) => return Err(failure.error),
    };
    let any = Document { name: "any.toml".to_owned(), text: ANY.to_owned() };
    detector.configure(&Configuration {
        rules: Some(vec![any]),
        options: Some(Options { strict: true, ..Options::default() }),
        ..Configuration::default()
    })?;
    let detection = detector.detect(batch)?;
    let records = detection.summary.records;
    let alert = detection.frames.iter().find_map(|frame| match frame {
        Frame::Alert { head, alert } if head.record + 1 == number => Some(*alert),
        _ => None,
    });
    let alert = alert.with_context(|| match number > records {
        true => format!("there is no record {number}; there are {records}"),
        false => format!("record {number} doesn't say what was called, or can't be read"),
    })?;
    let alert = Alert::read(alert.as_bytes())?;
    let text = |name: &str| -> String {
        let value = alert.field(name).map(|value| value.get());
        value.and_then(|value| serde_json::from_str(value).ok()).unwrap_or_default()
    };
    Ok(Draft {
        provider: text("event.provider"),
        action: text("event.action"),
        record: alert.event.get().to_owned(),
    })
}

/// `StopConfigurationRecorder` as words.
fn words(action: &str) -> String {
    let mut words = String::new();
    let mut before = None;
    for c in action.chars() {
        let begins = c.is_uppercase() && before.is_some_and(|c: char| c.is_lowercase());
        if begins {
            words.push(' ');
        }
        words.push(c);
        before = Some(c);
    }
    words
}

/// An identifier of a name: letters and digits in lower case, joined by hyphens.
fn slug(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let slug = parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "new-rule".to_owned() } else { slug }
}

/// A text as TOML, YAML, KQL and Logpresso all quote it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A value in KQL: as it stands if nothing in it means more.
fn kql(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text.chars().all(plain) && !text.is_empty() { text.to_owned() } else { quoted(text) }
}

fn toml(draft: &Draft, name: &str, severity: AlertSeverity, language: Language) -> String {
    let Draft { provider, action, .. } = draft;
    let (language, query) = match language {
        Language::Logpresso => {
            let source = format!("event_source == {} and ", quoted(provider));
            let source = if provider.is_empty() { String::new() } else { source };
            ("logpresso", format!("search {source}event_name == {}", quoted(action)))
        }
        _ => {
            let provider = match provider.is_empty() {
                true => String::new(),
                false => format!(" and event.provider:{}", kql(provider)),
            };
            (
                "kuery",
                format!("event.dataset:aws.cloudtrail{provider} and event.action:{}", kql(action)),
            )
        }
    };
    // A line of TOML's literal text can't hold these.
    let query = match query.contains("'''") || query.chars().any(char::is_control) {
        true => quoted(&query),
        false => format!("'''\n{query}\n'''"),
    };
    format!(
        "[rule]\nrule_id = {}\nname = {}\ndescription = \"What happened, and why somebody should look at it.\"\n\
         language = \"{language}\"\nseverity = \"{}\"\ntags = [\"AWS\"]\nfalse_positives = []\nreferences = []\n\
         query = {query}\n",
        quoted(&slug(name)),
        quoted(name),
        severity.name(),
    )
}

fn sigma(draft: &Draft, name: &str, severity: AlertSeverity) -> String {
    let source = match draft.provider.is_empty() {
        true => String::new(),
        false => format!("    eventSource: {}\n", quoted(&draft.provider)),
    };
    format!(
        "title: {}\nid: {}\nstatus: experimental\ndescription: What happened, and why somebody should look at it.\n\
         logsource:\n  product: aws\n  service: cloudtrail\ndetection:\n  selection:\n{source}    eventName: {}\n  \
         condition: selection\nfalsepositives:\n  - Unknown\nlevel: {}\n",
        quoted(name),
        quoted(&slug(name)),
        quoted(&draft.action),
        severity.name(),
    )
}

fn test(draft: &Draft) -> String {
    let record = match draft.record.contains("'''") || draft.record.contains(char::is_control) {
        true => quoted(&draft.record),
        false => format!("'''\n{}\n'''", draft.record),
    };
    let name = quoted(&format!("{} is found", draft.action));
    format!("[[test]]\nname = {name}\nmatches = true\nrecord = {record}\n")
}

fn write(path: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        return output::write_file(path, text.as_bytes());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(!force).create(force).truncate(force);
    let mut file = options.open(path).with_context(|| match force {
        true => path.display().to_string(),
        false => format!("{} (--force writes over a file)", path.display()),
    })?;
    Ok(file.write_all(text.as_bytes())?)
}
