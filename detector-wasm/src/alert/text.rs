//! In: an alert. Out: one line for a person, as a JSON string.

use super::{Alert, message};
use crate::record::write;

/// The longest line, in characters. A line that is longer says how much of it is missing.
const LENGTH: usize = 4_096;

/// Appends `TIME SEVERITY RULE: MESSAGE`, safe for a terminal.
pub(super) fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let line = format!(
        "{} {} {}: {}",
        alert.time.as_deref().unwrap_or("-"),
        alert.severity().name(),
        alert.name(),
        message::message(alert),
    );
    write::text(&shown(&line), out);
}

/// The text as a terminal may have it: characters that it would obey or that nobody sees stand as
/// `\u{...}`, so that a record can't write lines of its own, hide text, or turn it around.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * LENGTH));
    for c in text.chars().take(LENGTH) {
        if unseen(c) {
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

/// Whether a character is a control, a format character (directions, joiners, byte order mark, tags,
/// fillers), a separator of lines, or one for private agreements.
fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
            | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
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
