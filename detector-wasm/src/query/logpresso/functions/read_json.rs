//! In: a text of JSON, perhaps torn off or carelessly written. Out: the same as JSON, perhaps flattened.
//!
//! Texts in single quotes, bare keys and bare words are taken, as Logpresso's reader takes them. Nothing here
//! recurses: what is open stands on a list.

use crate::record::json::{Container, Reader, Scalar, Token};
use crate::record::write;

/// How `parsejson` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Only so many characters are read.
    pub(crate) cutoff: Option<usize>,
    /// What is torn off is closed.
    pub(crate) lenient: bool,
    /// `{"a": {"b": 1}}` is `{"a_b": 1}`.
    pub(crate) flatten: bool,
}

/// What came of it.
pub(super) enum Reading {
    /// An object or a list.
    Value(Vec<u8>),
    /// The text ends before its value does.
    Torn,
    /// It is something else.
    Broken,
}

/// Why reading ended.
enum End {
    Torn,
    Broken,
}

pub(super) fn read(text: &str, options: Options, room: usize) -> Reading {
    let cut = options.cutoff.and_then(|cutoff| text.char_indices().nth(cutoff));
    let text = cut.map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
    let mut rewriter = Rewriter { rest: text.trim_start(), out: Vec::new(), open: Vec::new() };
    let json = match rewriter.run() {
        Ok(()) => rewriter.out,
        Err(End::Torn) if options.lenient && !rewriter.out.is_empty() => rewriter.close(),
        Err(End::Torn) => return Reading::Torn,
        Err(End::Broken) => return Reading::Broken,
    };
    if json.len() > room {
        return Reading::Broken;
    }
    if options.flatten && json.first() == Some(&b'{') {
        return Reading::Value(flatten(&json, room));
    }
    Reading::Value(json)
}

struct Rewriter<'t> {
    rest: &'t str,
    out: Vec<u8>,
    /// What is open: `}` or `]` closes it.
    open: Vec<u8>,
}

impl Rewriter<'_> {
    /// Rewrites one object or list; what follows it doesn't matter.
    fn run(&mut self) -> Result<(), End> {
        if !self.rest.starts_with(['{', '[']) {
            return Err(if self.rest.is_empty() { End::Torn } else { End::Broken });
        }
        self.value()?;
        while let Some(closer) = self.open.last().copied() {
            let first = matches!(self.out.last(), Some(b'{' | b'['));
            match self.peek()? {
                sign if sign == char::from(closer) => {
                    self.pass(sign);
                    self.out.push(closer);
                    self.open.pop();
                }
                ',' if !first => {
                    self.pass(',');
                    self.out.push(b',');
                    self.member(closer)?;
                }
                _ if first => self.member(closer)?,
                _ => return Err(End::Broken),
            }
        }
        Ok(())
    }

    /// A member or an element; behind a last comma there may be none.
    fn member(&mut self, closer: u8) -> Result<(), End> {
        if self.peek()? == char::from(closer) {
            self.out.pop_if(|last| *last == b',');
            return Ok(());
        }
        if closer == b'}' {
            let before = self.out.len();
            let key = self.word(&[':'])?;
            write::text(&key, &mut self.out);
            if self.peek().is_err() {
                // A key alone says nothing.
                self.out.truncate(before);
                return Err(End::Torn);
            }
            if self.peek()? != ':' {
                return Err(End::Broken);
            }
            self.pass(':');
            self.out.push(b':');
        }
        self.value()
    }

    fn value(&mut self) -> Result<(), End> {
        match self.peek()? {
            sign @ ('{' | '[') => {
                self.pass(sign);
                self.out.push(sign as u8);
                self.open.push(if sign == '{' { b'}' } else { b']' });
                Ok(())
            }
            '}' | ']' | ',' | ':' => Err(End::Broken),
            quote @ ('"' | '\'') => {
                let text = self.quoted(quote)?;
                write::text(&text, &mut self.out);
                Ok(())
            }
            _ => {
                let word = self.word(&[',', '}', ']'])?;
                if is_bare(&word) {
                    self.out.extend_from_slice(word.as_bytes());
                } else {
                    write::text(&word, &mut self.out);
                }
                Ok(())
            }
        }
    }

    /// A text in quotes, or a bare word up to one of the signs.
    fn word(&mut self, ends: &[char]) -> Result<String, End> {
        if let quote @ ('"' | '\'') = self.peek()? {
            return self.quoted(quote);
        }
        let end = self.rest.find(|c: char| ends.contains(&c)).ok_or(End::Torn)?;
        let (word, rest) = self.rest.split_at_checked(end).ok_or(End::Broken)?;
        self.rest = rest;
        let word = word.trim_end();
        if word.is_empty() { Err(End::Broken) } else { Ok(word.to_owned()) }
    }

    fn quoted(&mut self, quote: char) -> Result<String, End> {
        self.pass(quote);
        let mut text = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                _ if letter == quote => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\\' => match letters.next().ok_or(End::Torn)?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    'u' => {
                        let mut unit = || -> Option<u32> {
                            let mut code = 0;
                            for _ in 0..4 {
                                code = code * 16 + letters.next()?.1.to_digit(16)?;
                            }
                            Some(code)
                        };
                        let mut code = unit().ok_or(End::Broken)?;
                        if (0xd800..0xdc00).contains(&code) {
                            let mut ahead = letters.clone();
                            let pair = ahead.next().map(|(_, c)| c) == Some('\\')
                                && ahead.next().map(|(_, c)| c) == Some('u');
                            if pair {
                                letters = ahead;
                                let mut low = 0;
                                for _ in 0..4 {
                                    let digit = letters.next().and_then(|(_, c)| c.to_digit(16));
                                    low = low * 16 + digit.ok_or(End::Broken)?;
                                }
                                code = 0x10000
                                    + ((code - 0xd800) << 10 | low.wrapping_sub(0xdc00) & 0x3ff);
                            }
                        }
                        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        Err(End::Torn)
    }

    fn peek(&mut self) -> Result<char, End> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next().ok_or(End::Torn)
    }

    fn pass(&mut self, sign: char) {
        self.rest = self.rest.strip_prefix(sign).unwrap_or(self.rest);
    }

    /// What was read so far, closed.
    fn close(&mut self) -> Vec<u8> {
        let mut out = std::mem::take(&mut self.out);
        match out.last() {
            Some(b':') => out.extend_from_slice(b"null"),
            Some(b',') => {
                out.pop();
            }
            _ => {}
        }
        out.extend(self.open.iter().rev());
        out
    }
}

