//! Little memory against large batches: an answer that says so, never a trap.
#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use tocsin_host::sandbox::{Question, Status};
use tocsin_host::{Engine, Limits, Module, Sandbox};

/// A record that both embedded rules alert on, `size` bytes larger than it need be.
fn stop(size: usize) -> String {
    let filler = "x".repeat(size);
    format!(
        r#"{{"userAgent":"{filler}","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder"}}"#
    )
}

/// The status of the answer under a memory limit, if the batch itself has room; a trap fails the test.
fn status(batch: &str, memory_mib: usize) -> String {
    let module = Module::embedded(&Engine::new().unwrap()).unwrap();
    let limits = Limits { memory_bytes: memory_mib << 20, ..Limits::default() };
    let mut sandbox = Sandbox::new(&module, limits).unwrap();
    if sandbox.reserve(batch.len()).is_err() {
        return "no room".into();
    }
    match sandbox.detect_bytes(batch.as_bytes()) {
        Ok(answer) => answer.status.to_string(),
        Err(error) => panic!("{} bytes in {memory_mib} MiB: {error}", batch.len()),
    }
}

#[test]
fn envelopes_as_text_are_each_decoded_while_memory_lasts() {
    let mut batch = stop(2 << 20);
    for _ in 0..12 {
        batch = format!("{{\"message\":{}}}", serde_json::to_string(&batch).unwrap());
    }
    assert_eq!(status(&batch, 64), "ok");
    for memory_mib in 4..32 {
        status(&batch, memory_mib);
    }
}

#[test]
fn alerts_are_written_while_memory_lasts() {
    let batch = format!("{}\n", stop(1 << 20)).repeat(4);
    assert_eq!(status(&batch, 64), "ok");
    for memory_mib in 6..32 {
        status(&batch, memory_mib);
    }
}

#[test]
fn captures_are_kept_while_memory_lasts() {
    let batch = format!("{{{}\"eventName\":1}}", "\"log\":{\"eventName\":1},".repeat(100_000));
    assert_eq!(status(&batch, 128), "ok");
    for memory_mib in (4..64).step_by(3) {
        status(&batch, memory_mib);
    }
}

#[test]
fn escaped_values_are_decoded_while_memory_lasts() {
    let name = "\\u0041".repeat(700_000);
    let batch = format!(
        r#"{{"eventSource":"{name}","awsRegion":"{name}","userIdentity":{{"userName":"{name}"}},"eventName":"StopConfigurationRecorder"}}"#
    );
    assert_eq!(status(&batch, 256), "ok");
    for memory_mib in (13..80).step_by(4) {
        status(&batch, memory_mib);
    }
}

/// Bytes of a page of WebAssembly.
const PAGE: usize = 64 << 10;

/// A built-in rule.
const RULE: &str = "logpresso-aws-configuration-recorder-stopped";

/// Limits from the module's own memory on, for small records a page at a time, and calls in different orders: the first one makes
/// the built-in rules, in what the batch has left.
#[test]
fn under_every_limit_both_rules_alert_or_the_record_is_named() {
    let module = Module::embedded(&Engine::new().unwrap()).unwrap();
    for (size, step) in [(0, 1), (60_000, 1), (256_000, 3), (500_000, 7), (1_500_000, 23)] {
        let batch = format!("{}\n{}\n", stop(size), stop(size));
        let (mut fitted, mut pages) = (0, 16);
        // Until it has had all it needs for a while.
        while fitted < 4 {
            pages += step;
            assert!(pages < 512, "{size} bytes never fit");
            let limits = Limits { memory_bytes: pages * PAGE, ..Limits::default() };
            let Ok(mut sandbox) = Sandbox::new(&module, limits) else { continue };
            // What comes in has room, the name of a rule beside it.
            if sandbox.reserve(RULE.len() + batch.len()).is_err() {
                continue;
            }
            let (mut all, mut has_rules) = (true, false);
            for call in ["detect", "detect again", "explain", "read", "count", "detect at last"] {
                let what = format!("{call} of {size} bytes in {pages} pages");
                let answer = match call {
                    "explain" => sandbox.explain(RULE, batch.as_bytes()),
                    "read" => sandbox.ask(Question::Read, batch.as_bytes()),
                    "count" => sandbox.ask(Question::Coverage, batch.as_bytes()),
                    _ => sandbox.detect_bytes(batch.as_bytes()),
                };
                let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
                // The first call makes the rules, which may have no room themselves; later ones name records.
                let is_refused = !answer.text.starts_with(b"{\"record\"");
                if answer.status == Status::LimitExceeded && is_refused && !has_rules {
                    all = false;
                    continue;
                }
                has_rules = true;
                let alerts = if call.starts_with("detect") { 2 } else { 0 };
                all &= is_whole(&what, answer.text, alerts);
            }
            fitted = if all { fitted + 1 } else { 0 };
        }
    }
}

/// Whether both records have all their alerts; each that hasn't must be named.
fn is_whole(what: &str, text: &[u8], alerts: usize) -> bool {
    let frames: Vec<Value> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let of = |record: u64, key: &str| {
        frames.iter().filter(|frame| frame["record"] == record && !frame[key].is_null()).count()
    };
    let mut whole = true;
    for record in 0..2 {
        let failed = of(record, "error") > 0;
        assert!(
            failed || of(record, "alert") == alerts,
            "{what}: record {record}: {}",
            String::from_utf8_lossy(text)
        );
        whole &= !failed;
    }
    whole
}
