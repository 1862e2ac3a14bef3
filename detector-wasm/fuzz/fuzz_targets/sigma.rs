//! Any text as a Sigma file.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tocsin_detector_fuzz::document("rule.yml", text));
