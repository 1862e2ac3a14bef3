//! In: a record as it came. Out: the same bytes, as one line of valid JSON.

use super::words::{first_control, unprintable};

/// Appends `record`, which the reader has accepted: line breaks between tokens become spaces,
/// invalid UTF-8 becomes U+FFFD, raw control characters in strings become escapes.
pub(crate) fn one_line(record: &[u8], out: &mut Vec<u8>) {
    // Nearly all records are; asking whether one is valid UTF-8 takes longer.
    let is_printable = !any_word(record, unprintable);
    if is_printable || (std::str::from_utf8(record).is_ok() && !any_word(record, first_control)) {
        out.extend_from_slice(record);
        return;
    }
    out.reserve(record.len());
    let mut place = Position::Outside;
    for chunk in record.utf8_chunks() {
        place = copy(chunk.valid().as_bytes(), place, out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// Whether a test finds something in one of the bytes, a word of them at a time.
#[inline(always)]
fn any_word(bytes: &[u8], test: fn(u64) -> u64) -> bool {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let found = |word: &[u8; 8]| test(u64::from_le_bytes(*word));
    let in_block =
        |block: &[u8; 32]| block.as_chunks().0.iter().fold(0, |all, one| all | found(one));
    let last = rest.iter().map(|byte| test(u64::from_le_bytes([*byte; 8])));
    blocks.iter().any(|block| in_block(block) != 0) || last.fold(0, |all, one| all | one) != 0
}

/// Where in the JSON text the copy stands.
#[derive(Clone, Copy)]
enum Position {
    Outside,
    InString,
    AfterBackslash,
}

fn copy(bytes: &[u8], mut place: Position, out: &mut Vec<u8>) -> Position {
    for byte in bytes {
        place = match (place, byte) {
            (Position::Outside, b'"') | (Position::AfterBackslash, _) => Position::InString,
            (Position::InString, b'"') => Position::Outside,
            (Position::InString, b'\\') => Position::AfterBackslash,
            (place, _) => place,
        };
        match (place, byte) {
            (Position::Outside, b'\n' | b'\r') => out.push(b' '),
            (Position::Outside, b'\t') => out.push(b'\t'),
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
    fn each_byte_counts() {
        for length in 1..80 {
            for (at, byte) in
                (0..length).flat_map(|at| [0, 0x1f, 0x20, 0x7f, 0x80, 0xff].map(|b| (at, b)))
            {
                let mut text = vec![b'a'; length];
                text[at] = byte;
                let mut record = [b"\"", &text[..], b"\""].concat();
                let kept = (0x20..0x80).contains(&byte);
                assert_eq!(
                    copied(&record).as_bytes() == record,
                    kept,
                    "{byte} at {at} of {length}"
                );
                // What isn't ASCII may be right.
                record.splice(at + 1..at + 2, "é".bytes());
                assert_eq!(copied(&record).as_bytes(), record);
            }
        }
    }

    #[test]
    fn what_a_line_cannot_hold_is_mended() {
        assert_eq!(
            copied(b"{\n\t\"a\":\"\t\x01\xff\"\r\n}"),
            "{ \t\"a\":\"\\u0009\\u0001\u{fffd}\"  }"
        );
    }
}
