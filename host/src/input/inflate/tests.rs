//! Files that are inflated at one go, and those that are left to the stream.

use std::io::{Read, Write};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, Crc, GzBuilder};
use proptest::prelude::*;

use super::{Inflated, Inflater};
use crate::input::batcher::{Sizes, space};

const SIZES: Sizes = Sizes { batch: 256, whole: 4096, record: 8192 };

const RECORD: &str = r#"{"eventName":"StopConfigurationRecorder"}"#;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn with_header(header: GzBuilder) -> Vec<u8> {
    let mut encoder = header.write(Vec::new(), Compression::default());
    encoder.write_all(RECORD.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// One byte of a file, counted from its end, changed.
fn changed(mut file: Vec<u8>, from_end: usize) -> Vec<u8> {
    let at = file.len() - from_end;
    file[at] ^= 1;
    file
}

/// The text, if it comes at one go; what is left to the stream begins with all that was read.
fn inflate(inflater: &mut Inflater, file: &[u8]) -> Option<Vec<u8>> {
    let (mut buffer, mut rest) = (Vec::new(), file);
    match inflater.inflate(&mut rest, file.len() as u64, &mut buffer, SIZES) {
        Inflated::Batch(length) => Some(space(&mut buffer, length, SIZES).unwrap().to_vec()),
        Inflated::Not(start) => {
            assert_eq!([&start, rest].concat(), file, "no byte is lost");
            None
        }
    }
}

#[test]
fn one_member_of_one_batch_comes_at_one_go() {
    let document = format!("{{\"Records\":[{RECORD}{}]}}", format!(",{RECORD}").repeat(60));
    let indented = document.replace(',', ",\n  ");
    let mut inflater = Inflater::default();
    for text in [RECORD, "not JSON", "\n", " \n{}\n", "{}\n{}\n", &document, &indented] {
        let found = inflate(&mut inflater, &gzip(text.as_bytes()));
        assert_eq!(found.as_deref(), Some(text.as_bytes()), "{text}");
    }
    let named = with_header(GzBuilder::new().filename("trail.json").mtime(1));
    assert_eq!(inflate(&mut inflater, &named).as_deref(), Some(RECORD.as_bytes()));
}

#[test]
fn everything_else_is_left_to_the_stream() {
    let one = gzip(RECORD.as_bytes());
    let trailer = &one[one.len() - 8..];
    let other = gzip(format!("{RECORD}\n").as_bytes());
    let cases = [
        ("nothing", Vec::new()),
        ("text", RECORD.into()),
        ("two members", [one.clone(), other].concat()),
        ("a member twice", one.repeat(2)),
        ("an empty member behind", [one.clone(), gzip(b"")].concat()),
        ("an empty member before", [gzip(b""), one.clone()].concat()),
        ("an empty member", gzip(b"")),
        ("bytes behind", [&one, "garbage".as_bytes()].concat()),
        ("zeros behind", [&one, [0; 512].as_slice()].concat()),
        ("the same end again", [&one, trailer].concat()),
        ("the same length again", [&one, &trailer[4..]].concat()),
        ("a member that ends alike", [&one, b"\x1f\x8b\x08garbage".as_slice(), trailer].concat()),
        ("cut off", one[..one.len() - 1].to_vec()),
        ("cut off early", one[..20].to_vec()),
        ("another CRC-32", changed(one.clone(), 8)),
        ("another length", changed(one.clone(), 4)),
        ("a length of 16 MiB", changed(one.clone(), 1)),
        ("other content", changed(one.clone(), 15)),
        ("an extra field", with_header(GzBuilder::new().extra("ab"))),
        ("a comment", with_header(GzBuilder::new().comment("ab"))),
        ("a byte order mark", gzip(b"\xef\xbb\xbf{}")),
        ("gzip in gzip", gzip(&one)),
        ("zstd in gzip", gzip(&zstd::encode_all(RECORD.as_bytes(), 1).unwrap())),
        ("lines", gzip(format!("{RECORD}\n").repeat(20).as_bytes())),
        ("blanks of a batch", gzip(format!("{:300}{RECORD}", "").as_bytes())),
        ("larger than a document may be", gzip(format!("{RECORD:5000}").as_bytes())),
    ];
    let mut inflater = Inflater::default();
    for (name, file) in cases {
        assert_eq!(inflate(&mut inflater, &file), None, "{name}");
    }
}

#[test]
fn lines_are_left_to_the_stream_however_long() {
    let sizes = Sizes { batch: 16 << 10, whole: 64 << 10, record: 64 << 10 };
    for length in [100, 10_000] {
        let text = format!("{RECORD:length$}\n").repeat(40_000 / length);
        let file = gzip(text.as_bytes());
        let (mut rest, mut buffer) = (file.as_slice(), Vec::new());
        let found = Inflater::default().inflate(&mut rest, file.len() as u64, &mut buffer, sizes);
        assert!(matches!(found, Inflated::Not(_)));
        // Short ones show early.
        assert_eq!(buffer.is_empty(), length == 100);
    }
}

#[test]
fn a_length_that_is_only_claimed_takes_no_room() {
    let bomb = gzip(&vec![b' '; 1 << 20]);
    let mut liar = gzip(b"{}");
    let end = liar.len() - 4;
    liar[end..].copy_from_slice(&8_000_000_u32.to_le_bytes());
    for file in [bomb, liar] {
        let mut buffer = Vec::new();
        let sizes = Sizes { whole: 1 << 19, ..Sizes::default() };
        let size = file.len() as u64;
        let found = Inflater::default().inflate(&mut file.as_slice(), size, &mut buffer, sizes);
        assert!(matches!(found, Inflated::Not(_)));
        assert_eq!(buffer.len(), 0);
    }
}

#[test]
fn a_file_that_grows_or_is_large_is_left_to_the_stream() {
    let file = gzip(RECORD.as_bytes());
    let mut buffer = Vec::new();
    for size in [0, file.len() as u64 - 1, super::LARGEST + 1] {
        let found = Inflater::default().inflate(&mut file.as_slice(), size, &mut buffer, SIZES);
        let by_size = size > super::LARGEST;
        assert_eq!(matches!(&found, Inflated::Not(start) if start.is_empty()), by_size, "{size}");
    }
}

/// Symbols that never occur are where the two ways differ.
#[test]
fn a_length_of_symbol_286_is_read_as_that_of_285() {
    let text = format!("{{\"a\":1}}{:259}", "");
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    let mut file = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    file.extend(b"\xab\x56\x4a\x54\xb2\x32\xac\x55\x18\x03\0");
    file.extend([crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat());
    assert_eq!(inflate(&mut Inflater::default(), &file).as_deref(), Some(text.as_bytes()));
    assert!(MultiGzDecoder::new(file.as_slice()).read_to_end(&mut Vec::new()).is_err());
}

/// Files of some members, with some changes.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        "[a-z{}\\[\\]\n ]{0,600}",
        (0usize..60).prop_map(|count| format!("[{}{RECORD}]", format!("{RECORD},").repeat(count))),
    ];
    let member = (text, 0u32..10).prop_map(|(text, level)| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    });
    let members = proptest::collection::vec(member, 1..3);
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2);
    let tail = prop_oneof![
        3 => Just(None),
        1 => any::<prop::sample::Index>().prop_map(Some),
    ];
    (members, changes, tail).prop_map(|(members, changes, tail)| {
        let mut file = members.concat();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some(tail) = tail {
            file.extend_from_within(tail.index(file.len())..);
        }
        file
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where the stream stops at a symbol that never occurs, the text is the one that was packed: a
    /// changed byte may have made such a symbol of the one before it.
    #[test]
    fn what_comes_at_one_go_is_what_the_stream_gives(file in files()) {
        if let Some(text) = inflate(&mut Inflater::default(), &file) {
            let mut streamed = Vec::new();
            match MultiGzDecoder::new(file.as_slice()).read_to_end(&mut streamed) {
                Ok(_) => prop_assert_eq!(text, streamed),
                Err(error) => {
                    prop_assert_eq!(error.to_string(), "corrupt deflate stream");
                    prop_assert!(text.starts_with(&streamed));
                    let mut crc = Crc::new();
                    crc.update(&text);
                    let trailer = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
                    prop_assert!(file.ends_with(&trailer));
                }
            }
        }
    }
}
