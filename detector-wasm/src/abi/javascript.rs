//! In: calls from JavaScript, through the glue that wasm-bindgen writes. Out: an answer's text, as bytes.
//!
//! wasm-bindgen describes these functions in custom sections; the host's build turns them into exports
//! that take addresses and lengths, and into the glue that calls them. Only bytes, text and integers
//! cross: anything richer would make the module import functions.
#![allow(unsafe_code)]

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;

use super::guest;
use crate::{Answer, Detector, Status};

thread_local! {
    static LAST: Cell<Answer> = const { Cell::new(Answer { status: Status::Ok, count: 0 }) };
}

/// What the module holds.
#[wasm_bindgen]
pub fn tocsin_javascript_describe() -> Vec<u8> {
    answer(|detector, text| detector.describe(text))
}

/// Replaces rules and options by those of a JSON document.
#[wasm_bindgen]
pub fn tocsin_javascript_configure(document: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.configure(document, text))
}

/// Judges a batch of records.
#[wasm_bindgen]
pub fn tocsin_javascript_detect(batch: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.detect(batch, text))
}

/// Says why the rule with this id does or doesn't select the records of a batch.
#[wasm_bindgen]
pub fn tocsin_javascript_explain(rule: &str, batch: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.explain(rule.as_bytes(), batch, text))
}

/// What a rule's author may write.
#[wasm_bindgen]
pub fn tocsin_javascript_vocabulary() -> Vec<u8> {
    answer(|detector, text| detector.vocabulary(text))
}

/// Runs the tests of a rule document.
#[wasm_bindgen]
pub fn tocsin_javascript_test(run: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.test(run, text))
}

/// Reads each record of a batch whole.
#[wasm_bindgen]
pub fn tocsin_javascript_read(batch: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.read(batch, text))
}

/// Counts over a batch how often each rule, and each node of its query, was true.
#[wasm_bindgen]
pub fn tocsin_javascript_coverage(batch: &[u8]) -> Vec<u8> {
    answer(|detector, text| detector.coverage(batch, text))
}

/// The status of the last answer, by the numbers of `docs/abi.md`.
#[wasm_bindgen]
pub fn tocsin_javascript_status() -> u32 {
    LAST.get().status as u32
}

/// The count of the last answer: of rules, diagnostics or alert frames.
#[wasm_bindgen]
pub fn tocsin_javascript_count() -> u32 {
    LAST.get().count
}

/// Runs one call and gives its text away: the glue copies it out and frees it.
fn answer(call: impl FnOnce(&mut Detector, &mut Vec<u8>) -> Answer) -> Vec<u8> {
    guest::answer(call, |answer, text| {
        LAST.set(answer);
        std::mem::take(text)
    })
}
