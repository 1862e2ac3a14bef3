//! What holds for every batch: bytes of any kind, and records that somebody has broken.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;

use proptest::prelude::*;
use tocsin_conformance::frames::{self, Frame, Frames};
use tocsin_conformance::runtimes::{Answer, Guest, Native, Runtime, Wasmtime};
use tocsin_conformance::subject::Module;

/// A record that both embedded rules alert on.
const STOP: &str = r#"{"eventVersion":"1.09","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","eventID":"victim"}"#;

/// A record that no rule asks for, which may be passed over; with brackets where they mean nothing.
const PLAIN: &str =
    r#"{"eventVersion":"1.09","eventName":"List","a":"]}\"{[","b":{"c":[1,{"d":"\\"}]}}"#;

/// Pieces that batches are made of: records, envelopes, and what breaks them.
const PIECES: [&str; 44] = [
    STOP,
    PLAIN,
    "]}\"{[",
    r#",{"eventVersion":1}"#,
    r#"{"eventVersion""#,
    r#"{"eventName":"ListBuckets","a":{"b":[1,2,{"c":null}]}}"#,
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "\n\n",
    "{}",
    "[]",
    "[{",
    "}]",
    "},{",
    "{\"a\":",
    "\"a\"",
    "\"a\":1",
    r#"{"Records":["#,
    "]}",
    r#","Records":["#,
    r#"{"x":1,"Records":["#,
    r#"{"detail-type":"x","detail":"#,
    r#"{"message":"{\"eventName\":\"x\"}"}"#,
    r#"{"message":"{\"a\":"}"#,
    r#""message":"#,
    "null",
    "1e5",
    "\\u0041",
    "\\ud800",
    "\u{feff}",
    "\0",
    "é",
    "{\n  \"a\": {\n",
    "\n  }\n}\n",
    r#"{"eventName":"#,
];

thread_local! {
    /// One instance for all batches: its state must not matter.
    static SANDBOX: RefCell<Box<dyn Guest>> =
        RefCell::new(Wasmtime::new().and_then(|wasmtime| wasmtime.start(&Module::embedded())).expect("a sandbox"));
}

/// A batch's answer, the same from the library and from the module.
fn judged(batch: &[u8]) -> (Answer, Frames) {
    let native = Native.start(&Module::embedded()).unwrap().detect(batch).unwrap();
    let module = SANDBOX.with(|sandbox| sandbox.borrow_mut().detect(batch)).expect("no trap");
    assert_eq!(native, module);
    let frames = frames::read(&native, batch.len()).expect("an answer as docs/abi.md has it");
    (native, frames)
}

/// The alerts' ids, in order.
fn ids(frames: &Frames) -> Vec<String> {
    let ids = frames.frames.iter().filter_map(|frame| match frame {
        Frame::Alert { id, .. } => Some(id.clone()),
        Frame::Error { .. } => None,
    });
    ids.collect()
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => proptest::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A well-formed batch with a few of its bytes removed, doubled or replaced.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let shapes = [
        format!("{STOP}\n{STOP}\n{STOP}\n"),
        format!("[{STOP},{STOP},\n{STOP}]"),
        format!("{{\"Records\":[{STOP},{STOP}],\"a\":[1]}}"),
        format!("{{\"version\":1,\n \"Records\": [\n  {STOP},\n  {STOP}\n ]\n}}\n{STOP}\n"),
        format!(
            "{{\"Records\":[{PLAIN},{STOP},{PLAIN},{PLAIN}]}}\n{{\"Records\":[{PLAIN},{STOP}]}}"
        ),
        format!("[{PLAIN},\n{STOP} , {PLAIN},1,{PLAIN}]\n{PLAIN}\n{STOP}\n{PLAIN}\r\n"),
        format!("{{\"detail-type\":\"x\",\"detail\":{STOP}}}\n"),
        format!("{{\"message\":{}}}\n{STOP}", serde_json::to_string(STOP).unwrap()),
    ];
    let change = (any::<proptest::sample::Index>(), 0..4u8, any::<u8>());
    (proptest::sample::select(shapes.to_vec()), proptest::collection::vec(change, 1..5)).prop_map(
        |(text, changes)| {
            let mut batch = text.into_bytes();
            for (place, kind, byte) in changes {
                if batch.is_empty() {
                    break;
                }
                let at = place.index(batch.len());
                match kind {
                    0 => drop(batch.remove(at)),
                    1 => batch.insert(at, byte),
                    2 => batch.truncate(at),
                    _ => {
                        batch[at] = *b"{}[]\",:\\\n x".get(usize::from(byte) % 12).unwrap_or(&byte)
                    }
                }
            }
            batch
        },
    )
}

