//! Any text as a query in logpresso: a rule or diagnostics, and a rule judges.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tocsin_detector_fuzz::query("logpresso", text));
