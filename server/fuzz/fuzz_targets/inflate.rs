//! Any bytes as a compressed body: never more than the limit.
#![no_main]

use tocsin_server_fuzz::inlets::inflate::inflate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let encoding = [None, Some("gzip"), Some("zstd"), Some("deflate"), Some("snappy"), Some("gzip, zstd")]
        [usize::from(*first) % 6];
    if let Ok(inflated) = inflate(body.to_vec(), encoding, 10_000) {
        assert!(inflated.len() <= 10_000);
    }
});
