//! Damage costs the record that it is in, wherever a host cuts a stream into batches: a large document in runs of its
//! elements, lines between two of them.
//!
//! The same 1,000 streams in each run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others. Of a million
//! some 25 lose a record, of which each has several damaged ones over several lines, at batches as small as these.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use proptest::prelude::*;
use tocsin_detector::Detector;
use tocsin_host::input::batcher::{Batcher, Piece, Sizes};

#[path = "../detector-wasm/tests/support/damage.rs"]
mod damage;
#[path = "../detector-wasm/tests/support/repeatable.rs"]
mod repeatable;

/// Far smaller than a host's, so that most streams are cut and documents are large.
const SIZES: Sizes = Sizes { batch: 128, whole: 800, record: 4096 };

/// The frames of all batches of a stream.
fn judged(stream: &[u8]) -> String {
    let mut detector = Detector::new();
    let mut keys = Vec::new();
    detector.record_keys(&mut keys);
    let keys = Arc::new(serde_json::from_slice(&keys).expect("keys of records"));
    let mut batcher = Batcher::new(stream, 0, false, SIZES, &keys);
    let (mut buffer, mut frames) = (Vec::new(), Vec::new());
    while let Some(chunk) = batcher.next(&mut buffer).expect("memory") {
        if let Piece::Batch(batch) = chunk.piece {
            detector.detect(&buffer[batch.range], &mut frames);
        }
    }
    String::from_utf8(frames).expect("frames in UTF-8")
}

proptest! {
    #![proptest_config(repeatable::config(1_000))]

    #[test]
    fn what_one_batch_finds_is_found_in_many(choices in proptest::collection::vec(any::<u8>(), 0..200)) {
        let made = damage::damaged(&choices);
        // What is lost in one batch is the detector's own.
        prop_assume!(damage::check(&made).is_ok());
        let frames = judged(&made.batch);
        for (id, place) in &made.hits {
            let mark = format!("\"eventID\":\"{id}\"");
            let alerts = frames.lines().filter(|frame| frame.contains("\"alert\":") && frame.contains(&mark));
            let is_found = alerts.count() >= 2 || damage::is_enclosed(&made.batch, place);
            prop_assert!(is_found, "{} is lost in\n{}", id, String::from_utf8_lossy(&made.batch));
        }
    }
}
