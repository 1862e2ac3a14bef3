//! Streams in any shape, read in any pieces: the batches hold every record, whole and in order.

use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use tocsin_wire::RecordKeys;

use super::{Batcher, Lines, Piece, Refusal, Sizes, is_one_batch, space};

/// Keys as the embedded module has them.
pub(super) fn known_keys() -> Arc<RecordKeys> {
    let text = |text: &'static str| Cow::Borrowed(text);
    Arc::new(RecordKeys {
        records: vec![text("eventVersion"), text("eventName")].into(),
        lists: vec![text("Records"), text("logEvents")].into(),
        lists_of_large: vec![vec![text("events")].into(), vec![text("hits"), text("hits")].into()]
            .into(),
        ..RecordKeys::default()
    })
}

const SMALL: Sizes = Sizes { batch: 64, whole: 256, record: 4096 };

/// Gives a stream in pieces of these sizes, over and over.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
    end: Option<io::ErrorKind>,
}

impl<'a> Pieces<'a> {
    fn new(stream: &'a [u8], sizes: Vec<usize>) -> Pieces<'a> {
        Pieces { rest: stream, sizes: sizes.into_iter().cycle(), end: None }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if let (true, Some(end)) = (self.rest.is_empty(), self.end) {
            return Err(end.into());
        }
        let size = self.sizes.next().unwrap_or(1).min(space.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(size);
        space[..size].copy_from_slice(now);
        self.rest = later;
        Ok(size)
    }
}

#[derive(Debug, Default)]
struct Found {
    /// What the detector would get.
    batches: Vec<String>,
    /// Ranges of the stream that are in batches.
    ranges: Vec<std::ops::Range<usize>>,
    refused: Vec<(u64, Refusal)>,
}

/// Cuts a stream, and checks what holds for any stream: batches say truly where their bytes come
/// from, and line ends are counted once.
fn batch_all(stream: &[u8], reader: impl Read, live: bool, sizes: Sizes) -> Found {
    let mut buffer = Vec::new();
    let mut batcher = Batcher::new(reader, 0, live, sizes, &known_keys());
    let mut found = Found::default();
    let (mut lines, mut at) = (0, 0);
    let newlines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    while let Some(chunk) = batcher.next(&mut buffer).unwrap() {
        lines += chunk.gap.count;
        match chunk.piece {
            Piece::Batch(batch) => {
                let start = usize::try_from(batch.offset).unwrap();
                let range = start..start + batch.original.len();
                assert!(start >= at, "batches don't overlap");
                at = range.end;
                assert_eq!(buffer[batch.original.clone()], stream[range.clone()]);
                assert_eq!(lines, newlines(&stream[..start]), "lines before byte {start}");
                lines += newlines(&stream[range.clone()]);
                found
                    .batches
                    .push(String::from_utf8_lossy(&buffer[batch.range.clone()]).into_owned());
                found.ranges.push(range);
            }
            Piece::Refused { offset, reason } => found.refused.push((offset, reason)),
        }
    }
    assert_eq!(lines + batcher.gap().count, newlines(stream), "lines of the stream");
    assert_eq!(batcher.offset(), stream.len() as u64);
    found
}

/// The records of documents one after the other.
fn records(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match document.unwrap() {
            Value::Array(records) => found.extend(records),
            Value::Object(mut object) if object.get("Records").is_some_and(Value::is_array) => {
                found.extend(object.remove("Records").unwrap().as_array().cloned().unwrap());
            }
            record => found.push(record),
        }
    }
    found
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop::sample::select(vec![
            "a", "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "é", "\u{1}", "Records",
        ]),
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn record() -> impl Strategy<Value = Value> {
    (any::<u32>(), value()).prop_map(|(id, value)| json!({"eventID": id, "value": value}))
}

/// One document in one of the ways in which records are written.
fn document() -> impl Strategy<Value = String> {
    let list = || proptest::collection::vec(record(), 0..8);
    let lines = |records: &[Value], comma: &str| {
        records.iter().map(Value::to_string).collect::<Vec<_>>().join(comma)
    };
    prop_oneof![
        6 => record().prop_map(|record| record.to_string()),
        1 => record().prop_map(|record| format!("{record:#}")),
        1 => list().prop_map(|list| json!(list).to_string()),
        1 => list().prop_map(|list| format!("{:#}", json!({"Records": list}))),
        1 => list().prop_map(|list| json!({"a": {"b": 1}, "Records": list, "z": [{}]}).to_string()),
        1 => list().prop_map(move |list| format!("[\n{}\n]", lines(&list, ",\n"))),
        1 => list().prop_map(move |list| format!("{{\"Records\" : [{}\n]\n}}", lines(&list, "\n, "))),
    ]
}

fn stream() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\n\n \n"]);
    (proptest::collection::vec((document(), end), 0..12), any::<bool>()).prop_map(
        |(documents, last)| {
            let text: String = documents.into_iter().map(|(text, end)| text + end).collect();
            if last { text } else { text.trim_end().to_owned() }
        },
    )
}

/// Lines of anything that looks like JSON.
fn noise() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "\\",
        "a",
        "1",
        " ",
        "{\"Records\":[",
        "\"x\":{",
        "},{",
    ]);
    proptest::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_hold_all_records_whole_and_in_order(
        stream in stream(),
        pieces in proptest::collection::vec(1usize..200, 1..6),
        live: bool,
    ) {
        let found = batch_all(stream.as_bytes(), Pieces::new(stream.as_bytes(), pieces), live, SMALL);
        prop_assert!(found.refused.is_empty(), "{:?}", found.refused);
        let judged: Vec<Value> = found.batches.iter().flat_map(|batch| records(batch)).collect();
        prop_assert_eq!(judged, records(&stream));
    }

    #[test]
    fn a_text_in_the_room_is_what_its_stream_would_be(stream in prop_oneof![stream(), " {0,300}", noise()]) {
        if is_one_batch(stream.as_bytes(), SMALL) {
            let found = batch_all(stream.as_bytes(), stream.as_bytes(), false, SMALL);
            let (batches, gap) = from_buffer(&stream);
            prop_assert_eq!(&batches, &found.batches);
            prop_assert_eq!(gap.count, stream.matches('\n').filter(|_| batches.is_empty()).count() as u64);
            prop_assert!(found.refused.is_empty() && batches.len() < 2);
        }
    }

    #[test]
    fn a_good_line_among_broken_ones_is_never_torn_or_lost(
        lines in proptest::collection::vec(prop_oneof![noise().prop_map(Some), Just(None)], 0..60),
        pieces in proptest::collection::vec(1usize..200, 1..6),
        live: bool,
    ) {
        let mut stream = String::new();
        let mut good = Vec::new();
        for line in lines {
            match line {
                Some(noise) => stream.push_str(&noise),
                None => {
                    let start = stream.len();
                    stream.push_str(r#"{"eventName":"StopConfigurationRecorder"}"#);
                    good.push(start..stream.len());
                }
            }
            stream.push('\n');
        }
        let found = batch_all(stream.as_bytes(), Pieces::new(stream.as_bytes(), pieces), live, SMALL);
        let lost = good
            .iter()
            .filter(|good| !found.ranges.iter().any(|range| range.start <= good.start && good.end <= range.end))
            .count();
        prop_assert!(lost == 0, "{} lost, {:?}", lost, found);
    }
}

