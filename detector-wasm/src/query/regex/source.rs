//! In: the text of a regular expression. Out: its characters and escapes, one at a time, or what can't be used.

use std::ops::Range;

use super::Flavour;
use super::class::{self, Ranges};

/// A part of an expression that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Bytes of the expression.
    pub(crate) range: Range<usize>,
    pub(crate) reason: String,
}

impl Problem {
    pub(super) fn new(range: Range<usize>, reason: impl Into<String>) -> Problem {
        Problem { range, reason: reason.into() }
    }
}

/// What a backslash and what follows it mean.
pub(super) enum Escape {
    Char(char),
    Class(Ranges),
    /// `\b` and the like, in the common form.
    Assertion(&'static str),
    /// `\Z`.
    End,
    /// `\z`.
    VeryEnd,
    /// `\E` without a `\Q`.
    Nothing,
}

/// The expression as it is read.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    at: usize,
    pub(super) flavour: Flavour,
    /// Whether what is read stands between `\Q` and `\E`.
    pub(super) quoted: bool,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str, flavour: Flavour) -> Source<'t> {
        Source { text, at: 0, flavour, quoted: false }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn take_if(&mut self, expected: char) -> bool {
        let there = self.peek() == Some(expected);
        self.at += if there { expected.len_utf8() } else { 0 };
        there
    }

    /// Goes on by so many bytes of ASCII.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// At most so many digits, as a number.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let rest = self.rest();
        let count = rest.bytes().take(most).take_while(|b| (*b as char).is_digit(radix)).count();
        let number = u32::from_str_radix(rest.get(..count)?, radix).ok();
        self.at += count;
        number
    }

    /// Reads what follows the backslash at a place.
    pub(super) fn escape(&mut self, from: usize, in_class: bool) -> Result<Escape, Problem> {
        let Some(letter) = self.next() else {
            return Err(Problem::new(from..from + 1, "nothing follows this backslash"));
        };
        let java = self.flavour == Flavour::Java;
        if let Some(class) = class::named_by(letter, self.flavour) {
            return Ok(Escape::Class(class));
        }
        let character = match letter {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'f' => Some('\u{c}'),
            'a' => Some('\u{7}'),
            'e' => Some('\u{1b}'),
            'b' if in_class && !java => Some('\u{8}'),
            'c' => self.next().filter(char::is_ascii).map(|c| {
                let c = if java { c } else { c.to_ascii_uppercase() };
                char::from(c as u8 ^ 0x40)
            }),
            '0' => self.digits(8, if java { 3 } else { 2 }).or(Some(0)).and_then(char::from_u32),
            'x' => self.hex(),
            'u' if java => match self.digits(16, 4) {
                Some(code) if self.at == from + 6 => char::from_u32(code),
                _ => None,
            },
            _ if !letter.is_ascii_alphanumeric() => Some(letter),
            _ => None,
        };
        if let Some(character) = character {
            return Ok(Escape::Char(character));
        }
        let found = match letter {
            'E' => Some(Escape::Nothing),
            _ if in_class => None,
            'b' => Some(Escape::Assertion(r"\b")),
            'B' => Some(Escape::Assertion(r"\B")),
            'A' => Some(Escape::Assertion(r"\A")),
            'Z' => Some(Escape::End),
            'z' => Some(Escape::VeryEnd),
            _ => None,
        };
        found.ok_or_else(|| {
            let reason = match letter {
                '1'..='9' | 'g' | 'k' => "back-references don't run",
                'p' | 'P' | 'X' => "classes of Unicode don't run",
                'R' => "`\\R` doesn't run; write `\\r?\\n`",
                _ => "an escape that isn't known",
            };
            Problem::new(from..self.at, reason)
        })
    }

    /// The character of `\x41` or `\x{41}`.
    fn hex(&mut self) -> Option<char> {
        if !self.take_if('{') {
            let from = self.at;
            let code = self.digits(16, 2);
            // Java wants two digits, PCRE takes none for zero.
            return match (code, self.flavour) {
                (Some(code), _) if self.at == from + 2 => char::from_u32(code),
                (code, Flavour::Pcre) => char::from_u32(code.unwrap_or(0)),
                (_, Flavour::Java) => None,
            };
        }
        let code = self.digits(16, 8)?;
        if self.take_if('}') { char::from_u32(code) } else { None }
    }
}
