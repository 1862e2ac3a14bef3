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
}

/// Bytes that are enough to tell.
pub(super) const ENOUGH: usize = 8;

/// Bytes that are looked at, if so many come at once.
pub(super) const START: usize = 8 << 10;

pub(super) fn detect(start: &[u8]) -> ContentType {
    match start {
        // The only method there is, and no flag that is kept free.
        [0x1f, 0x8b, 8, 0..=0x1f, ..] => ContentType::Gzip,
        // A frame, or a skippable frame before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => ContentType::Zstd,
        [0xef, 0xbb, 0xbf, ..] => ContentType::Text { mark: 3 },
        _ => ContentType::Text { mark: 0 },
    }
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
            (b"\x1f\x8b\x08\0", ContentType::Gzip),
            (b"\x28\xb5\x2f\xfd\0", ContentType::Zstd),
            (b"\x50\x2a\x4d\x18\0", ContentType::Zstd),
            (b"{\"a\":\"\0\"}", ContentType::Text { mark: 0 }),
            (b"\0\0 noise\n{\"a\":1}\n", ContentType::Text { mark: 0 }),
            (b"BZhou signed in", ContentType::Text { mark: 0 }),
        ];
        for (start, expected) in cases {
            assert_eq!(detect(start), expected, "{start:?}");
        }
    }
}
