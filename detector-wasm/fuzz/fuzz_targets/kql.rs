//! Any text as a query in kql: a rule or diagnostics, and a rule judges.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tocsin_detector_fuzz::query("kuery", text));
