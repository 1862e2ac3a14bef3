//! In: a record as it came. Out: the same bytes, as one line of valid JSON.

use super::words::first_control;

/// Appends `record`, which the reader has accepted: line breaks between tokens become spaces,
/// invalid UTF-8 becomes U+FFFD, raw control characters in strings become escapes.
pub(crate) fn one_line(record: &[u8], out: &mut Vec<u8>) {
    if let (Ok(text), false) = (std::str::from_utf8(record), has_control(record)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.reserve(record.len());
    let mut place = Place::Outside;
    for chunk in record.utf8_chunks() {
        place = copy(chunk.valid().as_bytes(), place, out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Whether a control character is among the bytes.
fn has_control(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<32>();
    blocks.iter().any(|block| {
        let (words, _) = block.as_chunks();
        let first = |word: &[u8; 8]| first_control(u64::from_le_bytes(*word));
        words.iter().fold(0, |found, word| found | first(word)) != 0
    }) || rest.iter().any(|byte| *byte < 0x20)
}

/// Where in the JSON text the copy stands.
#[derive(Clone, Copy)]
enum Place {
    Outside,
    InString,
    AfterBackslash,
}

fn copy(bytes: &[u8], mut place: Place, out: &mut Vec<u8>) -> Place {
    for byte in bytes {
        place = match (place, byte) {
            (Place::Outside, b'"') | (Place::AfterBackslash, _) => Place::InString,
            (Place::InString, b'"') => Place::Outside,
            (Place::InString, b'\\') => Place::AfterBackslash,
            (place, _) => place,
        };
        match (place, byte) {
            (Place::Outside, b'\n' | b'\r') => out.push(b' '),
            (Place::Outside, b'\t') => out.push(b'\t'),
            (_, 0..0x20) => escape(*byte, out),
            _ => out.push(*byte),
        }
    }
    place
}

/// Appends a control character as `\u00hh`.
pub(crate) fn escape(control: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\\u00");
    for digit in [control >> 4, control & 15] {
        out.push(if digit < 10 { b'0' + digit } else { b'a' + (digit - 10) });
    }
}

#[cfg(test)]
mod tests {
    fn copied(record: &[u8]) -> String {
        let mut out = Vec::new();
        super::one_line(record, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_valid_stays_byte_for_byte() {
        let record = r#"{"a": "x\"\\\u00e9\n é", "b" : [1 ]}"#;
        assert_eq!(copied(record.as_bytes()), record);
    }

    #[test]
    fn what_a_line_cannot_hold_is_mended() {
        assert_eq!(
            copied(b"{\n\t\"a\":\"\t\x01\xff\"\r\n}"),
            "{ \t\"a\":\"\\u0009\\u0001\u{fffd}\"  }"
        );
    }
}
