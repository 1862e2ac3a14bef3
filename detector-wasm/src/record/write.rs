//! In: texts. Out: JSON that holds them.

use super::copy::escape;

/// Appends `text` as a JSON string, quotes included. Only what JSON demands is escaped.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => escape(byte, out),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_reads_back_as_itself() {
        for text in ["", "plain", "q\"b\\", "é😀", "\n\r\t\u{0}\u{1f}\u{7f}\u{2028}"] {
            let mut out = Vec::new();
            super::text(text, &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
            assert!(!out.contains(&b'\n'));
        }
    }
}
