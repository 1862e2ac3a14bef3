//! In: a record's bytes. Out: the same with printable characters written as themselves, so that a text without quotes,
//! backslashes and slashes stands in them if it stands in one of the record's texts.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::record::text::hex4;

/// A sign whose lower case is `k`.
const KELVIN: char = '\u{212a}';

/// The bytes, copied only if a printable character or a Kelvin sign is written in another way.
pub(super) fn as_written(record: &[u8]) -> Cow<'_, [u8]> {
    let bytes = match first_escape(record) {
        Some(_) => Cow::Owned(unescaped(record)),
        None => Cow::Borrowed(record),
    };
    let mut buffer = [0; 4];
    let kelvin = KELVIN.encode_utf8(&mut buffer).as_bytes();
    if memmem::find(&bytes, kelvin).is_none() {
        return bytes;
    }
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = &*bytes;
    while let Some(at) = memmem::find(rest, kelvin) {
        replaced.extend_from_slice(rest.get(..at).unwrap_or_default());
        replaced.push(b'k');
        rest = rest.get(at + kelvin.len()..).unwrap_or_default();
    }
    replaced.extend_from_slice(rest);
    Cow::Owned(replaced)
}

/// Where an escape stands that means a printable character or the Kelvin sign.
fn first_escape(record: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'\\', record.get(at..)?)?;
        if means(record, at).is_some() {
            return Some(at);
        }
        at += 2;
    }
}

/// The byte that the escape at a place means, if it is one of those that matter.
fn means(record: &[u8], at: usize) -> Option<u8> {
    let digits = record.get(at..)?.strip_prefix(b"\\u")?;
    match char::from_u32(hex4(digits)?)? {
        c @ ' '..='~' => Some(c as u8),
        KELVIN => Some(b'k'),
        _ => None,
    }
}

fn unescaped(record: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len());
    let mut rest = record;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let length = match means(rest, at) {
            Some(byte) => {
                out.push(byte);
                6
            }
            None => {
                out.extend_from_slice(rest.get(at..at + 2).unwrap_or_default());
                2
            }
        };
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::as_written;

    #[test]
    fn printable_characters_are_themselves() {
        for (text, expected) in [
            (r#"{"a":"plain"}"#, r#"{"a":"plain"}"#),
            (r#"{"a":"\u0073top\\u0041\n"}"#, r#"{"a":"stop\\u0041\n"}"#),
            (r"\u00ae\u212a\u212Ax", r"\u00aekkx"),
            ("bac\u{212a}up\u{2120}", "backup\u{2120}"),
            (r"\", r"\"),
            (r"a\u00", r"a\u00"),
        ] {
            assert_eq!(as_written(text.as_bytes()).as_ref(), expected.as_bytes(), "{text}");
        }
    }
}