/// Whether a bare word is JSON as it stands: a number, a truth value or null.
fn is_bare(word: &str) -> bool {
    let mut reader = Reader::new(word.as_bytes(), 0);
    let scalar = matches!(reader.next(), Ok(Some(Token::Scalar(_))));
    scalar && reader.position() == word.len()
}

/// An object without objects or lists in it: the keys and places on the way to a scalar make its name.
fn flatten(json: &[u8], room: usize) -> Vec<u8> {
    struct Level {
        length: usize,
        /// The next element's place, of a list.
        place: Option<usize>,
    }
    let mut out = vec![b'{'];
    let mut name = String::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut reader = Reader::new(json, 0);
    let extend = |name: &mut String, length: usize, part: &str| {
        name.truncate(length);
        if length > 0 {
            name.push('_');
        }
        name.push_str(part);
    };
    while let Ok(Some(token)) = reader.next() {
        if let (Token::Scalar(_) | Token::Open(_), Some(level)) = (&token, levels.last_mut())
            && let Some(place) = &mut level.place
        {
            extend(&mut name, level.length, &place.to_string());
            *place += 1;
        }
        match token {
            Token::Open(container) => {
                let place = (container == Container::Array).then_some(0);
                levels.push(Level { length: name.len(), place });
            }
            Token::Close(_) => {
                levels.pop();
            }
            Token::Key(key) => {
                let length = levels.last().map_or(0, |level| level.length);
                extend(&mut name, length, &key.decode());
            }
            Token::Scalar(scalar) => {
                if out.len().saturating_add(name.len()) >= room {
                    break;
                }
                if out.len() > 1 {
                    out.push(b',');
                }
                write::text(&name, &mut out);
                out.push(b':');
                match scalar {
                    Scalar::Null => out.extend_from_slice(b"null"),
                    Scalar::Bool(true) => out.extend_from_slice(b"true"),
                    Scalar::Bool(false) => out.extend_from_slice(b"false"),
                    Scalar::Number(number) => out.extend_from_slice(number.as_bytes()),
                    Scalar::Text(text) => write::text(&text.decode(), &mut out),
                }
            }
        }
    }
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, cutoff: usize, lenient: bool, flatten: bool) -> String {
        let cutoff = (cutoff > 0).then_some(cutoff);
        match read(text, Options { cutoff, lenient, flatten }, 1 << 20) {
            Reading::Value(json) => String::from_utf8(json).unwrap(),
            Reading::Torn => "torn".to_owned(),
            Reading::Broken => "broken".to_owned(),
        }
    }

    #[test]
    fn careless_json_is_read() {
        for (text, expected) in [
            (
                r#"{"a": [1, {"b": null}], "c": "x\u0041\ud83d\ude00"}"#,
                r#"{"a":[1,{"b":null}],"c":"xA😀"}"#,
            ),
            ("{op: 'rm', n: 1.50, by: eve smith}", r#"{"op":"rm","n":1.50,"by":"eve smith"}"#),
            ("[1, 2,] tail", "[1,2]"),
            ("{}", "{}"),
            ("{\"a\" 1}", "broken"),
            ("[1}", "broken"),
            ("text", "broken"),
            ("1", "broken"),
            ("{\"a\": \"b", "torn"),
            ("", "torn"),
        ] {
            assert_eq!(shown(text, 0, false, false), expected, "{text}");
        }
    }

    #[test]
    fn what_is_torn_is_closed_if_asked() {
        for (text, expected) in [
            (r#"{"a": 1, "b": {"c": ["x", "y"#, r#"{"a":1,"b":{"c":["x"]}}"#),
            (r#"{"a": 1, "b"#, r#"{"a":1}"#),
            (r#"{"a":"#, r#"{"a":null}"#),
        ] {
            assert_eq!(shown(text, 0, true, false), expected, "{text}");
        }
        assert_eq!(shown(r#"{"a": 1, "b": 2}"#, 9, true, false), r#"{"a":1}"#);
        assert_eq!(shown(r#"{"a": 1, "b": 2}"#, 9, false, false), "torn");
    }

    #[test]
    fn names_join_what_leads_to_a_value() {
        let text = r#"{"a": {"b": 1, "c": [{"d": "x"}, "y"]}, "e": null, "f": {}}"#;
        assert_eq!(shown(text, 0, false, true), r#"{"a_b":1,"a_c_0_d":"x","a_c_1":"y","e":null}"#);
    }

    #[test]
    fn depth_takes_no_stack() {
        let deep = "[".repeat(50_000);
        assert_eq!(shown(&deep, 0, true, false).len(), 100_000);
    }
}
