//! In: a query's text. Out: its tokens, each with where it stands, and what isn't one.

use std::ops::Range;

use super::codes;
use crate::query::diagnostic_sink::DiagnosticSink;

/// A kind of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name, a keyword or a number; which one depends on where it stands.
    Word,
    /// A text in quotes, escapes and all.
    Text,
    OpenParen,
    CloseParen,
    Comma,
    Pipe,
    /// `[` and `]` around the commands of `serial` and `parallel`.
    OpenBracket,
    CloseBracket,
    /// `# ` and what follows it: a command that does nothing.
    Remark,
    /// `=`
    Assign,
    Operator(Operator),
    /// Something that isn't Logpresso; a notice has been given.
    Broken,
    End,
}

/// An operator that is a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Plus,
    Minus,
    Times,
    Divide,
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    from: u32,
    to: u32,
}

impl Token {
    /// The end of an empty text.
    pub(crate) fn nothing() -> Token {
        Token { kind: TokenKind::End, from: 0, to: 0 }
    }

    /// Its bytes in the query's text.
    pub(crate) fn span(&self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    /// What it is, for the person who reads it.
    pub(crate) fn describe(&self, text: &str) -> String {
        match self.kind {
            TokenKind::End => "the end of the query".to_owned(),
            _ => format!("`{}`", shorten(text.get(self.span()).unwrap_or_default())),
        }
    }
}

/// At most 40 characters of a text.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Splits a text into tokens; the last one is [`TokenKind::End`]. Texts longer than 4 GiB have none.
pub(crate) fn tokens(text: &str, notices: &mut DiagnosticSink) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    if u32::try_from(text.len()).is_err() {
        at = text.len();
    }
    let mut command = Command::default();
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = match command.token(text, at, rest, first, &tokens, notices) {
            Some(token) => token,
            None => token(text, at, rest, first, notices),
        };
        command.follow(kind, rest.get(..length).unwrap_or_default());
        // Always forward, whatever the token's kind.
        let length = length.max(first.len_utf8());
        tokens.push(Token { kind, from: at as u32, to: (at + length) as u32 });
        at += length;
    }
    let end = u32::try_from(text.len()).unwrap_or(0);
    tokens.push(Token { kind: TokenKind::End, from: end, to: end });
    tokens
}

/// The command that the tokens belong to: some have signs of their own.
#[derive(Debug, Default)]
struct Command<'t> {
    /// Its name, once it has been read.
    name: Option<&'t str>,
    /// How many brackets of commands around it are open.
    open: usize,
}

/// Commands whose options stand before their operand.
pub(crate) const WITH_OPTIONS: [&str; 9] = [
    "rex",
    "parse",
    "parsejson",
    "parsekv",
    "parsemap",
    "parsecsv",
    "parsexml",
    "tojson",
    "parallel",
];

impl<'t> Command<'t> {
    /// The token, if it is one that only this command has.
    fn token(
        &self,
        text: &'t str,
        at: usize,
        rest: &'t str,
        first: char,
        before: &[Token],
        notices: &mut DiagnosticSink,
    ) -> Option<(TokenKind, usize)> {
        let blank = |c: char| c.is_whitespace();
        match (self.name, first) {
            (None, '#') if rest.get(1..)?.chars().next().is_none_or(blank) => {
                Some(remark(at, rest, notices))
            }
            (Some("serial" | "parallel"), '[') => Some((TokenKind::OpenBracket, 1)),
            (_, ']') if self.open > 0 => Some((TokenKind::CloseBracket, 1)),
            // Their patterns are taken as they stand.
            (Some("rex" | "parse"), '"') => Some(raw(text, at, notices)),
            (Some(name), _) if first != '"' && WITH_OPTIONS.contains(&name) => {
                // An option's value runs to the next blank.
                let sign = before.last().filter(|token| token.kind == TokenKind::Assign)?;
                let name = before.get(before.len().checked_sub(2)?)?;
                let joined =
                    name.kind == TokenKind::Word && name.to == sign.from && sign.to as usize == at;
                let end =
                    rest.find(|c: char| blank(c) || c == '|' || c == ']').unwrap_or(rest.len());
                (joined && end > 0).then_some((TokenKind::Word, end))
            }
            _ => None,
        }
    }

