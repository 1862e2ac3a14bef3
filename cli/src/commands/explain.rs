//! `tocsin explain`: a rule's id and a record in, the query clause by clause out.

use std::io::{Read, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clap::Args;
use tocsin_host::detector::Options;
use tocsin_host::detector::explanation::{Explained, Explanation, Found, Node, Verdict};

use crate::output::{self, printable};

use crate::exit::{INPUT_FAILED, OrFail, Outcome, RAN};
use crate::options::detector;

/// Say why a rule does or doesn't select a record, clause by clause
#[derive(Args)]
pub(super) struct Arguments {
    /// The rule's id, as `tocsin rules` lists it
    #[arg(long, value_name = "ID")]
    rule: String,
    /// The file that holds the record, in any accepted shape; `-` is standard input
    #[arg(default_value = "-", value_name = "RECORD")]
    record: PathBuf,
    /// Print each record's explanation as a line of JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: detector::Rules,
    #[command(flatten)]
    sandbox: detector::Sandbox,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let limits = arguments.sandbox.limits();
    let mut loaded = detector::load(&arguments.rules, limits, Options::default())?;
    let batch = read(&arguments.record).or_failed()?;
    let explained = loaded.detector.explain(&arguments.rule, &batch).or_wrong_usage()?;
    output::unless_closed(print(&explained, arguments.json)).or_failed()?;
    let failed = explained.iter().any(|one| matches!(one.verdict, Verdict::Error { .. }));
    Ok(if failed || loaded.broken { INPUT_FAILED } else { RAN })
}

fn print(explained: &[Explained], json: bool) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    explained.iter().try_for_each(|one| match json {
        true => writeln!(out, "{}", serde_json::to_string(one)?),
        false => write(one, &mut out),
    })
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| path.display().to_string())
}

const TRUE: Style = AnsiColor::Green.on_default();
const FALSE: Style = AnsiColor::Red.on_default();
const MISSING: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

fn write(one: &Explained, out: &mut impl Write) -> std::io::Result<()> {
    match &one.verdict {
        Verdict::Error { offset, reason } => {
            writeln!(
                out,
                "record {}: {FALSE}can't be read{FALSE:#}: byte {offset}: {reason}",
                one.record
            )
        }
        Verdict::Explanation(explanation) => {
            write_verdict(one.record, explanation, out)?;
            explanation.nodes.iter().try_for_each(|node| write_node(node, out))
        }
    }
}

fn write_verdict(record: u64, found: &Explanation, out: &mut impl Write) -> std::io::Result<()> {
    let (style, verdict) = match (found.selects, found.excepted) {
        (true, _) if found.elsewhere => {
            (MISSING, "selected, but the rule is for another log source than the record's")
        }
        (true, true) => (MISSING, "selected, but an exception holds the alert back"),
        (true, false) => (TRUE, "selected"),
        (false, _) => (FALSE, "not selected"),
    };
    write!(out, "record {record}: {style}{verdict}{style:#}")?;
    if found.shape == "normalised" {
        write!(out, "{DIM}, read by normalised names{DIM:#}")?;
    }
    if found.duplicates == "first" {
        write!(out, "{DIM}, read with the first of equal keys{DIM:#}")?;
    }
    writeln!(out)
}

fn write_node(node: &Node, out: &mut impl Write) -> std::io::Result<()> {
    let missing = node.missing && !node.truth;
    let (style, verdict) = match (node.truth, missing) {
        (_, true) => (MISSING, "missing"),
        (true, _) => (TRUE, "true"),
        (false, _) => (FALSE, "false"),
    };
    let what = match (node.kind.as_str(), &node.text) {
        (_, Some(text)) => printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")),
        ("all", _) => "all of".to_owned(),
        ("any", _) => "any of".to_owned(),
        (other, _) => other.to_owned(),
    };
    let indent = 2 * node.depth as usize;
    writeln!(out, "{style}{verdict:7}{style:#} {:indent$}{what}", "")?;
    if node.kind != "clause" {
        return Ok(());
    }
    let field = node.field.as_deref().unwrap_or("value");
    if node.values.is_empty() && node.field.is_some() {
        return writeln!(out, "        {:indent$}{DIM}  {field} is missing{DIM:#}", "");
    }
    for Found { value, path, offset, from, .. } in &node.values {
        write!(
            out,
            "        {:indent$}{DIM}  {field} = {}",
            "",
            printable(&shortened(value.text()))
        )?;
        if let Some(path) = path {
            write!(out, "  from {}", printable(path))?;
        }
        if let Some(offset) = offset {
            write!(out, ", byte {offset}")?;
        }
        let read = from.iter().flatten().filter(|read| read.offset.is_some());
        let read: Vec<&str> = read.map(|read| read.path.as_str()).collect();
        if !read.is_empty() {
            write!(out, "  worked out from {}", printable(&read.join(", ")))?;
        }
        writeln!(out, "{DIM:#}")?;
    }
    Ok(())
}

/// A value as far as it fits on a line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
