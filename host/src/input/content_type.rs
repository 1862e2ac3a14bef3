//! The first bytes of a stream in, what kind of stream it is out. Names of files don't matter.

/// What a stream begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentType {
    /// Text; this many bytes of byte order mark come first.
    Text {
        mark: usize,
    },
    Gzip,
    Zstd,
    /// Nothing Tocsin reads, with advice.
    Foreign(&'static str),
}

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 8;

/// Bytes that are looked at, if so many come at once.
pub(super) const START: usize = 8 << 10;

/// Beginnings of files that hold no text, and what to do.
const FOREIGN: [(&[u8], &str); 9] = [
    (b"\xff\xfe", "UTF-16 text; convert it to UTF-8 first, as with `iconv -f UTF-16 -t UTF-8`"),
    (b"\xfe\xff", "UTF-16 text; convert it to UTF-8 first, as with `iconv -f UTF-16 -t UTF-8`"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"BZh", "compressed with bzip2; decompress it first, as with `bzcat FILE | tocsin scan -`"),
    (
        b"\xfd7zXZ\0",
        "compressed with xz; decompress it first, as with `xzcat FILE | tocsin scan -`",
    ),
    (
        b"\x04\x22\x4d\x18",
        "compressed with lz4; decompress it first, as with `lz4cat FILE | tocsin scan -`",
    ),
    (b"\xff\x06\0\0sNaPpY", "compressed with snappy; decompress it first"),
    (b"PAR1", "a Parquet file; export its records as JSON first"),
    (b"Obj\x01", "an Avro file; export its records as JSON first"),
];

pub(super) fn detect(start: &[u8]) -> ContentType {
    let foreign = FOREIGN.iter().find(|(magic, _)| start.starts_with(magic));
    match start {
        [0x1f, 0x8b, ..] => ContentType::Gzip,
        // A frame, or a skippable frame before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => ContentType::Zstd,
        _ if let Some((_, advice)) = foreign => ContentType::Foreign(advice),
        _ if is_binary(start) => ContentType::Foreign("binary data, not JSON text"),
        [0xef, 0xbb, 0xbf, ..] => ContentType::Text { mark: 3 },
        _ => ContentType::Text { mark: 0 },
    }
}

/// Whether this holds bytes that no text has, and no line of it begins like a record. A record with
/// such bytes inside is a matter of that record, not of the file.
fn is_binary(start: &[u8]) -> bool {
    start.contains(&0)
        && !start
            .split(|byte| *byte == b'\n')
            .any(|line| matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')))
}

#[cfg(test)]
mod tests {
    use super::{ContentType, detect};

    #[test]
    fn content_decides() {
        let cases: [(&[u8], ContentType); 9] = [
            (b"", ContentType::Text { mark: 0 }),
            (b"{}", ContentType::Text { mark: 0 }),
            (b"\xef\xbb\xbf{}", ContentType::Text { mark: 3 }),
            (b"\x1f\x8b\x08", ContentType::Gzip),
            (b"\x28\xb5\x2f\xfd\0", ContentType::Zstd),
            (b"\x50\x2a\x4d\x18\0", ContentType::Zstd),
            (b"{\"a\":\"\0\"}", ContentType::Text { mark: 0 }),
            (b"\0\0 noise\n{\"a\":1}\n", ContentType::Text { mark: 0 }),
            (b"\x7fELF\x02\x01\x01\0\0\0", ContentType::Foreign("binary data, not JSON text")),
        ];
        for (start, expected) in cases {
            assert_eq!(detect(start), expected, "{start:?}");
        }
        assert!(
            matches!(detect(b"\xff\xfe{\0}\0"), ContentType::Foreign(text) if text.contains("UTF-16"))
        );
        assert!(
            matches!(detect(b"PK\x03\x04"), ContentType::Foreign(text) if text.contains("zip"))
        );
    }
}
