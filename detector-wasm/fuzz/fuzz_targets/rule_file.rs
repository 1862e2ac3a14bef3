//! Any text as a rule file in TOML.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tocsin_detector_fuzz::document("rule.toml", text));
