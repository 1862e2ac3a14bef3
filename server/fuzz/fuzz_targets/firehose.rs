//! Any bytes as a request of Data Firehose.
#![no_main]

use tocsin_server_fuzz::{check, inlets::firehose};

/// Bytes that a request's records may have together.
const LIMIT: usize = 10_000;

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Ok(parsed) = firehose::parse(body, LIMIT) {
        // A record is inflated up to the limit, and six bytes are the most that one of text becomes in JSON.
        check(&parsed, body.len() + LIMIT);
    }
});
