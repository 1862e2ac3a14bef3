//! The parsers of requests, for the fuzz targets, and what must hold of everything that they read.
//!
//! `server/fuzz/run SECONDS` runs them all.
#![allow(dead_code, missing_docs)]

#[path = "../src/inlets/mod.rs"]
pub mod inlets;

/// What the parsers need of the rest of the server: an answer may take room, which plays no part here.
pub mod in_flight {
    /// Room that is never taken.
    #[derive(Debug)]
    pub struct Room;
}

use inlets::Parsed;

/// Holds what must hold of every request that is read: each unit is one line, whole and alone on it, or rejected, or
/// had nothing in it; and the lines take no more than a few times the request's bytes.
pub fn check(parsed: &Parsed, request: usize) {
    let text = parsed.lines.text();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    assert_eq!(lines.clone().count(), parsed.lines.len());
    assert!(parsed.lines.len() as u64 + parsed.rejected.len() <= parsed.units);
    for line in lines {
        assert!(line.ends_with(b"\n") && !line[..line.len() - 1].contains(&b'\r'));
        assert!(matches!(line.first(), Some(b'{' | b'[')), "{}", String::from_utf8_lossy(line));
        let json = serde_json::from_slice::<&serde_json::value::RawValue>(line);
        assert!(json.is_ok(), "{}", String::from_utf8_lossy(line));
    }
    assert!(text.len() <= 64 * request + 4096, "{} bytes of {request}", text.len());
}

/// Runs a parser with the stack of a thread that judges.
pub fn on_a_workers_stack(run: impl FnOnce() + Send) {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(threads, run);
        let ended = thread.expect("a thread starts").join();
        if ended.is_err() {
            std::process::abort();
        }
    });
}
