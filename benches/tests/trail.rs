//! What a trail says of itself is what is in it, and it is the same for the same seed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tocsin_benches::trail::kinds::{NAME, RecordKind};
use tocsin_benches::trail::{Counts, Trail, Variant, sources};

const RECORDS: usize = 2_000;
const VARIANTS: [Variant; 8] = [
    Variant::Mixed,
    Variant::Hits,
    Variant::Decoys,
    Variant::Escapes,
    Variant::Sorted,
    Variant::Dated,
    Variant::Texts,
    Variant::Clean,
];

fn trail(seed: u64, variant: Variant) -> (Vec<u8>, Counts) {
    let mut trail = Trail::new(&sources::made_up().unwrap().records, seed, variant);
    let mut text = Vec::new();
    for _ in 0..RECORDS {
        trail.write(&mut text);
        text.push(b'\n');
    }
    (text, trail.counts().clone())
}

/// Frames of alerts by rule, counted in the detector's answer.
fn alerts(text: &[u8]) -> (u64, u64) {
    let mut frames = Vec::new();
    tocsin_detector::Detector::new().detect(text, &mut frames);
    let (mut elastic, mut logpresso) = (0, 0);
    for frame in frames.split(|byte| *byte == b'\n').filter(|frame| !frame.is_empty()) {
        let frame: serde_json::Value = serde_json::from_slice(frame).unwrap();
        assert!(frame.get("error").is_none(), "{frame}");
        match frame["alert"]["rule"]["language"].as_str() {
            Some("kuery") => elastic += 1,
            Some("logpresso") => logpresso += 1,
            _ => {}
        }
    }
    (elastic, logpresso)
}

#[test]
fn the_embedded_rules_raise_what_the_account_says() {
    for variant in VARIANTS {
        let (text, counts) = trail(7, variant);
        assert_eq!(alerts(&text), (counts.elastic, counts.logpresso), "{variant:?}");
        let lines = text.split(|byte| *byte == b'\n');
        let shown =
            lines.filter(|line| String::from_utf8_lossy(line).contains(NAME)).count() as u64;
        assert_eq!(shown, counts.with_name, "{variant:?}");
        assert_eq!(counts.records, RECORDS as u64);
    }
}

#[test]
fn no_kind_is_missing_however_short_the_trail() {
    let (_, counts) = trail(7, Variant::Mixed);
    for kind in RecordKind::MARKED {
        assert!(counts.kinds.contains_key(kind.truth().name), "{kind:?}");
    }
    assert_eq!(trail(7, Variant::Clean).1.kinds.len(), 1);
}

#[test]
fn a_seed_means_the_same_bytes() {
    assert_eq!(trail(7, Variant::Mixed).0, trail(7, Variant::Mixed).0);
    assert_ne!(trail(7, Variant::Mixed).0, trail(8, Variant::Mixed).0);
}

#[test]
fn every_record_of_the_escaped_variant_has_an_escape() {
    let (text, _) = trail(7, Variant::Escapes);
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        assert!(line.windows(4).any(|four| four == br"\u00"), "{}", String::from_utf8_lossy(line));
    }
}
