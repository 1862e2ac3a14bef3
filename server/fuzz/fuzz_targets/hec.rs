//! Any bytes as events of Splunk's collector.
#![no_main]

use tocsin_server_fuzz::{check, inlets::hec};

libfuzzer_sys::fuzz_target!(|body: &[u8]| check(&hec::parse_events(body), body.len()));
