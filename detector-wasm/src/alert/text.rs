//! In: an alert. Out: one line for a person, as a JSON string.

use std::borrow::Cow;

use tocsin_wire::{Facts, printable};

use super::format::Writer;
use super::{Alert, message};
use crate::record::write;

/// The longest line, in characters. A line that is longer says how much of it is missing.
const LENGTH: usize = 4_096;

/// What stands for a time, a user or a call that the record doesn't have.
const MISSING: &str = "-";

/// A line for a person.
#[derive(Debug)]
pub(super) struct Line;

impl Writer for Line {
    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>) {
        write(alert, out);
    }
}

/// Appends `TIME SEVERITY RULE: USER CALL from ADDRESS, account ACCOUNT, region REGION, OUTCOME`, safe for a
/// terminal. An event that says nothing of that has the alert's message instead.
#[inline(never)] // a frame of its own, live only while it runs
fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let mut line = format!(
        "{} {} {}: ",
        alert.time.as_deref().map_or(Cow::Borrowed(MISSING), value),
        alert.severity().name(),
        alert.name(),
    );
    match alert.facts().filter(|facts| !facts.is_empty()) {
        Some(facts) => push_facts(&facts, &mut line),
        None => line.push_str(&message::message(alert)),
    }
    write::text(&shown(&line), out);
}

fn push_facts(facts: &Facts, line: &mut String) {
    let user = facts.user.as_deref().map_or(Cow::Borrowed(MISSING), value);
    line.push_str(&user);
    line.push(' ');
    line.push_str(
        &facts.call().map_or(Cow::Borrowed(MISSING), |call| value(&call).into_owned().into()),
    );
    if let Some(address) = &facts.address {
        line.push_str(" from ");
        line.push_str(&value(address));
    }
    for (before, text) in [("account ", &facts.account), ("region ", &facts.region)] {
        if let Some(text) = text {
            line.push_str(", ");
            line.push_str(before);
            line.push_str(&value(text));
        }
    }
    for (before, text, after) in [(", ", &facts.outcome, ""), (" (", &facts.error, ")")] {
        if let Some(text) = text {
            line.push_str(before);
            line.push_str(&value(text));
            line.push_str(after);
        }
    }
}

/// A value of the record. One that could be taken for other parts of the line stands in quotes.
fn value(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | ',' | '(' | ')');
    match text.chars().all(plain) && !text.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
    }
}

/// The text as a terminal may have it: characters that it would obey, or that are invisible, stand as
/// `\u{...}`, so that a record can't write lines of its own, hide text, or turn it around.
fn shown(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LENGTH) else { return printable(text).collect() };
    let (begin, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let shown: String = printable(begin).collect();
    format!("{shown} ... ({} characters more)", rest.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        assert_eq!(shown(&"é".repeat(LENGTH)).chars().count(), LENGTH);
        let long = shown(&"é".repeat(LENGTH + 7));
        assert!(long.ends_with("é ... (7 characters more)"), "{long}");
    }
}
