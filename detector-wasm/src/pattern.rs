//! Patterns with wildcards: what a text must look like.
#![forbid(unsafe_code)]

use memchr::memmem;

use crate::budget;

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    /// By Unicode's lower case.
    Insensitive,
}

/// A piece of a pattern, before it is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Exactly this text.
    Text(String),
    /// Any number of any characters.
    Star,
    /// Any one character.
    One,
}

/// One character's place between two stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Character {
    Char(char),
    Any,
}

/// What stands between two stars.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Text(String),
    Places(Vec<Character>),
}

/// A compiled pattern. Matching takes time in proportion to the text (times a segment's length where
/// a segment holds single-character wildcards), whatever the number of stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// The segments between stars; one segment means no star.
    segments: Vec<Segment>,
    case: Case,
}

/// A text that stands in each text that fits a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'p> {
    pub(crate) text: &'p str,
    /// Whether what fits begins with it.
    pub(crate) first: bool,
    /// Whether what fits ends with it.
    pub(crate) last: bool,
}

impl<'p> Part<'p> {
    /// The text that is all of what fits.
    pub(crate) fn whole(text: &'p str) -> Part<'p> {
        Part { text, first: true, last: true }
    }
}

impl Pattern {
    /// A pattern of these pieces, in order.
    pub(crate) fn new(pieces: &[Piece], case: Case) -> Pattern {
        let mut segments = Vec::new();
        let mut places: Vec<Character> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Star => segments.push(Segment::new(std::mem::take(&mut places))),
                Piece::One => places.push(Character::Any),
                Piece::Text(text) if case == Case::Insensitive => {
                    places.extend(text.to_lowercase().chars().map(Character::Char));
                }
                Piece::Text(text) => places.extend(text.chars().map(Character::Char)),
            }
        }
        segments.push(Segment::new(places));
        Pattern { segments, case }
    }

    /// A pattern without wildcards.
    pub(crate) fn exact(text: &str, case: Case) -> Pattern {
        Pattern::new(&[Piece::Text(text.to_owned())], case)
    }

    /// How the pattern compares letters.
    pub(crate) fn case(&self) -> Case {
        self.case
    }

    /// The text that matches, if it is only one.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [Segment::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What stands in every text that fits; in lower case if letters' case doesn't count.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let last = self.segments.len().saturating_sub(1);
        self.segments.iter().enumerate().filter_map(move |(at, segment)| match segment {
            Segment::Text(text) => Some(Part { text, first: at == 0, last: at == last }),
            Segment::Places(_) => None,
        })
    }

    /// The text that decides by itself, if there is one: whatever has it, at its place, fits.
    pub(crate) fn only_part(&self) -> Option<Part<'_>> {
        if self.segments.iter().any(|segment| matches!(segment, Segment::Places(_))) {
            return None;
        }
        let mut parts = self.parts().filter(|part| !part.text.is_empty());
        let only = parts.next()?;
        parts.next().is_none().then_some(only)
    }

    /// The longest of the texts that stand in whatever fits.
    pub(crate) fn longest_part(&self) -> Option<Part<'_>> {
        let parts = self.parts().filter(|part| !part.text.is_empty());
        parts.max_by_key(|part| part.text.len())
    }

    /// Whether the whole text fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self.case {
            Case::Sensitive => self.fits(text),
            Case::Insensitive
                if text.bytes().any(|byte| byte.is_ascii_uppercase() || byte >= 0x80) =>
            {
                self.fits(&text.to_lowercase())
            }
            Case::Insensitive => self.fits(text),
        }
    }

    fn fits(&self, text: &str) -> bool {
        let Some((first, rest)) = self.segments.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else {
            return first.prefix(text).is_some_and(str::is_empty);
        };
        let Some(mut text) = first.prefix(text) else { return false };
        for segment in middle {
            // Each of its places may be compared with each character.
            if let Segment::Places(places) = segment
                && !budget::take((text.len() / 16).saturating_mul(places.len()) as u64)
            {
                return false;
            }
            // The leftmost fit leaves the most for the rest, so there is nothing to come back to.
            let Some(after) = segment.find(text) else { return false };
            text = after;
        }
        last.ends(text)
    }
}

impl Segment {
    fn new(places: Vec<Character>) -> Segment {
        let text: Option<String> = places
            .iter()
            .map(|place| match place {
                Character::Char(c) => Some(*c),
                Character::Any => None,
            })
            .collect();
        text.map_or(Segment::Places(places), Segment::Text)
    }

    /// What follows the segment at the text's beginning.
    fn prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            // Most patterns begin with a star: comparing nothing costs a call.
            Segment::Text(segment) if segment.is_empty() => Some(text),
            Segment::Text(segment) => text.strip_prefix(segment.as_str()),
            Segment::Places(places) => {
                let mut chars = text.chars();
                places.iter().all(|place| place.takes(chars.next())).then_some(chars.as_str())
            }
        }
    }

    /// What follows the segment's first occurrence.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Segment::Text(segment) if segment.is_empty() => Some(text),
            Segment::Text(segment) => {
                let at = memmem::find(text.as_bytes(), segment.as_bytes())?;
                text.get(at + segment.len()..)
            }
            Segment::Places(_) => {
                let mut rest = text.chars();
                loop {
                    if let Some(after) = self.prefix(rest.as_str()) {
                        return Some(after);
                    }
                    rest.next()?;
                }
            }
        }
    }

    /// Whether the text ends with the segment.
    fn ends(&self, text: &str) -> bool {
        match self {
            Segment::Text(segment) if segment.is_empty() => true,
            Segment::Text(segment) => text.ends_with(segment.as_str()),
            Segment::Places(places) => {
                let mut chars = text.chars();
                places.iter().rev().all(|place| place.takes(chars.next_back()))
            }
        }
    }
}

impl Character {
    fn takes(self, c: Option<char>) -> bool {
        match (self, c) {
            (_, None) => false,
            (Character::Any, Some(_)) => true,
            (Character::Char(place), Some(c)) => place == c,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `*` and `?` are wildcards.
    fn pattern(text: &str, case: Case) -> Pattern {
        let pieces: Vec<Piece> = text
            .chars()
            .map(|c| match c {
                '*' => Piece::Star,
                '?' => Piece::One,
                c => Piece::Text(c.to_string()),
            })
            .collect();
        Pattern::new(&pieces, case)
    }

    #[test]
    fn wildcards() {
        for (glob, yes, no) in [
            ("abc", "abc", "abcd"),
            ("", "", "a"),
            ("*", "", "never"),
            ("a*", "a", "ba"),
            ("*a", "bba", "ab"),
            ("*a*", "bab", "bb"),
            ("a*b*c", "aXbXbc", "acb"),
            ("ab*ba", "abba", "aba"),
            ("a?c", "aéc", "ac"),
            ("*a?c*", "xaabcx", "xac"),
            ("?", "é", ""),
        ] {
            assert!(pattern(glob, Case::Sensitive).matches(yes), "{glob} {yes}");
            assert!(no == "never" || !pattern(glob, Case::Sensitive).matches(no), "{glob} {no}");
        }
    }

    #[test]
    fn case() {
        assert!(pattern("*ÄB", Case::Insensitive).matches("xäb"));
        assert!(!pattern("aB", Case::Sensitive).matches("ab"));
    }
}