/// What the detector gets of a text that is in the buffer, and the line ends in no batch.
fn from_buffer(text: &str) -> (Vec<String>, Lines) {
    let mut buffer = Vec::new();
    space(&mut buffer, text.len(), SMALL).unwrap().copy_from_slice(text.as_bytes());
    let mut batcher = Batcher::from_buffer(text.len(), io::empty(), SMALL, &known_keys());
    let mut batches = Vec::new();
    while let Some(chunk) = batcher.next(&mut buffer).unwrap() {
        assert!(chunk.is_last, "nothing follows");
        let Piece::Batch(batch) = chunk.piece else { panic!("{chunk:?}") };
        batches.push(String::from_utf8_lossy(&buffer[batch.range]).into_owned());
    }
    assert_eq!(batcher.offset(), text.len() as u64);
    assert!(batcher.error().is_none());
    (batches, batcher.gap())
}

/// What the detector gets of a stream that comes at once.
fn batches(stream: &str, sizes: Sizes) -> Vec<String> {
    batch_all(stream.as_bytes(), stream.as_bytes(), false, sizes).batches
}

#[test]
fn small_documents_go_on_as_they_are() {
    let streams = [
        "{\"a\":1}\n{\"a\":2}\n",
        "[{\"a\":1},{\"a\":2}]",
        "{\n  \"Records\": [\n    {}\n  ]\n}\n",
        "no JSON at all",
        "{\"broken\": \"off\n{\"a\":1}\n",
        "{\"broken\":\n{\"a\":1}\n",
    ];
    for stream in streams {
        assert_eq!(batches(stream, SMALL), [stream], "{stream:?}");
    }
}