    fn follow(&mut self, kind: TokenKind, text: &'t str) {
        match kind {
            TokenKind::Pipe => self.name = None,
            TokenKind::OpenBracket => {
                self.open += 1;
                self.name = None;
            }
            TokenKind::CloseBracket => self.open = self.open.saturating_sub(1),
            _ if self.name.is_none() => self.name = Some(text),
            _ => {}
        }
    }
}

/// A remark: up to the next `|` outside of brackets and quotes.
fn remark(at: usize, rest: &str, notices: &mut DiagnosticSink) -> (TokenKind, usize) {
    let (mut depth, mut quoted) = (0_usize, false);
    for (offset, character) in rest.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '|' if !quoted && depth == 0 => return (TokenKind::Remark, offset),
            _ => {}
        }
    }
    if quoted {
        notices.error_with_hint(
            codes::UNCLOSED_TEXT,
            at..at + rest.len(),
            "the remark has a quote without its other half, so where it ends can't be told",
            "pair the quotes, or leave them out",
        );
    }
    (TokenKind::Remark, rest.len())
}

/// A text in quotes whose backslashes are the command's own.
fn raw(text: &str, at: usize, notices: &mut DiagnosticSink) -> (TokenKind, usize) {
    let mut characters = text.get(at + 1..).unwrap_or_default().char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => return (TokenKind::Text, offset + 2),
            '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    unclosed(text, at, notices)
}

fn unclosed(text: &str, at: usize, notices: &mut DiagnosticSink) -> (TokenKind, usize) {
    notices.give_up();
    notices.error_with_hint(
        codes::UNCLOSED_TEXT,
        at..text.len(),
        "the text is never closed",
        "end it with a double quote",
    );
    (TokenKind::Broken, text.len() - at)
}

fn token(
    text: &str,
    at: usize,
    rest: &str,
    first: char,
    notices: &mut DiagnosticSink,
) -> (TokenKind, usize) {
    let doubled = rest.as_bytes().get(1) == Some(&b'=');
    match first {
        '"' => quoted(text, at, notices),
        '(' => (TokenKind::OpenParen, 1),
        ')' => (TokenKind::CloseParen, 1),
        ',' => (TokenKind::Comma, 1),
        '|' => (TokenKind::Pipe, 1),
        '=' if doubled => (TokenKind::Operator(Operator::Equal), 2),
        '=' => (TokenKind::Assign, 1),
        '!' if doubled => (TokenKind::Operator(Operator::Unequal), 2),
        '<' if doubled => (TokenKind::Operator(Operator::AtMost), 2),
        '<' => (TokenKind::Operator(Operator::Less), 1),
        '>' if doubled => (TokenKind::Operator(Operator::AtLeast), 2),
        '>' => (TokenKind::Operator(Operator::More), 1),
        '+' => (TokenKind::Operator(Operator::Plus), 1),
        '-' => (TokenKind::Operator(Operator::Minus), 1),
        '*' => (TokenKind::Operator(Operator::Times), 1),
        '/' => (TokenKind::Operator(Operator::Divide), 1),
        _ => match foreign(first) {
            None => (TokenKind::Word, word(rest)),
            Some(hint) => {
                let length = foreign_length(rest, first);
                let shown = match first.is_control() {
                    true => first.escape_default().to_string(),
                    false => shorten(rest.get(..length).unwrap_or_default()),
                };
                let message = format!("`{shown}` means nothing here");
                notices.error_with_hint(codes::SYNTAX, at..at + length, message, hint);
                (TokenKind::Broken, length)
            }
        },
    }
}

