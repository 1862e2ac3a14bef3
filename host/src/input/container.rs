//! A file in; advice out if it is a container of another kind than text. Only a whole header shows that: what
//! somebody wrote into a log must not keep its records from being read, so a few letters at its begin don't,
//! and a stream, which may have begun with a damaged line, is read on in any case.

use super::content_type::{self, ContentType};
use super::raw::SeekableFile;

/// Bytes of a file's begin that are looked at.
const HEAD: usize = 4 << 10;

/// Bytes of a file's end that may hold a zip archive's end record: it has a comment.
const TAIL: usize = 22 + (1 << 16);

/// A file that is searched for records before it is called binary is no larger than this.
const SMALL: u64 = 1 << 20;

const BZIP2: &str =
    "compressed with bzip2; decompress it first, as with `bzcat FILE | tocsin scan -`";
const UTF_16: &str = "UTF-16 text; convert it to UTF-8 first, as with `iconv -f UTF-16 -t UTF-8`";
const LZ4: &str = "compressed with lz4; decompress it first, as with `lz4cat FILE | tocsin scan -`";
const XZ: &str = "compressed with xz; decompress it first, as with `xzcat FILE | tocsin scan -`";

/// What to do with a file of this size that holds no text.
pub(super) fn advice(file: &SeekableFile, size: u64) -> Option<&'static str> {
    let read = |at: u64, length: usize| {
        let mut bytes = vec![0; length];
        let read = file.read_at(&mut bytes, at).unwrap_or(0);
        bytes.truncate(read);
        bytes
    };
    let head = read(0, HEAD);
    let tail = |length: usize| read(size.saturating_sub(length as u64), length);
    match head.as_slice() {
        // What is compressed so is a stream's matter.
        head if !matches!(content_type::detect(head), ContentType::Text { .. }) => None,
        [0xff, 0xfe, _, 0, ..] | [0xfe, 0xff, 0, ..] => Some(UTF_16),
        [b'P', b'K', 3, 4, _, 0, ..] if is_zip(&tail(TAIL)) => {
            Some("a zip archive; unpack it first")
        }
        // Each block, and the end of an empty file, begins with digits of pi or of its square root.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(BZIP2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, flags @ ..] if is_xz(flags) => Some(XZ),
        // The version, and no bit that is kept free.
        [4, 0x22, 0x4d, 0x18, flags, block, ..]
            if flags >> 6 == 1 && flags & 2 == 0 && block & 0x8f == 0 =>
        {
            Some(LZ4)
        }
        head if is_snappy(head) => Some("compressed with snappy; decompress it first"),
        [b'P', b'A', b'R', b'1', ..] if is_parquet(&tail(8), size) => {
            Some("a Parquet file; export its records as JSON first")
        }
        [b'O', b'b', b'j', 1, rest @ ..]
            if memchr::memmem::find(rest, b"avro.schema").is_some() =>
        {
            Some("an Avro file; export its records as JSON first")
        }
        head if is_tar(head) => Some("a tar archive; unpack it first"),
        head if head.contains(&0) && size <= SMALL && is_binary(&read(0, SMALL as usize)) => {
            Some("binary data, not JSON text")
        }
        _ => None,
    }
}

/// Whether a file's end is a zip archive's end record, whose comment ends with the file.
fn is_zip(tail: &[u8]) -> bool {
    memchr::memmem::rfind(tail, b"PK\x05\x06").is_some_and(|at| {
        let record = tail.get(at..).unwrap_or_default();
        let comment = record.get(20..).and_then(<[u8]>::first_chunk::<2>);
        comment.is_some_and(|length| record.len() == 22 + usize::from(u16::from_le_bytes(*length)))
    })
}

/// Whether snappy's whole stream identifier stands there, and behind it data, padding or a chunk that may be skipped.
fn is_snappy(head: &[u8]) -> bool {
    let chunk = head.strip_prefix(b"\xff\x06\0\0sNaPpY").map(<[u8]>::first);
    matches!(chunk, Some(None | Some(0 | 1 | 0x80..=0xff)))
}

/// Whether a file ends with a Parquet file's mark, before it the length of a footer that has its place in the file.
fn is_parquet(tail: &[u8], size: u64) -> bool {
    let length = tail.strip_suffix(b"PAR1").and_then(<[u8]>::first_chunk::<4>);
    length.is_some_and(|length| u64::from(u32::from_le_bytes(*length)) + 12 <= size)
}

/// Whether xz's stream flags have their CRC-32 behind them.
fn is_xz(flags: &[u8]) -> bool {
    let Some((flags, rest)) = flags.split_first_chunk::<2>() else { return false };
    let mut crc = u32::MAX;
    for byte in flags {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    rest.first_chunk() == Some(&(!crc).to_le_bytes())
}

/// Whether the first block is a header with its own checksum: the sum of its bytes, those of the checksum
/// taken as blanks.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else { return false };
    let (before, rest) = header.split_at(148);
    let (field, behind) = rest.split_at(8);
    let sum: u32 = before.iter().chain(behind).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    let digits: String = field.iter().map(|byte| char::from(*byte)).collect();
    let digits = digits.trim_matches([' ', '\0']);
    header[0] != 0 && !digits.is_empty() && u32::from_str_radix(digits, 8) == Ok(sum)
}

/// Whether no object begins anywhere.
fn is_binary(bytes: &[u8]) -> bool {
    !memchr::memchr_iter(b'{', bytes).any(|at| tocsin_boundary::begins_object(bytes, at))
}
