//! Any bytes as a batch: frames that are lines of text, and counts that agree with them.
#![no_main]

libfuzzer_sys::fuzz_target!(|batch: &[u8]| {
    let (frames, count) = tocsin_detector_fuzz::batch(batch);
    let alerts = frames.lines().filter(|line| line.contains("\"alert\":")).count();
    assert!(frames.lines().last().is_some_and(|line| line.starts_with("{\"summary\":")));
    assert!(alerts >= count);
});