/// How far a sign that Logpresso doesn't have goes on: to the bracket or quote that closes it, if that one
/// isn't far, or as often as it is repeated.
fn foreign_length(text: &str, sign: char) -> usize {
    const NEAR: usize = 100;
    let closing = match sign {
        '[' => Some(']'),
        '{' => Some('}'),
        '“' => Some('”'),
        '\'' | '`' => Some(sign),
        _ => None,
    };
    let mut near = text.char_indices().skip(1).take(NEAR);
    let closed = closing.and_then(|closing| near.find(|(_, character)| *character == closing));
    match closed {
        Some((at, closing)) => at + closing.len_utf8(),
        None => text.len() - text.trim_start_matches(sign).len(),
    }
}

/// What to write instead of a sign that Logpresso doesn't have.
fn foreign(sign: char) -> Option<&'static str> {
    match sign {
        '!' => Some("write not(...) to negate, != to compare"),
        '&' => Some("write and"),
        '\'' | '`' => Some("put texts in double quotes"),
        '“' | '”' => Some("put texts in straight double quotes"),
        ';' => Some("join commands with |"),
        '[' | ']' | '{' | '}' => Some("subqueries and literals in brackets aren't supported"),
        '%' | '^' | '~' | '?' | '\\' => Some("operators are + - * / == != < <= > >= and or"),
        sign if sign.is_control() => Some("remove the control character"),
        _ => None,
    }
}

/// The length of a word: up to the next blank, sign or quote. A number's exponent may have a sign.
fn word(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || foreign(c).is_some() || "\"(),|=<>+-*/".contains(c);
    let end = text.find(ends).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let mantissa = word.strip_suffix(['e', 'E']).unwrap_or_default();
    let digits = rest.strip_prefix(['+', '-']).unwrap_or_default();
    let exponent = digits.bytes().take_while(u8::is_ascii_digit).count();
    if exponent > 0
        && mantissa.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return end + 1 + exponent;
    }
    end
}

/// The length of a text in quotes whose opening quote stands at `at`.
fn quoted(text: &str, at: usize, notices: &mut DiagnosticSink) -> (TokenKind, usize) {
    let rest = text.get(at + 1..).unwrap_or_default();
    let mut characters = rest.char_indices();
    let mut broken = false;
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' if broken => return (TokenKind::Broken, offset + 2),
            '"' => return (TokenKind::Text, offset + 2),
            '\\' => {
                let escape = at + 1 + offset;
                match characters.next() {
                    Some((_, '\\' | '"' | 'n' | 't' | 'r')) => {}
                    Some((_, other)) => {
                        broken = true;
                        notices.error_with_hint(
                            codes::BAD_ESCAPE,
                            escape..escape + 1 + other.len_utf8(),
                            format!("`\\{}` is no escape", other.escape_debug()),
                            "escapes are \\\\ \\\" \\n \\t \\r; write \\\\ for a backslash",
                        );
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }
    unclosed(text, at, notices)
}

/// What a text in quotes stands for.
pub(crate) fn unquote(quoted: &str) -> String {
    let inner =
        quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push(match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        let mut notices = DiagnosticSink::new(crate::query::logpresso::NOTICES);
        let tokens = tokens(text, &mut notices);
        tokens.iter().filter_map(|token| text.get(token.span())).collect()
    }

    #[test]
    fn tokens_stand_without_blanks() {
        assert_eq!(
            split(r#"a>=1e-3+"x\"y"|b"#),
            ["a", ">=", "1e-3", "+", r#""x\"y""#, "|", "b", ""]
        );
        assert_eq!(split("user-agent 2e-x"), ["user", "-", "agent", "2e", "-", "x", ""]);
        assert_eq!(split("필드.a_b@c"), ["필드.a_b@c", ""]);
    }

    #[test]
    fn escapes() {
        assert_eq!(unquote(r#""a\\b\"c\n\t\r""#), "a\\b\"c\n\t\r");
    }
}
