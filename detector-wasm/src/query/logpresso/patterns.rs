//! In: the text literal at the right of `==`, or in `in`. Out: the pattern that it means.
//!
//! As in araqne-logdb, Logpresso's open-source ancestor (`In.StringMatcher`): without a star exactly the
//! text, with one at an end the beginning, the end or a part, case and all; with a star anywhere else the
//! whole text in any case. In that last form a backslash before a star makes it an ordinary one.

use crate::pattern::{Case, Pattern, Piece};

/// The pattern of a text literal.
pub(crate) fn pattern(literal: &str) -> Pattern {
    let middle = literal.strip_prefix('*').unwrap_or(literal);
    let middle = middle.strip_suffix('*').unwrap_or(middle);
    if !middle.contains('*') {
        return Pattern::new(&pieces(literal, false), Case::Sensitive);
    }
    let pieces = pieces(literal, true);
    if pieces.contains(&Piece::Star) {
        Pattern::new(&pieces, Case::Insensitive)
    } else {
        Pattern::exact(literal, Case::Sensitive)
    }
}

fn pieces(literal: &str, escapes: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut characters = literal.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if escapes && characters.peek() == Some(&'*') => plain.extend(characters.next()),
            '*' => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Star);
            }
            other => plain.push(other),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn where_the_stars_stand_decides() {
        for (literal, yes, no) in [
            ("Stop", "Stop", "stop"),
            ("Stop*", "StopX", "stopX"),
            ("*Stop", "XStop", "Xstop"),
            ("*Stop*", "XStopX", "XstopX"),
            ("S*p", "sxxP", "Sxx"),
            ("*S*p", "xsxp", "xsx"),
            ("**", "", "\0"),
            ("a\\*b*c", "A*bXc", "aXbXc"),
            ("a\\*b", "a\\*b", "a*b"),
        ] {
            assert!(pattern(literal).matches(yes), "{literal} {yes}");
            assert!(no == "\0" || !pattern(literal).matches(no), "{literal} {no}");
        }
    }
}
