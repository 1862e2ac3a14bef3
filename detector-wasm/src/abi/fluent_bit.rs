//! In: a record as Fluent Bit's `wasm` filter passes it. Out: the address of the text that takes its
//! place, with a zero byte after it; 0 for a record that doesn't pass (`docs/fluent-bit.md`).
//!
//! The filter's signature is fixed: tag, its length, seconds, nanoseconds, record, its length. Tag and
//! time have no say in what a rule selects.
#![allow(unsafe_code)]

use super::core::argument;
use super::shipper::{self, Reply};
use super::{guest, reservations};
use crate::{Answer, Status};

/// How much memory for an answer is kept from record to record.
const KEPT_BYTES: usize = 1 << 20;

/// Every record passes; one that a rule selects gains the key `tocsin`.
#[unsafe(no_mangle)]
extern "C" fn tocsin_fluentbit_enrich(
    tag: i32,
    _tag_len: i32,
    _seconds: i32,
    _nanoseconds: i32,
    record: i32,
    record_len: i32,
) -> i32 {
    pass(tag, record, record_len, shipper::enriched, shipper::LOST_BY_ENRICH)
}

/// Only records that a rule selects pass, as their alerts.
#[unsafe(no_mangle)]
extern "C" fn tocsin_fluentbit_alerts(
    tag: i32,
    _tag_len: i32,
    _seconds: i32,
    _nanoseconds: i32,
    record: i32,
    record_len: i32,
) -> i32 {
    pass(tag, record, record_len, shipper::alerts, shipper::LOST_BY_ALERTS)
}

fn pass(
    tag: i32,
    record: i32,
    record_len: i32,
    reply: fn(&[u8], Answer, &mut Vec<u8>) -> Reply,
    lost: &'static [u8],
) -> i32 {
    reservations::lend([tag, record].map(|address| address.cast_unsigned() as usize));
    // Where the memory had no room for the record, the filter passes no address but the length.
    let Some(bytes) = argument(record, record_len).filter(|_| record != 0) else {
        return lost.as_ptr() as i32;
    };
    guest::answer(
        |detector, text| {
            if text.capacity() > KEPT_BYTES {
                *text = Vec::new();
            }
            // Most records need no second look, and none of them is counted here.
            if detector.rules_out(bytes) && !shipper::is_cut_off(bytes) {
                return Answer { status: Status::Ok, count: 0 };
            }
            detector.detect(bytes, text)
        },
        |answer, text| match reply(bytes, answer, text) {
            Reply::AsItCame => record,
            Reply::Nothing => 0,
            Reply::Text(start) => text.get(start..).map_or(0, |text| text.as_ptr() as i32),
            Reply::Fixed(text) => text.as_ptr() as i32,
        },
    )
}
