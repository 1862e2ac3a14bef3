//! Requests that are damaged at random: whatever comes, each unit is one line or rejected.

use super::{check, firehose, hec, inflate, otlp};

/// A generator that gives the same numbers each time.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below.max(1)
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        const BITS: [&[u8]; 14] = [
            b"{",
            b"}",
            b"[",
            b"]",
            b"\"",
            b"\\",
            b"\n",
            b"\r",
            b",",
            b":",
            b"\xff",
            b"\\ud800",
            b"null",
            b"\x0a\x80",
        ];
        for _ in 0..=self.next(4) {
            let at = self.next(bytes.len());
            match self.next(4) {
                0 => drop(bytes.splice(at..at, BITS[self.next(BITS.len())].iter().copied())),
                1 => drop(bytes.drain(at..(at + self.next(20)).min(bytes.len()))),
                2 => {
                    let copy = bytes[at..(at + self.next(40)).min(bytes.len())].to_vec();
                    let to = self.next(bytes.len());
                    drop(bytes.splice(to..to, copy));
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(self.next(256)).unwrap();
                    }
                }
            }
        }
    }
}

#[test]
fn damaged_requests_reach_no_further_than_their_units() {
    let otlp_json = br#"{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"scope":{},"logRecords":[
        {"timeUnixNano":"1","body":{"stringValue":"{\"eventName\":\"StopLogging\"}"}},
        {"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"7"}}]}},"attributes":[{"key":"k","value":{"arrayValue":{"values":[{}]}}}]}]}]}]}"#;
    let record = otlp::OtlpRecord {
        body: Some(otlp::AnyValue {
            value: Some(otlp::ValueCase::StringValue("{\"a\":1}".into())),
        }),
        ..Default::default()
    };
    let protobuf = otlp::request(vec![record.clone(), record]);
    let events =
        br#"{"time":"1.5","event":{"a":"b\n"}}{"event":"{\"a\":1}"} [{"event":{}},{"event":[1]}]"#;
    let requests = br#"{"requestId":"r","timestamp":1,"records":[{"data":"eyJhIjoxfQo="},{"data":"H4sIAAAAAAAAAwMAAAAAAAAAAAA="}]}"#;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        for (kind, sample) in [&otlp_json[..], &protobuf, events, requests].into_iter().enumerate()
        {
            let mut body = sample.to_vec();
            random.damage(&mut body);
            match kind {
                0 | 1 => otlp::parse(&body).iter().for_each(check),
                2 => check(&hec::parse_events(&body)),
                _ => firehose::parse(&body, 1000).iter().for_each(check),
            }
        }
    }
}

#[test]
fn damaged_compression_never_exceeds_the_limit() {
    let mut random = Random(7);
    let text = b"{\"eventName\":\"StopLogging\"}".repeat(40);
    let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
    let snappy = snap::raw::Encoder::new().compress_vec(&text).unwrap();
    for _ in 0..2000 {
        for (name, sample) in
            [("zstd", &zstd), ("snappy", &snappy), ("deflate", &text), ("gzip", &text)]
        {
            let mut body = sample.clone();
            random.damage(&mut body);
            if let Ok(body) = inflate::inflate(body, Some(name), 500) {
                assert!(body.len() <= 500);
            }
        }
    }
}

#[test]
fn nesting_costs_one_record_and_no_stack() {
    let deep = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let body = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{deep}}},{{\"body\":{{\"stringValue\":\"{{}}\"}}}}]}}]}}]}}"
    );
    let parsed = otlp::parse(body.as_bytes()).unwrap();
    assert_eq!((parsed.lines.len(), parsed.rejected.len()), (1, 1));
    // As a text it is a record like any other.
    let text = serde_json::to_string(&deep).unwrap();
    let body = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{{\"stringValue\":{text}}}}}]}}]}}]}}"
    );
    assert_eq!(otlp::parse(body.as_bytes()).unwrap().lines.len(), 1);
}
