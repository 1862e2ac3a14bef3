//! Any bytes as a batch: frames that are lines of JSON, and counts that agree with them.
#![no_main]

use tocsin_detector::Detector;

libfuzzer_sys::fuzz_target!(|batch: &[u8]| {
    let mut frames = Vec::new();
    let answer = Detector::new().detect(batch, &mut frames);
    let text = std::str::from_utf8(&frames).unwrap();
    let alerts = text.lines().filter(|line| line.contains("\"alert\":")).count();
    assert!(text.lines().last().unwrap().starts_with("{\"summary\":"));
    assert!(alerts >= answer.count as usize);
});
