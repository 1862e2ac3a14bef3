//! Any bytes as a request of OTLP, protobuf or JSON.
#![no_main]

use tocsin_server_fuzz::{check, inlets::otlp, on_a_workers_stack};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    on_a_workers_stack(|| {
        let _ = otlp::Form::of(None, body);
        if let Ok(parsed) = otlp::parse(body) {
            check(&parsed, body.len());
        }
    });
});
