//! A text in, where the value at an offset ends out, or where it can't be read on: the grammar that the
//! detector's reader has, for callers that need no values.

use crate::Nesting;

/// Why a value doesn't end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The byte that can't be read, or the text's end.
    pub offset: usize,
    /// The text ends inside the value; more of it could make it whole.
    pub cut_off: bool,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    CommaOrClose,
}

/// The offset behind the JSON value that begins at an offset.
///
/// # Errors
/// A [`Fault`] if it isn't one, or only a part of one.
pub fn value_end(text: &[u8], at: usize) -> Result<usize, Fault> {
    let mut scan = Scan { text, at, open: Nesting::default() };
    let mut next = Next::Value;
    loop {
        let byte = scan.peek()?;
        next = match (next, byte) {
            (Next::CommaOrClose, b',') => {
                scan.at += 1;
                if scan.open.in_object() { Next::Key } else { Next::Value }
            }
            (Next::CommaOrClose | Next::KeyOrClose, b'}') if scan.open.in_object() => scan.close(),
            (Next::CommaOrClose | Next::ValueOrClose, b']') if !scan.open.in_object() => {
                scan.close()
            }
            (Next::Key | Next::KeyOrClose, b'"') => {
                scan.string()?;
                if scan.peek()? != b':' {
                    return Err(scan.unexpected());
                }
                scan.at += 1;
                Next::Value
            }
            (Next::Value | Next::ValueOrClose, b'{' | b'[') => {
                if !scan.open.push(byte == b'{') {
                    return Err(scan.unexpected());
                }
                scan.at += 1;
                if byte == b'{' { Next::KeyOrClose } else { Next::ValueOrClose }
            }
            (Next::Value | Next::ValueOrClose, _) => {
                scan.scalar(byte)?;
                Next::CommaOrClose
            }
            _ => return Err(scan.unexpected()),
        };
        if scan.open.depth() == 0 {
            return Ok(scan.at);
        }
    }
}

/// How long the string is whose inside begins here, if it ends and nothing in it is escaped.
pub(crate) fn plain_length(inside: &[u8]) -> Option<usize> {
    let length = inside.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
    (inside.get(length) == Some(&b'"')).then_some(length)
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    open: Nesting,
}

impl Scan<'_> {
    #[inline]
    fn peek(&mut self) -> Result<u8, Fault> {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(*byte);
            }
            self.at += 1;
        }
        Err(self.cut_off())
    }

    fn unexpected(&self) -> Fault {
        Fault { offset: self.at, cut_off: false }
    }

    fn cut_off(&self) -> Fault {
        Fault { offset: self.text.len(), cut_off: true }
    }

    fn close(&mut self) -> Next {
        self.open.pop();
        self.at += 1;
        Next::CommaOrClose
    }

    fn scalar(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            b'"' => self.string(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(())
        } else if word.starts_with(rest) {
            Err(self.cut_off())
        } else {
            Err(self.unexpected())
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.now() == Some(b'-') {
            self.at += 1;
        }
        if self.now() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.now() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.now() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.now() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let from = self.at;
        while self.now().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        match self.now() {
            _ if self.at > from => Ok(()),
            None => Err(self.cut_off()),
            Some(_) => Err(self.unexpected()),
        }
    }

    fn now(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(stop) = memchr::memchr3(b'"', b'\\', b'\n', rest) else {
                return Err(self.cut_off());
            };
            self.at += stop;
            match self.now() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                // No string goes on on another line.
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Fault> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..).unwrap_or_default();
                let digits = digits.get(..4).unwrap_or(digits);
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.unexpected());
                }
                if digits.len() < 4 {
                    return Err(self.cut_off());
                }
                self.at += 6;
            }
            None => return Err(self.cut_off()),
            Some(_) => return Err(self.unexpected()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::value_end;

    #[test]
    fn values_end_where_they_do() {
        for text in [
            "{}|",
            "[]|{}",
            "1.5e+3|,",
            "-0|1",
            "true|x",
            "\"a\\\"\\u00e9\"|:",
            "{\"a\":[1,{\"b\":null}]}|}",
            " [ 1 , [ ] ] | ",
            "{\n\"a\"\n:\n1\n}|\n",
            "\"\u{1}\t\"|",
        ] {
            let text = text.replacen(" |", "|", 1);
            let end = text.find('|').unwrap();
            assert_eq!(value_end(text.replace('|', "").as_bytes(), 0), Ok(end), "{text}");
        }
    }

    #[test]
    fn and_break_where_they_break() {
        for text in [
            "|}",
            "{|,",
            "[1|}",
            "{\"a\"|}",
            "{\"a\":1|{",
            "[1,|]",
            "{\"a\":1,|}",
            "1.|x",
            "tru|",
            "\"a|\n\"",
            "\"|\\x\"",
            "\"|\\u12g4\"",
            "{\"a|",
            "[1|",
            "{\"a\":{\"b\":1}|",
        ] {
            let at = text.find('|').unwrap();
            let text = text.replace('|', "");
            let fault = value_end(text.as_bytes(), 0).unwrap_err();
            let expected = if text == "tru" { 3 } else { at };
            assert_eq!((fault.offset, fault.cut_off), (expected, at == text.len()), "{text}");
        }
    }

    #[test]
    fn depth_takes_a_bit_a_level() {
        let text = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(value_end(text.as_bytes(), 0), Ok(text.len()));
    }
}