#[test]
fn only_the_last_batch_of_a_sound_stream_is_the_last() {
    let is_last = |stream: &[u8], end| {
        let mut reader = Pieces::new(stream, vec![500]);
        reader.end = end;
        let (mut batcher, mut buffer) =
            (Batcher::new(reader, 0, false, SMALL, &known_keys()), Vec::new());
        std::iter::from_fn(|| batcher.next(&mut buffer).unwrap())
            .map(|chunk| chunk.is_last)
            .collect::<Vec<bool>>()
    };
    let stream = b"{\"id\":12345678901234567890}\n".repeat(4);
    assert_eq!(is_last(&stream, None), [false, true]);
    let cut_off = Some(io::ErrorKind::UnexpectedEof);
    assert_eq!(is_last(&stream, cut_off), [false, false]);
}

#[test]
fn nothing_and_blanks_are_no_batch() {
    for stream in ["", "\n", " \r\n\n", &"\n".repeat(10_000)] {
        assert_eq!(batches(stream, SMALL), [""; 0], "{stream:?}");
    }
}

#[test]
fn a_large_list_goes_on_in_runs_with_brackets_of_their_own() {
    let sizes = Sizes { batch: 16, whole: 32, record: 64 };
    let stream =
        r#"{"owner": "x", "logEvents": [{"id":1}, {"id":2}, {"id":3}, {"id":4}], "more": 1}"#;
    assert_eq!(
        batches(stream, sizes),
        [
            r#"{"logEvents":[{"id":1}, {"id":2}]}"#,
            r#"{"logEvents":[ {"id":3}]}"#,
            r#"{"logEvents":[ {"id":4}]}"#,
            // What stands around the list may be a record, too.
            r#"{"owner": "x", "logEvents": [], "more": 1}"#
        ]
    );
    // What `aws logs filter-log-events` writes; its other keys say nothing.
    let stream = r#"{"events": [{"id":1}, {"id":2}, {"id":3}], "searchedLogStreams": []}"#;
    assert_eq!(
        batches(stream, sizes),
        [r#"{"events":[{"id":1}, {"id":2}]}"#, r#"{"events":[ {"id":3}]}"#]
    );
    // What Elasticsearch answers to a search.
    let stream = r#"{"hits":{"total":3,"hits":[{"id":1}, {"id":2}, {"id":3}]},"status":200}"#;
    assert_eq!(
        batches(stream, sizes),
        [
            r#"{"hits":{"hits":[{"id":1}, {"id":2}]}}"#,
            r#"{"hits":{"hits":[ {"id":3}]}}"#,
            r#"{"hits":{"total":3,"hits":[]},"status":200}"#
        ]
    );
}

#[test]
fn a_record_that_is_too_large_is_refused_once_and_its_neighbours_are_not() {
    let sizes = Sizes { batch: 16, whole: 32, record: 64 };
    let large = format!("{{\"large\":\"{}\"}}", "x".repeat(1000));
    let limit = 64;
    let cases = [
        (format!("{{\"a\":1}}\n{large}\n{{\"a\":2}}\n"), 8, ["{\"a\":1}\n", "\n{\"a\":2}\n"]),
        (format!("[{{\"a\":1}}, {large}, {{\"a\":2}}]"), 10, ["[{\"a\":1}]", "[ {\"a\":2}]"]),
        (
            format!("{{\"Records\":[{{\"a\":1}},{large},{{\"a\":2}}]}}\n"),
            20,
            ["{\"Records\":[{\"a\":1}]}", "{\"Records\":[{\"a\":2}]}"],
        ),
    ];
    for (stream, offset, expected) in cases {
        for piece in [1, 7, 5000] {
            let found = batch_all(
                stream.as_bytes(),
                Pieces::new(stream.as_bytes(), vec![piece]),
                false,
                sizes,
            );
            assert_eq!(found.refused, [(offset, Refusal::RecordTooLarge { limit })], "{stream}");
            assert_eq!(found.batches, expected, "{stream}");
        }
    }
}

#[test]
fn a_list_that_is_cut_off_gives_its_elements_and_its_rest() {
    let sizes = Sizes { batch: 16, whole: 32, record: 64 };
    let start = r#"{"Records":[{"id":1},{"id":2},{"id":3},{"id":4}"#;
    for end in ["", ",{\"id", " \n"] {
        let stream = format!("{start}{end}");
        let found = batch_all(stream.as_bytes(), stream.as_bytes(), false, sizes);
        let text = found.batches.join("|");
        assert!((1..5).all(|id| text.contains(&format!("{{\"id\":{id}}}"))), "{found:?}");
        // The module says that the list isn't closed where it has the rest of it.
        let says = found.batches.last().is_some_and(|batch| !batch.ends_with("]}"));
        assert!(says || found.refused.len() == 1, "{found:?}");
    }
}

#[test]
fn a_large_list_that_is_cut_off_leaves_the_next_line_alone() {
    let sizes = Sizes { batch: 16, whole: 32, record: 64 };
    let list = r#"{"Records":[{"id":1},{"id":2},{"id":3},{"id":"#;
    for rest in ["", "\"a", "{\"b\":1", "[1,"] {
        let stream = format!("{list}{rest}\n{{\"good\":1}}\n{{\"good\":2}}\n");
        let found = batch_all(stream.as_bytes(), stream.as_bytes(), false, sizes);
        let text = found.batches.join("|");
        assert!(text.contains("{\"good\":1}") && text.contains("{\"good\":2}"), "{found:?}");
    }
}

#[test]
fn live_lines_do_not_wait_for_the_next_ones() {
    let stream = "{\"a\":1}\n{\"a\":2}\nnot json\n{\n}\n{\"a\":3}\n";
    let pieces = [8, 8, 9, 2, 2, 8].to_vec();
    let found = batch_all(stream.as_bytes(), Pieces::new(stream.as_bytes(), pieces), true, SMALL);
    assert_eq!(
        found.batches,
        ["{\"a\":1}\n", "{\"a\":2}\n", "not json\n", "{\n}\n", "{\"a\":3}\n"]
    );
}

#[test]
fn what_came_before_an_error_is_judged() {
    let stream = b"{\"a\":1}\n{\"a\":2}\n{\"a";
    let mut reader = Pieces::new(stream, vec![5]);
    reader.end = Some(io::ErrorKind::UnexpectedEof);
    let mut batcher = Batcher::new(reader, 0, false, SMALL, &known_keys());
    let mut buffer = Vec::new();
    let chunk = batcher.next(&mut buffer).unwrap().unwrap();
    assert!(matches!(chunk.piece, Piece::Batch(batch) if buffer[batch.range.clone()] == *stream));
    assert!(batcher.next(&mut buffer).unwrap().is_none());
    assert_eq!(batcher.error().map(io::Error::kind), Some(io::ErrorKind::UnexpectedEof));
}
