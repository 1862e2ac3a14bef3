//! In: texts. Out: JSON that holds them.

use super::copy::escape;
use super::words::{first_special, unprintable};

/// Appends `text` as a JSON string, quotes included. Only what JSON demands is escaped.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len().saturating_add(2));
    out.push(b'"');
    match special(bytes, first_special) {
        None => out.extend_from_slice(bytes),
        Some(at) => escaped(bytes, at, out),
    }
    out.push(b'"');
}

/// Appends what stands between a JSON string's quotes, if it is ASCII without anything that JSON wants
/// escaped, as a JSON string. Otherwise says false.
pub(crate) fn plain(raw: &[u8], out: &mut Vec<u8>) -> bool {
    // Bytes beyond ASCII are treated like those that need an escape.
    if special(raw, |word| first_special(word) | unprintable(word)).is_some() {
        return false;
    }
    out.reserve(raw.len().saturating_add(2));
    out.push(b'"');
    out.extend_from_slice(raw);
    out.push(b'"');
    true
}

/// Appends the text with escapes; the first byte that wants one is known.
#[inline(never)] // most texts want none
fn escaped(bytes: &[u8], first: usize, out: &mut Vec<u8>) {
    let (mut rest, mut next) = (bytes, Some(first));
    while let Some(at) = next {
        let (plain, behind) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((special, behind)) = behind.split_first() else { return };
        match special {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *special]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => escape(*special, out),
        }
        (rest, next) = (behind, self::special(behind, first_special));
    }
    out.extend_from_slice(rest);
}

/// Where the first byte is that a test of words finds.
#[inline(always)]
fn special(bytes: &[u8], test: impl Fn(u64) -> u64) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    for (place, word) in words.iter().enumerate() {
        let found = test(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(place * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    // The last bytes as one word, which may have bytes before them in it.
    let word = match (bytes.last_chunk(), rest.first_chunk(), rest.last_chunk()) {
        _ if rest.is_empty() => return None,
        (Some(word), ..) => Some(u64::from_le_bytes(*word)),
        (None, Some(begin), Some(end)) => {
            Some(u64::from(u32::from_le_bytes(*begin)) | u64::from(u32::from_le_bytes(*end)) << 32)
        }
        _ => None,
    };
    if word.is_some_and(|word| test(word) == 0) {
        return None;
    }
    let at = rest.iter().position(|byte| test(u64::from_le_bytes([*byte; 8])) != 0)?;
    Some(bytes.len() - rest.len() + at)
}

/// Appends a list, each item by `item`.
pub(crate) fn list<T>(items: &[T], out: &mut Vec<u8>, mut item: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (place, one) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        item(one, out);
    }
    out.push(b']');
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
            "\"",
            "ab\\",
            "four\n",
            "seven\t7",
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

    #[test]
    fn what_stands_in_a_record_is_copied_if_it_is_plain() {
        for (raw, plain) in [
            (&b""[..], true),
            (b"plain and more than eight", true),
            (b"\x7f", true),
            (b"a \\ b", false),
            (b"\x01", false),
            ("longer and \u{e9}".as_bytes(), false),
            (b"\xff", false),
        ] {
            let mut out = Vec::new();
            assert_eq!(super::plain(raw, &mut out), plain);
            assert_eq!(out, if plain { [b"\"", raw, b"\""].concat() } else { Vec::new() });
        }
    }
}
