//! Modules of a few lines, written by hand.
#![allow(clippy::unwrap_used)]

use super::*;

fn module(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn valid(module: &[u8]) -> bool {
    wasmparser::Validator::new().validate_all(module).is_ok()
}

const COUNTER: &str = r#"
    (module
        (memory (export "memory") 1)
        (global $stack (mut i32) (i32.const 1024))
        (global $fixed i32 (i32.const 7))
        (global $float (mut f64) (f64.const 0.5))
        (func $start (i32.store (i32.const 0) (i32.const 99)))
        (func (export "fill") (memory.init $words (i32.const 8) (i32.const 0) (i32.const 3)))
        (start $start)
        (data (i32.const 64) "text")
        (data $words "abc"))"#;

#[test]
fn an_instrumented_module_exports_its_mutable_globals() {
    let instrumented = instrument(&module(COUNTER), None).unwrap();
    assert!(valid(&instrumented));
    let text = String::from_utf8_lossy(&instrumented).into_owned();
    assert!(text.contains("__tocsin_global_0") && text.contains("__tocsin_global_1"));
    assert!(!text.contains("__tocsin_global_2"), "a constant isn't state");
}

#[test]
fn a_memory_can_be_kept_from_growing() {
    let fixed = instrument(&module(COUNTER), Some(3)).unwrap();
    let expected = instrument(&module(&COUNTER.replace("\"memory\") 1", "\"memory\") 1 3")), None);
    assert_eq!(fixed, expected.unwrap());
}

#[test]
fn a_snapshot_is_the_module_with_that_memory_and_those_globals() {
    let mut memory = vec![0; 2 << 16];
    memory[0] = 99;
    memory[70_000] = 1;
    let made = snapshot(&module(COUNTER), &[512, 2.5f64.to_bits()], &memory).unwrap();
    assert!(valid(&made));
    let expected = module(
        r#"
        (module
            (memory (export "memory") 2)
            (global (mut i32) (i32.const 512))
            (global i32 (i32.const 7))
            (global (mut f64) (f64.const 2.5))
            (func (i32.store (i32.const 0) (i32.const 99)))
            (func (export "fill") (memory.init 1 (i32.const 8) (i32.const 0) (i32.const 3)))
            (data "")
            (data "abc")
            (data (i32.const 0) "c")
            (data (i32.const 70000) "\01"))"#,
    );
    let without_names = without_section(&made, "name").unwrap();
    assert_eq!(without_names, without_section(&expected, "name").unwrap());
}

#[test]
fn a_module_without_data_gets_some_before_what_is_for_tools() {
    let made = snapshot(&module("(module (memory 1) (func $named))"), &[], &[0, 1].repeat(1 << 15));
    assert!(valid(&made.unwrap()));
}

#[test]
fn sections_for_tools_come_and_go() {
    let before = module(COUNTER);
    let mut with = before.clone();
    append_section(&mut with, "tocsin.rules", b"{}");
    assert!(valid(&with) && with != before);
    assert_eq!(without_section(&with, "tocsin.rules").unwrap(), before);
}

#[test]
fn what_has_more_state_than_memory_and_globals_is_refused() {
    for (what, text) in [
        ("imports", "(module (import \"a\" \"b\" (func)) (memory 1))"),
        ("no memory", "(module)"),
        ("several memories", "(module (memory 1) (memory 1))"),
        ("a memory that is shared or of 64 bits", "(module (memory i64 1))"),
    ] {
        assert_eq!(instrument(&module(text), None), Err(Error::Unsupported(what)), "{text}");
    }
    let state = snapshot(&module(COUNTER), &[1], &[]);
    assert_eq!(state, Err(Error::Globals { found: 1, expected: 2 }));
}

#[test]
fn damage_is_an_error_with_its_place() {
    assert_eq!(instrument(b"#!/bin/sh", None), Err(Error::Malformed(0)));
    let whole = module(COUNTER);
    for end in 8..whole.len() {
        // Cut between two sections it is a smaller module; anywhere else it is an error, and never a panic.
        let _ = snapshot(&whole[..end], &[1, 2], &[1; 64]);
    }
    let mut endless = whole.clone();
    endless.truncate(8);
    endless.extend([5, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(instrument(&endless, None), Err(Error::Malformed(14)));
}

#[test]
fn numbers_take_as_few_bytes_as_they_can() {
    for (number, bytes) in
        [(0, &[0][..]), (63, &[63]), (64, &[0xc0, 0]), (-1, &[0x7f]), (-65, &[0xbf, 0x7f])]
    {
        let mut out = Vec::new();
        write_signed(&mut out, number);
        assert_eq!(out, bytes, "{number}");
    }
}
