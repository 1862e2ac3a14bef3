//! A rule's verdict about a record in, its query clause by clause out.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use tocsin_host::detector::explanation::{Explained, Explanation, Found, Node, Verdict};

use super::printable;

const TRUE: Style = AnsiColor::Green.on_default();
const FALSE: Style = AnsiColor::Red.on_default();
const MISSING: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// One record's explanation, with the record's number as `tocsin scan` counts.
pub(crate) fn explanation(one: &Explained, out: &mut impl Write) -> std::io::Result<()> {
    let number = one.record + 1;
    match &one.verdict {
        Verdict::Error { offset, reason } => {
            writeln!(out, "record {number}: {FALSE}can't be read{FALSE:#}: byte {offset}: {reason}")
        }
        Verdict::Explanation(explanation) => {
            write_verdict(number, explanation, out)?;
            nodes(explanation, out)
        }
    }
}

/// The query's tree, a line a node, and the values that each clause looked at.
pub(crate) fn nodes(of: &Explanation, out: &mut impl Write) -> std::io::Result<()> {
    of.nodes.iter().try_for_each(|node| write_node(node, out))
}

fn write_verdict(record: u64, found: &Explanation, out: &mut impl Write) -> std::io::Result<()> {
    let (style, verdict) = match (found.selects, found.excepted) {
        (true, _) if found.untrusted => (
            MISSING,
            "selected, but the record's event source isn't AWS's, and the rule is for CloudTrail (--trust-event-source)",
        ),
        (true, _) if found.elsewhere => {
            (MISSING, "selected, but the rule is for another log source than the record's")
        }
        (true, true) => (MISSING, "selected, but an exception holds the alert back"),
        (true, false) => (TRUE, "selected"),
        (false, _) if found.undecided => {
            (MISSING, "undecided: the rule takes more steps than it may (rule-budget)")
        }
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
        _ if node.undecided => (MISSING, "unknown"),
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
    let field = printable(node.field.as_deref().unwrap_or("value"));
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
