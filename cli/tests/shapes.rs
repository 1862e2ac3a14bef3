//! Every shape in which records come, and every way in which they are broken: how many records are
//! seen, how many fail, and which problems are reported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Folder, RECORD, lines, scan};

/// What `aws logs filter-log-events` writes, for reading.
fn filter_log_events(records: usize) -> String {
    let text = serde_json::to_string(RECORD).unwrap();
    let event = format!(
        "        {{\n            \"logStreamName\": \"trail\",\n            \"timestamp\": 1772000000000,\n            \
         \"message\": {text},\n            \"ingestionTime\": 1772000000001,\n            \"eventId\": \"1\"\n        }}"
    );
    let events = vec![event; records].join(",\n");
    format!("{{\n    \"events\": [\n{events}\n    ],\n    \"searchedLogStreams\": []\n}}\n")
}

/// What Elasticsearch answers to a search.
fn search_hits(records: usize) -> String {
    let hit = format!("{{\"_index\":\"trail\",\"_id\":\"1\",\"_source\":{RECORD}}}");
    let hits = vec![hit; records].join(",");
    format!(
        "{{\"took\":5,\"hits\":{{\"total\":{{\"value\":{records},\"relation\":\"eq\"}},\"hits\":[{hits}]}}}}\n"
    )
}

/// A name, the bytes, and the records in it that can be judged.
fn whole() -> Vec<(&'static str, Vec<u8>, u64)> {
    let two = format!("{RECORD},{RECORD}");
    let text = serde_json::to_string(RECORD).unwrap();
    let pretty = serde_json::to_string_pretty(
        &serde_json::from_str::<serde_json::Value>(&format!("{{\"Records\":[{two}]}}")).unwrap(),
    )
    .unwrap();
    let cases: Vec<(&str, String, u64)> = vec![
        ("nothing", String::new(), 0),
        ("blank lines", "\n \r\n\n".into(), 0),
        ("one line", format!("{RECORD}\n"), 1),
        ("no last line end", format!("{RECORD}\n{RECORD}"), 2),
        ("CRLF", format!("{RECORD}\r\n{RECORD}\r\n"), 2),
        ("blank lines between", format!("{RECORD}\n\n\n{RECORD}\n"), 2),
        ("byte order mark", format!("\u{feff}{RECORD}\n{RECORD}\n"), 2),
        ("an array", format!("[{two}]"), 2),
        ("an empty array", "[]".into(), 0),
        ("an array over several lines", format!("[\n{RECORD},\n{RECORD}\n]\n"), 2),
        ("a CloudTrail file", format!("{{\"Records\":[{two}]}}"), 2),
        ("a CloudTrail file for reading", pretty, 2),
        ("CloudTrail files, one a line", format!("{{\"Records\":[{two}]}}\n").repeat(3), 6),
        ("a record over several lines", format!("{{\n\"a\":\n{RECORD}\n}}\n"), 1),
        ("EventBridge", format!("{{\"detail-type\":\"x\",\"detail\":{RECORD}}}\n"), 1),
        (
            "CloudWatch Logs",
            format!(
                "{{\"messageType\":\"DATA_MESSAGE\",\"logEvents\":[{{\"id\":\"1\",\"message\":{text}}}]}}"
            ),
            1,
        ),
        ("a shipper's wrapper", format!("{{\"log\":{text}}}\n{{\"message\":{text}}}\n"), 2),
        ("SNS", format!("{{\"Type\":\"Notification\",\"Message\":{text}}}\n"), 1),
        ("SQS", format!("{{\"Messages\":[{{\"Body\":{text}}},{{\"Body\":{text}}}]}}"), 2),
        ("equal keys", "{\"a\":1,\"a\":2}\n".into(), 1),
        ("a lone surrogate", "{\"a\":\"\\ud800\"}\n".into(), 1),
        (
            "deep nesting",
            format!("{{\"a\":{}{}}}\n{RECORD}\n", "[".repeat(10_000), "]".repeat(10_000)),
            2,
        ),
        ("many batches", lines(30_000), 30_000),
        ("a search of Elasticsearch", search_hits(2), 2),
        // What stands around the list may be a record, too.
        ("one larger than what is read at once", search_hits(100_000), 100_001),
        ("filter-log-events, larger than what is read at once", filter_log_events(20_000), 20_000),
    ];
    let mut cases: Vec<_> =
        cases.into_iter().map(|(name, text, records)| (name, text.into_bytes(), records)).collect();
    cases.push(("invalid UTF-8", b"{\"a\":\"\xff\xfe\"}\n".to_vec(), 1));
    cases.push(("a zero byte in a string", b"{\"a\":\"\0\"}\n".to_vec(), 1));
    cases
}

