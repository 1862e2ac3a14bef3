//! In: an alert. Out: one line for a person, as a JSON string.

use tocsin_wire::is_unseen;

use super::format::Writer;
use super::{Alert, message};
use crate::record::write;

/// The longest line, in characters. A line that is longer says how much of it is missing.
const LENGTH: usize = 4_096;

/// A line for a person.
#[derive(Debug)]
pub(super) struct Line;

impl Writer for Line {
    fn write(&self, alert: &Alert<'_>, out: &mut Vec<u8>) {
        write(alert, out);
    }
}

/// Appends `TIME SEVERITY RULE: MESSAGE`, safe for a terminal.
fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let line = format!(
        "{} {} {}: {}",
        alert.time.as_deref().unwrap_or("-"),
        alert.severity().name(),
        alert.name(),
        message::message(alert),
    );
    write::text(&shown(&line), out);
}

/// The text as a terminal may have it: characters that it would obey, or that are invisible, stand as
/// `\u{...}`, so that a record can't write lines of its own, hide text, or turn it around.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * LENGTH));
    for c in text.chars().take(LENGTH) {
        if is_unseen(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    let missing = text.chars().count().saturating_sub(LENGTH);
    if missing > 0 {
        shown.push_str(&format!(" ... ({missing} characters more)"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing() {
        for (text, expected) in [
            ("plain, é, 漢字, 😀", "plain, é, 漢字, 😀"),
            ("a\nb\r\tc", r"a\u{a}b\u{d}\u{9}c"),
            ("\u{1b}[31mred\u{9b}0m\u{7f}", r"\u{1b}[31mred\u{9b}0m\u{7f}"),
            ("user\u{202e}nimda\u{2066}", r"user\u{202e}nimda\u{2066}"),
            ("ad\u{200b}min\u{feff}\u{2028}", r"ad\u{200b}min\u{feff}\u{2028}"),
            ("\u{e0041}\u{f0000}\u{e000}", r"\u{e0041}\u{f0000}\u{e000}"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        assert_eq!(shown(&"é".repeat(LENGTH)).chars().count(), LENGTH);
        let long = shown(&"é".repeat(LENGTH + 7));
        assert!(long.ends_with("é ... (7 characters more)"), "{long}");
    }
}
