//! In: texts. Out: JSON that holds them.

use super::copy::escape;
use super::words::{any_control, first_equal};

/// Appends `text` as a JSON string, quotes included. Only what JSON demands is escaped.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some((plain, special, behind)) = split(rest) {
        out.extend_from_slice(plain);
        match special {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', special]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => escape(special, out),
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// The first byte that JSON wants escaped, what stands before it, and what stands behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (words, _) = bytes.as_chunks::<8>();
    let plain = words.iter().position(|word| {
        let word = u64::from_le_bytes(*word);
        any_control(word) || first_equal(word, b'"') | first_equal(word, b'\\') != 0
    });
    let from = plain.unwrap_or(words.len()) * 8;
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let at = from + bytes.get(from..)?.iter().position(special)?;
    Some((bytes.get(..at)?, *bytes.get(at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_reads_back_as_itself() {
        for text in [
            "",
            "plain",
            "eight by\u{1}eight by",
            "more than eight \" é \\ and more",
            "q\"b\\",
            "é😀",
            "\n\r\t\u{0}\u{1f}\u{7f}\u{2028}",
        ] {
            let mut out = Vec::new();
            super::text(text, &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            assert!(!out.contains(&b'\n'));
        }
    }
}