#[test]
fn records_in_any_shape_are_counted() {
    for (name, bytes, records) in whole() {
        let ran = scan(&["-"], &bytes);
        assert_eq!(ran.counts(), (0, records, 0, 0), "{name}: {ran:?}");
        assert_eq!(ran.problems, [""; 0], "{name}");
        // A byte order mark is no part of the text.
        let mark = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        assert_eq!(ran.figure("bytes"), bytes.len() as u64 - mark, "{name}");
    }
}

#[test]
fn a_bad_record_costs_itself_alone() {
    // Reading may come as far as into the next lines before it's plain that one was cut off.
    let bad = [
        ("not JSON", "not json at all"),
        ("cut off in a string", r#"{"eventName":"Stop"#),
        ("cut off after a colon", r#"{"eventName":"#),
        ("cut off after a value", r#"{"eventName":"x""#),
        ("cut off after a comma", r#"{"eventName":"x","#),
        ("cut off in an array", r#"{"resources":[{"#),
        ("a bad escape", r#"{"a":"\q"}"#),
        ("a bad number", r#"{"a":01}"#),
        ("a comma too many", r#"{"a":1,}"#),
        ("the wrong bracket", r#"{"a":[1}"#),
        ("a value alone", "42"),
    ];
    for (name, line) in bad {
        let text = format!("{RECORD}\n{RECORD}\n{line}\n{RECORD}\n{RECORD}\n");
        let ran = scan(&["-"], text.as_bytes());
        assert_eq!(ran.counts(), (1, 5, 1, 0), "{name}: {ran:?}");
        assert_eq!(ran.problems.len(), 1, "{name}: {ran:?}");
        let problem = &ran.problems[0];
        let line = problem.split(':').nth(1).unwrap();
        assert!(["3", "4", "5"].contains(&line), "{name}: {problem}");
        assert!(problem.contains(": record 3, byte "), "{name}: {problem}");
    }
}

#[test]
fn a_bad_record_is_placed_by_line_column_record_and_byte() {
    let good = lines(20_000);
    let text = format!("{good}{{\"a\": tru}}\n{good}");
    let ran = scan(&["-"], text.as_bytes());
    assert_eq!(ran.counts(), (1, 40_001, 1, 0), "{ran:?}");
    let [problem] = ran.problems.as_slice() else { panic!("{ran:?}") };
    let rest = problem.strip_prefix("<stdin>:20001:").expect(problem);
    let (column, rest) = rest.split_once(": record 20001, byte ").expect(rest);
    let (byte, reason) = rest.split_once(": ").expect(rest);
    let (column, byte): (usize, usize) = (column.parse().unwrap(), byte.parse().unwrap());
    assert_eq!(byte + 1, good.len() + column);
    assert!((6..=10).contains(&column), "{problem}");
    assert!(!reason.is_empty());
}

#[test]
fn a_record_over_the_limit_is_skipped_and_reported_once() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(3 << 20));
    let shapes = [
        format!("{RECORD}\n{large}\n{RECORD}\n"),
        format!("[{RECORD},{large},{RECORD}]"),
        format!("{{\"Records\":[{RECORD},{large},{RECORD}]}}"),
    ];
    for shape in shapes {
        let ran = scan(&["--max-record", "1M", "-"], shape.as_bytes());
        assert_eq!(ran.counts(), (1, 3, 0, 1), "{ran:?}");
        let [problem] = ran.problems.as_slice() else { panic!("{ran:?}") };
        assert!(problem.contains(": record 2, byte "), "{problem}");
        assert!(
            problem.ends_with("the record is larger than 1048576 bytes; --max-record allows more")
        );
    }
}

#[test]
fn a_file_that_is_no_text_is_refused_as_a_whole_and_a_stream_is_read_on() {
    let mut tar = vec![0; 1024];
    tar[..5].copy_from_slice(b"a.txt");
    tar[148..156].copy_from_slice(b"        ");
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut zip = b"PK\x03\x04\x14\0\0\0".to_vec();
    zip.extend_from_slice(b"PK\x05\x06");
    zip.extend_from_slice(&[0; 18]);
    let cases: [(&[u8], &str); 8] = [
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "binary data, not JSON text"),
        (b"\xff\xfe{\0}\0", "UTF-16 text; convert it to UTF-8 first"),
        (&zip, "a zip archive; unpack it first"),
        (&tar, "a tar archive; unpack it first"),
        (b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46", "compressed with xz; decompress it first"),
        (b"BZh91AY&SYrest", "compressed with bzip2; decompress it first"),
        (b"\x04\x22\x4d\x18\x64\x40\xa7", "compressed with lz4; decompress it first"),
        (b"PAR1\0\0\0\0PAR1", "a Parquet file; export its records as JSON first"),
    ];
    let folder = Folder::new();
    let path = folder.path().join("file");
    for (bytes, expected) in cases {
        folder.file("file", bytes);
        let ran = scan(&[&path], b"");
        assert_eq!(ran.counts(), (1, 0, 0, 0), "{ran:?}");
        let [problem] = ran.problems.as_slice() else { panic!("{ran:?}") };
        assert!(problem.contains(expected), "{problem}");
        let stream = [bytes, b"\n", RECORD.as_bytes(), b"\n"].concat();
        let ran = scan(&["-"], &stream);
        assert_eq!(ran.counts(), (1, 2, 1, 0), "{ran:?}");
    }
}

#[test]
fn what_only_begins_like_a_container_is_read() {
    let folder = Folder::new();
    let path = folder.path().join("file");
    for first in [
        "BZhou signed in".as_bytes(),
        b"PAR1",
        b"PK\x03\x04\x14\0",
        b"Obj\x01",
        b"\0",
        b"\xff\xfe",
        b"\x1f\x8b",
        // Headers of compressed streams, of which a log follows; the third is a frame of two gigabytes to be skipped.
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"P*M\x18xxxx",
        b"\xff\x06\0\0sNaPpY",
        &[0; 20_000],
    ] {
        let text = [first, b"\n", RECORD.as_bytes(), b"\n"].concat();
        folder.file("file", &text);
        for ran in [scan(&[&path], b""), scan(&["-"], &text)] {
            assert_eq!(ran.counts(), (1, 2, 1, 0), "{ran:?}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing_but_the_time() {
    let mut text = String::new();
    for number in 0..40_000 {
        text.push_str(RECORD);
        text.push('\n');
        if number % 97 == 0 {
            text.push_str("{\"broken\": ");
            text.push_str(&number.to_string());
            text.push('\n');
        }
    }
    let one = scan(&["--threads", "1", "-"], text.as_bytes());
    assert_eq!(one.counts(), (1, 40_413, 413, 0));
    for threads in ["2", "5"] {
        let many = scan(&["--threads", threads, "-"], text.as_bytes());
        assert_eq!(many.counts(), one.counts());
        assert_eq!(many.problems, one.problems);
        assert_eq!(many.alerts, one.alerts);
    }
}
