//! In: a query's text. Out: its words, signs and keywords, one at a time, as the parser asks for them.
//!
//! Follows Kibana's grammar (`grammar.peggy` of its package kbn-es-query): blanks are part of unquoted
//! words until a sign or a keyword ends them, so what a blank means depends on what comes after it.

use std::ops::Range;

use super::word::{Escaped, Word};
use crate::pattern::Piece;
use crate::query::notice::Notice;
use crate::query::order::Order;

/// What joins two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conjunction {
    And,
    Or,
}

/// Reads a query from its beginning to its end.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'q> {
    text: &'q str,
    at: usize,
}

impl<'q> Scanner<'q> {
    pub(super) fn new(text: &'q str) -> Scanner<'q> {
        Scanner { text, at: 0 }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What hasn't been read yet.
    pub(super) fn rest(&self) -> &'q str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes back to a place that was read before.
    pub(super) fn return_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The text that was read last, up to the position.
    pub(super) fn before(&self) -> &'q str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// Reads a sign if it comes next.
    pub(super) fn eat(&mut self, sign: char) -> bool {
        let eaten = self.peek() == Some(sign);
        if eaten {
            self.at += sign.len_utf8();
        }
        eaten
    }

    /// Reads blanks; says whether there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let rest = self.rest();
        let count = rest.len() - rest.trim_start_matches(is_space).len();
        self.at += count;
        count > 0
    }

    /// Reads `not` and the blanks after it, without which it isn't a keyword.
    pub(super) fn not(&mut self) -> bool {
        let found = keyword(self.rest(), "not");
        if found {
            self.at += "not".len();
            self.blanks();
        }
        found
    }

    /// Reads `and` or `or` with the blanks around it, without which it isn't a keyword.
    pub(super) fn conjunction(&mut self) -> Option<(Conjunction, Range<usize>)> {
        let before = self.at;
        if self.blanks()
            && let Some((conjunction, length)) = conjunction(self.rest())
        {
            let span = self.at..self.at + length;
            self.at = span.end;
            self.blanks();
            return Some((conjunction, span));
        }
        self.at = before;
        None
    }

    /// Reads `<`, `<=`, `>` or `>=`.
    pub(super) fn order(&mut self) -> Option<Order> {
        let (order, length) = match self.rest().as_bytes() {
            [b'<', b'=', ..] => (Order::LessOrEqual, 2),
            [b'>', b'=', ..] => (Order::GreaterOrEqual, 2),
            [b'<', ..] => (Order::Less, 1),
            [b'>', ..] => (Order::Greater, 1),
            _ => return None,
        };
        self.at += length;
        Some(order)
    }

    /// Reads a quoted or unquoted word; nothing if none begins here.
    pub(super) fn word(&mut self) -> Result<Option<Word>, Notice> {
        if self.peek() == Some('"') { self.quoted().map(Some) } else { self.unquoted() }
    }

    fn quoted(&mut self) -> Result<Word, Notice> {
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let mut chars = rest.chars();
            match (chars.next(), chars.next()) {
                (None, _) => return Err(self.unclosed_quote(from)),
                (Some('"'), _) => break,
                (Some('\\'), Some(sign @ ('"' | '\\'))) => {
                    text.push(sign);
                    self.at += 2;
                }
                (Some('\\'), Some(letter)) => match escaped_blank(letter) {
                    Some(blank) => {
                        text.push(blank);
                        self.at += 2;
                    }
                    None => match code_point(rest) {
                        Some((character, length)) => {
                            text.push(character);
                            self.at += length;
                        }
                        // Before anything else a backslash stands for itself.
                        None => {
                            text.push('\\');
                            self.at += 1;
                        }
                    },
                },
                (Some(other), _) => {
                    text.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
        self.at += 1;
        let pieces = vec![Piece::Text(text)];
        Ok(Word { pieces, quoted: true, escaped: Escaped::No, span: from..self.at })
    }

    fn unclosed_quote(&self, from: usize) -> Notice {
        let notice = Notice::error(
            "kql-unclosed-quote",
            from..self.text.len(),
            "expected `\"` at the end of the quoted value, found the end of the query",
        );
        if self.text.ends_with("\\\"") {
            return notice
                .hint("`\\\"` is a quote inside the value; to end in a backslash write `\\\\`");
        }
        notice.hint("close the quote")
    }

    fn unquoted(&mut self) -> Result<Option<Word>, Notice> {
        let from = self.at;
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut escaped = Escaped::No;
        // The end of the last character that isn't a blank.
        let mut end = from;
        while let Some(c) = self.peek() {
            match c {
                '\\' => match self.escaped_keyword() {
                    Some((word, kind)) => {
                        text.push_str(word);
                        escaped = escaped.max(kind);
                    }
                    None => text.push(self.escape().ok_or_else(|| self.bad_escape())?),
                },
                '*' => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    pieces.push(Piece::Star);
                    self.at += 1;
                }
                '(' | ')' | ':' | '<' | '>' | '"' | '{' | '}' => break,
                c if is_space(c) => {
                    let before = self.at;
                    self.blanks();
                    if conjunction(self.rest()).is_some() {
                        self.at = before;
                        break;
                    }
                    text.push_str(self.text.get(before..self.at).unwrap_or_default());
                    continue;
                }
                'n' | 'N' if keyword(self.rest(), "not") => break,
                c => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
            end = self.at;
        }
        if self.at == from {
            return Ok(None);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        let mut word = Word { pieces, quoted: false, escaped, span: from..end };
        word.trim();
        Ok(Some(word))
    }

    /// Reads a keyword that a backslash makes a word.
    fn escaped_keyword(&mut self) -> Option<(&'q str, Escaped)> {
        let after = self.rest().get(1..)?;
        let kinds =
            [("and", Escaped::Conjunction), ("or", Escaped::Conjunction), ("not", Escaped::Not)];
        let (word, kind) = kinds.into_iter().find_map(|(word, kind)| {
            let spelled = after.get(..word.len())?;
            let ends = || {
                after.get(word.len()..).and_then(|rest| rest.chars().next()).is_none_or(ends_word)
            };
            // Before other letters `\n` is a line break. Kibana's own grammar takes it for one before
            // these too, but an author who escapes the keyword means the keyword.
            let fits = spelled.eq_ignore_ascii_case(word) && (kind != Escaped::Not || ends());
            fits.then_some((spelled, kind))
        })?;
        self.at += 1 + word.len();
        Some((word, kind))
    }

    /// Reads the character that a backslash outside quotes stands for.
    fn escape(&mut self) -> Option<char> {
        let rest = self.rest();
        let letter = rest.chars().nth(1)?;
        let (character, length) = match (escaped_blank(letter), letter) {
            (Some(blank), _) => (blank, 2),
            (None, '\\' | '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}') => (letter, 2),
            (None, _) => code_point(rest)?,
        };
        self.at += length;
        Some(character)
    }

    /// The error of a backslash that begins no escape.
    fn bad_escape(&self) -> Notice {
        let next = self.rest().chars().nth(1);
        let end = self.at + 1 + next.map_or(0, char::len_utf8);
        let found = next.map_or_else(|| "the end of the query".to_owned(), |c| format!("`{c}`"));
        Notice::error(
            "kql-bad-escape",
            self.at..end,
            format!(
                "expected an escape after `\\` (one of `\\ ( ) : < > \" * {{ }}`, `t`, `r`, `n`, \
                 `uXXXX`, `and`, `or`, `not`), found {found}"
            ),
        )
        .hint("write a backslash itself as `\\\\`")
    }
}

/// Kibana's blanks: U+00A0 is one, Unicode's others aren't.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{a0}')
}

fn ends_word(c: char) -> bool {
    is_space(c) || matches!(c, '(' | ')' | ':' | '<' | '>' | '"' | '*' | '{' | '}')
}

/// Whether a keyword and a blank come next, in any case.
fn keyword(rest: &str, word: &str) -> bool {
    rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        && rest.get(word.len()..).and_then(|rest| rest.chars().next()).is_some_and(is_space)
}

fn conjunction(rest: &str) -> Option<(Conjunction, usize)> {
    if keyword(rest, "and") {
        Some((Conjunction::And, 3))
    } else if keyword(rest, "or") {
        Some((Conjunction::Or, 2))
    } else {
        None
    }
}

fn escaped_blank(letter: char) -> Option<char> {
    match letter {
        't' => Some('\t'),
        'r' => Some('\r'),
        'n' => Some('\n'),
        _ => None,
    }
}

/// The character of `\uXXXX`, or of two such escapes that are a surrogate pair, and their length.
/// A lone surrogate reads as U+FFFD, as it does in records.
fn code_point(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if hex { u32::from_str_radix(digits, 16).ok() } else { None }
    };
    let first = unit(text)?;
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = text.get(6..).and_then(unit)
        && (0xdc00..0xe000).contains(&second)
    {
        let joined = 0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
        return Some((char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER), 12));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6))
}
