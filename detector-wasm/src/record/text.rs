//! In: the bytes between a JSON string's quotes. Out: the text they stand for.

use std::borrow::Cow;

/// A JSON string as it stands in the record, its escapes untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Text<'a> {
    /// The bytes between the quotes, and whether there is a backslash among them.
    pub(crate) fn new(raw: &'a [u8], escaped: bool) -> Text<'a> {
        Text { raw, escaped }
    }

    /// The text, with escapes resolved; invalid UTF-8 and lone surrogates read as U+FFFD.
    pub(crate) fn decode(&self) -> Cow<'a, str> {
        if !self.escaped {
            // Reading plain text as what it most likely is takes a fraction of the time.
            return match std::str::from_utf8(self.raw) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(self.raw),
            };
        }
        let mut bytes = Vec::with_capacity(self.raw.len());
        unescape(self.raw, &mut bytes);
        match String::from_utf8(bytes) {
            Ok(text) => Cow::Owned(text),
            Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        }
    }

    /// Appends the bytes that the text's spelling stands for. They needn't be UTF-8.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        match self.escaped {
            true => unescape(self.raw, out),
            false => out.extend_from_slice(self.raw),
        }
    }

    /// How many bytes stand between the quotes.
    pub(crate) fn raw_len(&self) -> usize {
        self.raw.len()
    }

    /// Whether a backslash is among the bytes.
    pub(crate) fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The bytes, if no escape stands for others. They needn't be UTF-8.
    pub(crate) fn unescaped(&self) -> Option<&'a [u8]> {
        (!self.escaped).then_some(self.raw)
    }

    /// The text, if it may be no longer than so many bytes: an escape takes six at most for one.
    pub(crate) fn decode_within(&self, longest: usize) -> Option<Cow<'a, str>> {
        (self.raw.len() <= longest.saturating_mul(6)).then(|| self.decode())
    }

    /// Whether the text is exactly `other`. Allocates only where an escape stands in the way.
    #[inline]
    pub(crate) fn equals(&self, other: &str) -> bool {
        if !self.escaped {
            // Equal bytes are equal texts. Other bytes only are where some of them read as U+FFFD, which
            // takes no less room than they do.
            let other = other.as_bytes();
            if self.raw.len() > other.len() {
                return false;
            }
            let may_begin = match (self.raw.first(), other.first()) {
                (Some(first), Some(begins)) => first == begins || *begins == REPLACEMENT_BEGINS,
                _ => false,
            };
            return self.raw == other
                || may_begin
                    && other.contains(&REPLACEMENT_BEGINS)
                    && String::from_utf8_lossy(self.raw).as_bytes() == other;
        }
        // No byte of a text takes more than the six of an escape.
        if self.raw.len() > other.len().saturating_mul(6) {
            return false;
        }
        self.decode() == other
    }
}

/// The first byte of U+FFFD in UTF-8.
const REPLACEMENT_BEGINS: u8 = 0xef;

/// Appends what the escapes of `raw` stand for. Unknown escapes keep their letter; the reader has
/// refused them before anybody gets here.
fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some(letter) = escape.get(1) else { return };
        rest = escape.get(2..).unwrap_or_default();
        match letter {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (character, used) = code_point(rest);
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                rest = rest.get(used..).unwrap_or_default();
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(rest);
}

/// The character after `\u`, and how many bytes of `rest` it takes: 4, or 10 for a surrogate pair.
fn code_point(rest: &[u8]) -> (char, usize) {
    let Some(first) = hex4(rest) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if (0xd800..0xdc00).contains(&first)
        && rest.get(4..6) == Some(b"\\u")
        && let Some(second) = rest.get(6..).and_then(hex4)
        && (0xdc00..0xe000).contains(&second)
    {
        let joined = 0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
        return (char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER), 10);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
}

/// The number that a text's first four bytes are, as hex digits.
pub(crate) fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    let mut value = 0;
    for digit in digits {
        value = value * 16 + char::from(*digit).to_digit(16)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        Text::new(raw.as_bytes(), raw.contains('\\')).decode().into_owned()
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(text(r#"a\"b\\c\/d\n\u0041"#), "a\"b\\c/d\nA");
        assert_eq!(text(r"\ud83d\ude00"), "😀");
        assert_eq!(text(r"\ud83dx"), "\u{fffd}x");
        assert_eq!(text(r"\ude00\ud83d\u0041"), "\u{fffd}\u{fffd}A");
    }

    #[test]
    fn an_escaped_name_equals_the_plain_one() {
        let name = Text::new(br"Stop\u0043onfigurationRecorder", true);
        assert!(name.equals("StopConfigurationRecorder"));
        assert!(!name.equals("stopConfigurationRecorder"));
    }

    #[test]
    fn invalid_utf8_reads_as_replacement() {
        assert_eq!(Text::new(b"a\xffb", false).decode(), "a\u{fffd}b");
        assert!(Text::new(b"a\xffb", false).equals("a\u{fffd}b"));
        assert!(Text::new(b"\xf0\x9f\x98", false).equals("\u{fffd}"));
        assert!(Text::new(b"", false).equals("") && !Text::new(b"", false).equals("\u{fffd}"));
        assert!(Text::new("\u{fffd}".as_bytes(), false).equals("\u{fffd}"));
        assert!(!Text::new(b"a\xffb", false).equals("a\u{fffc}b"));
    }
}
