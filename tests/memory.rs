//! Little memory against large batches: an answer that says so, never a trap.
#![allow(clippy::unwrap_used, clippy::panic)]

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
