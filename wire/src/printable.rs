//! A text that somebody else wrote in, the same text out as a terminal may have it.

/// The text with each character that a terminal would obey, or that is invisible, as `\u{...}`: so that neither a
/// record nor a rule or the name of a file can write lines of its own, hide text, or turn it around.
pub fn printable(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(|c| {
        let (seen, escaped) = match is_unseen(c) {
            true => (None, Some(c.escape_unicode())),
            false => (Some(c), None),
        };
        seen.into_iter().chain(escaped.into_iter().flatten())
    })
}

/// Whether a character is a control, a format character (directions, joiners, byte order mark, tags,
/// fillers), a separator of lines, or one for private agreements.
fn is_unseen(c: char) -> bool {
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
    use super::printable;

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
            assert_eq!(printable(text).collect::<String>(), expected);
        }
    }
}
