//! The first bytes of a stream in, what kind of stream it is out. Names of files don't matter.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use zstd::stream::read::Decoder;

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

/// Bytes that are waited for, if what has come may be compressed.
pub(super) const CLOSELY: usize = 64;

/// Bytes that are looked at, if so many come at once.
pub(super) const START: usize = 8 << 10;

/// Bytes that a compressed stream begins with, by its format alone: a header of gzip, or the mark and the length of
/// a frame that zstd skips.
const HEADER: usize = 10;

/// What a text has behind those at least: less may look like text by chance.
const TEXT: usize = 16;

pub(super) fn detect(start: &[u8]) -> ContentType {
    match start {
        // The only method there is, and no flag that is kept free.
        [0x1f, 0x8b, 8, 0..=0x1f, ..]
            if !is_text(start) || gives_any(MultiGzDecoder::new(start)) =>
        {
            ContentType::Gzip
        }
        // A frame, or a skippable frame before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
            if !is_text(start) || Decoder::new(start).is_ok_and(gives_any) =>
        {
            ContentType::Zstd
        }
        [0xef, 0xbb, 0xbf, ..] => ContentType::Text { mark: 3 },
        _ => ContentType::Text { mark: 0 },
    }
}

/// Whether what begins as if it were compressed goes on as text: whoever writes a log's first line must not keep
/// the others from being read.
fn is_text(start: &[u8]) -> bool {
    let behind = start.get(HEADER..).unwrap_or_default();
    let is_text = |byte: &&u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let text = behind.iter().filter(is_text).count();
    // Of what is compressed about a third looks so.
    behind.len() >= TEXT && text >= behind.len() / 10 * 9
}

fn gives_any(mut decoder: impl Read) -> bool {
    decoder.read(&mut [0]).is_ok_and(|read| read > 0)
}

#[cfg(test)]
mod tests {
    use super::{ContentType, detect};

    /// A member of gzip with one stored block.
    const STORED: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\x18\0\xe7\xff{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";

    #[test]
    fn content_decides() {
        let cases: [(&[u8], ContentType); 14] = [
            (b"", ContentType::Text { mark: 0 }),
            (b"{}", ContentType::Text { mark: 0 }),
            (b"\xef\xbb\xbf{}", ContentType::Text { mark: 3 }),
            (b"\x1f\x8b\x08\0", ContentType::Gzip),
            (b"\x28\xb5\x2f\xfd\0", ContentType::Zstd),
            (b"\x50\x2a\x4d\x18\0", ContentType::Zstd),
            (b"{\"a\":\"\0\"}", ContentType::Text { mark: 0 }),
            (b"\0\0 noise\n{\"a\":1}\n", ContentType::Text { mark: 0 }),
            (b"BZhou signed in", ContentType::Text { mark: 0 }),
            // As if it were compressed, and then a log.
            (b"\x1f\x8b\x08\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", ContentType::Text { mark: 0 }),
            (b"\x28\xb5\x2f\xfd\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", ContentType::Text { mark: 0 }),
            (b"P*M\x18xxxx\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", ContentType::Text { mark: 0 }),
            // Texts that are packed as they are.
            (STORED, ContentType::Gzip),
            (
                b"\x28\xb5\x2f\xfd\x20\x18\xc1\0\0{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n",
                ContentType::Zstd,
            ),
        ];
        for (start, expected) in cases {
            assert_eq!(detect(start), expected, "{start:?}");
        }
    }
}