/// Lines of which none goes on on the next one: what they hold stays on its line.
fn garbage_lines() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![pieces(), mutated(), proptest::collection::vec(any::<u8>(), 0..200)]
}

/// Lines that are each a whole record, a whole document, or no JSON at all.
fn whole_lines() -> impl Strategy<Value = Vec<String>> {
    let lines = [
        STOP.to_owned(),
        "{}".into(),
        r#"{"eventName":"ListBuckets"}"#.into(),
        format!("[{STOP},{{}}]"),
        format!("{{\"Records\":[{STOP},{STOP}]}}"),
        format!("{{\"x\":1,\"Records\":[{STOP}]}}"),
        format!("{{\"log\":{}}}", serde_json::to_string(STOP).unwrap()),
        "garbage".into(),
        "[INFO] words, and more".into(),
        "{broken}".into(),
        "{\"a\":x}".into(),
        "17".into(),
        String::new(),
    ];
    proptest::collection::vec(proptest::sample::select(lines.to_vec()), 0..12)
}

/// Lines of which each could take the rest of the batch for its own must not make the reading of it
/// take the square of its length: this would not end in an hour then.
#[test]
fn cut_lines_cost_one_record_each() {
    for cut in [
        "{\"a\":",
        "[{\"a\":[",
        "{\"x\":1,\"Records\":[{\"a\":",
        "{\"Records\":[{}],\"a\":",
        "[",
        "{",
        "{\"a\":[{",
    ] {
        let batch = format!("{}{STOP}\n", format!("{cut}\n").repeat(20_000));
        let answer = Native.start(&Module::embedded()).unwrap().detect(batch.as_bytes()).unwrap();
        let frames = frames::read(&answer, batch.len()).unwrap();
        assert_eq!(answer.count, 2, "{cut}");
        assert!(frames.records > 1, "{cut}");
    }
}

/// The same for what stands on one line.
#[test]
fn broken_elements_cost_one_record_each() {
    for broken in
        ["{\"a\":},", "{\"a\":[1,", "{\"a\" ", "x,", "\"x\",", "{}", "{\"a\":\"x},", "[1,"]
    {
        let batch = format!("[{}{STOP}]\n{STOP}\n", broken.repeat(20_000));
        let answer = Native.start(&Module::embedded()).unwrap().detect(batch.as_bytes()).unwrap();
        frames::read(&answer, batch.len()).unwrap();
        assert!(answer.count >= 2, "{broken}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_a_sound_answer(batch in proptest::collection::vec(any::<u8>(), 0..400)) {
        judged(&batch);
    }

    #[test]
    fn any_pieces_have_a_sound_answer(batch in pieces()) {
        judged(&batch);
    }

    #[test]
    fn any_mutated_batch_has_a_sound_answer(batch in mutated()) {
        judged(&batch);
    }

    #[test]
    fn a_record_behind_any_garbage_is_found(garbage in garbage_lines()) {
        let batch = [&garbage[..], b"\n", STOP.as_bytes(), b"\n"].concat();
        let (_, frames) = judged(&batch);
        let victim = ids(&judged(STOP.as_bytes()).1);
        let found = ids(&frames);
        prop_assert!(found.ends_with(&victim), "{:?}", String::from_utf8_lossy(&batch));
    }

    #[test]
    fn cut_at_line_ends_the_alerts_are_the_same(lines in whole_lines()) {
        let batch = lines.join("\n");
        let (_, whole) = judged(batch.as_bytes());
        let (mut alerts, mut records) = (Vec::new(), 0);
        for line in batch.split_inclusive('\n') {
            let (_, part) = judged(line.as_bytes());
            records += part.records;
            alerts.extend(ids(&part));
        }
        prop_assert_eq!(ids(&whole), alerts);
        prop_assert_eq!(whole.records, records);
    }
}
