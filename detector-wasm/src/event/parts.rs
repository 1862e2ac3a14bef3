//! In: a container that the reader has accepted. Out: its keys and values, one after the other, whatever
//! lies deeper passed over. The grammar isn't checked again.

use super::value::Value;
use crate::record::json::plain_end;
use crate::record::text::Text;

/// The parts of a container, and where the next one is looked for.
pub(crate) struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parts<'a> {
    /// The parts of the object or array that `bytes` are, from its first byte to its last.
    pub(crate) fn of(bytes: &'a [u8]) -> Parts<'a> {
        Parts { bytes, at: 1 }
    }

    /// The next member's key; its value is the next part.
    pub(crate) fn key(&mut self) -> Option<Text<'a>> {
        if self.peek()? == b'"' { Some(self.text()) } else { None }
    }

    /// The next value; nothing at the container's end.
    pub(crate) fn value(&mut self) -> Option<Value<'a>> {
        let byte = self.peek()?;
        let from = self.at;
        match byte {
            b'"' => return Some(Value::Text(self.text())),
            b'{' | b'[' => self.pass_container(),
            b'}' | b']' => return None,
            _ => self.pass_word(),
        }
        Value::exact(self.bytes.get(from..self.at)?)
    }

    /// The next value that isn't an array, whatever arrays it lies in.
    pub(crate) fn element(&mut self) -> Option<Value<'a>> {
        self.element_at().map(|(_, element)| element)
    }

    /// The same, with its offset in the container.
    pub(crate) fn element_at(&mut self) -> Option<(usize, Value<'a>)> {
        while let b'[' | b']' = self.peek()? {
            self.at += 1;
        }
        Some((self.at, self.value()?))
    }

    /// The first byte of the next part, which then is where the position is.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// The string whose opening quote is at the position.
    fn text(&mut self) -> Text<'a> {
        let from = self.at + 1;
        let escaped = self.pass_text();
        let raw = self.bytes.get(from..self.at.saturating_sub(1)).unwrap_or_default();
        Text::new(raw, escaped)
    }

    /// Passes over a string. Says whether it has escapes.
    fn pass_text(&mut self) -> bool {
        let mut at = plain_end(self.bytes, self.at + 1);
        let escaped = self.bytes.get(at) == Some(&b'\\');
        while self.bytes.get(at) == Some(&b'\\') {
            at = plain_end(self.bytes, at + 2);
        }
        self.at = at + 1;
        escaped
    }

    fn pass_container(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.pass_text();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Passes over a number, a truth value or null.
    fn pass_word(&mut self) {
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json::{Reader, Token};

    /// Keys and scalars in their order, as the reader reads them.
    fn read(text: &[u8]) -> Vec<String> {
        let (mut reader, mut seen) = (Reader::new(text, 0), Vec::new());
        while let Some(token) = reader.next().unwrap() {
            match token {
                Token::Key(key) => seen.push(format!("{key:?}")),
                Token::Scalar(scalar) => seen.push(format!("{:?}", Value::scalar(scalar))),
                Token::Open(_) | Token::Close(_) => {}
            }
        }
        seen
    }

    fn parts(value: &Value<'_>, seen: &mut Vec<String>) {
        match value {
            Value::Object(_) => value.members(&mut |key, member| {
                seen.push(format!("{key:?}"));
                parts(&member, seen);
                false
            }),
            Value::Array(_) => value.elements(&mut |element| {
                parts(&element, seen);
                false
            }),
            _ => seen.push(format!("{value:?}")),
        }
    }

    #[test]
    fn the_parts_are_what_the_reader_reads() {
        for text in [
            &br#"{}"#[..],
            br#"[ ]"#,
            br#"[0,-1.5e+3,true,false,null,"",[],{},[[1]]]"#,
            br#"{"a":1,"b":{"c":[2,{"d":3}],"e":""},"f":null}"#,
            br#"{ "a" : [ 1 , 2 ] , "b" : { } , "c" : "x" }"#,
            b"{\n\t\"a\"\r\n:\n-0\n,\"b\"\t:[\n1\n]\n}",
            br#"{"}":"]","{\"":"\\","[":["\\\"}",",:"],"\\":"\u0022,"}"#,
            br#"{"seven b":"eight by","nine byte":"more than \"eight\" bytes of text"}"#,
            b"[\"\xff\",\"a\x01\",{\"\xe2\x82\":\"\xc3\\u0041\"}]",
        ] {
            let mut seen = Vec::new();
            parts(&Value::exact(text).unwrap(), &mut seen);
            assert_eq!(seen, read(text), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_no_reader_has_accepted_ends_too() {
        let text = br#"{"a":[{"b":"\"c"},"d\\"],"e":tru"#;
        for end in 1..text.len() {
            let mut seen = Vec::new();
            parts(&Value::Object(&text[..end]), &mut seen);
            parts(&Value::Array(&text[..end]), &mut seen);
            assert!(seen.len() < text.len());
        }
    }
}
