//! Modules of somebody else: which are refused and with what words, and what one can't do to a scan.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/guest.rs"]
mod guest;

use std::path::PathBuf;

use common::{Folder, Ran, scan, tocsin};
use guest::{COUNTER, wasm};

/// What the command says to a module.
fn refusal(bytes: &[u8]) -> (Option<i32>, String) {
    let folder = Folder::new();
    let file = folder.file("module.wasm", bytes);
    let output = tocsin().arg("rules").arg(&file).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let prefix = format!("error: {}: ", file.display());
    (output.status.code(), stderr.trim_end().strip_prefix(&prefix).unwrap_or(&stderr).to_owned())
}

fn without(text: &str) -> Vec<u8> {
    assert_eq!(COUNTER.matches(text).count(), 1, "{text}");
    wasm(&COUNTER.replace(text, ""))
}

fn with(text: &str, other: &str) -> Vec<u8> {
    assert_eq!(COUNTER.matches(text).count(), 1, "{text}");
    wasm(&COUNTER.replace(text, other))
}

#[test]
fn what_is_no_tocsin_module_is_refused_with_its_reason() {
    let version = r#"(func (export "tocsin_abi_version") (result i32) (i32.const 1))"#;
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            b"[rule]\n".to_vec(),
            "not a WebAssembly module: it doesn't begin with the bytes `\\0asm`",
        ),
        (Vec::new(), "not a WebAssembly module: it doesn't begin with the bytes `\\0asm`"),
        (
            b"\0asm\x0d\0\x01\0".to_vec(),
            "a WebAssembly component, not a core module; Tocsin's interface is one of core modules",
        ),
        (
            with("(module", "(module (import \"env\" \"clock\" (func))"),
            "it imports `env.clock`; a Tocsin module imports nothing",
        ),
        (
            without(version),
            "it has no export `tocsin_abi_version` (a function () -> (i32)); is it a Tocsin module?",
        ),
        (
            with(version, &version.replace("const 1", "const 2")),
            "it speaks version 2 of the interface; this host speaks version 1",
        ),
        (
            without("(export \"tocsin_detect\")"),
            "it has no export `tocsin_detect` (a function (i32, i32) -> (i32)); is it a Tocsin module?",
        ),
        (
            without("(export \"memory\")"),
            "it has no export `memory` (a 32-bit memory of its own); is it a Tocsin module?",
        ),
        (
            with("(func (export \"free\") (param i32))", "(func (export \"free\") (param i64))"),
            "its export `free` is a function (i64) -> (), not a function (i32) -> ()",
        ),
        (
            with(
                "(memory (export \"memory\") 2)",
                "(memory 2) (global (export \"memory\") i32 (i32.const 0))",
            ),
            "its export `memory` is a global, not a 32-bit memory of its own",
        ),
        (
            with(
                "(func (export \"free\")",
                "(func $trap unreachable) (start $trap) (func (export \"free\")",
            ),
            "it doesn't start: the module trapped: wasm `unreachable` instruction executed",
        ),
        (
            with(version, &version.replace("(i32.const 1)", "unreachable")),
            "it doesn't start: the module trapped: wasm `unreachable` instruction executed",
        ),
    ];
    for (bytes, expected) in cases {
        let (code, reason) = refusal(&bytes);
        assert_eq!(reason.lines().next().unwrap_or_default(), expected);
        assert_eq!(code, Some(2), "{expected}");
    }
    let (code, reason) = refusal(wasm(COUNTER).get(..500).unwrap());
    assert!(reason.starts_with("not a valid WebAssembly module: "), "{reason}");
    assert_eq!(code, Some(2));
}

#[test]
fn a_missing_module_is_wrong_usage() {
    let output = tocsin().args(["rules", "--module", "nowhere.wasm"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: nowhere.wasm: "));
}

/// Scans with the counter.
fn count(arguments: &[&str], text: &str) -> Ran {
    let folder = Folder::new();
    let module: PathBuf = folder.file("counter.wasm", wasm(COUNTER));
    let mut all = vec!["--module".into(), module.into_os_string()];
    all.extend(arguments.iter().map(Into::into));
    scan(&all, text.as_bytes())
}

#[test]
fn another_module_is_run() {
    let ran = count(&["-"], &"{}\n".repeat(1234));
    assert_eq!(ran.counts(), (0, 1234, 0, 0), "{ran:?}");
}

#[test]
fn a_record_that_a_module_fails_at_costs_itself_alone() {
    let cases = [
        ("{!}", "the module trapped: wasm `unreachable` instruction executed"),
        ("{?}", "the module did not answer within 0.2 s"),
        ("{$}", "the module needed more than its 64 MiB of memory"),
        ("{%}", "the module refuses: a percent sign (internal error)"),
        ("{#}", "the module breaks the interface: its answer's text lies outside its memory"),
        ("{&}", "the module breaks the interface: a line of its answer is no frame: "),
    ];
    for (record, reason) in cases {
        let good = "{}\n".repeat(1000);
        let text = format!("{good}{record}\n{good}");
        let ran = count(&["--timeout", "0.2", "--max-memory", "64M", "-"], &text);
        assert_eq!(ran.counts(), (1, 2001, 0, 1), "{record}: {ran:?}");
        let [problem] = ran.problems.as_slice() else { panic!("{record}: {ran:?}") };
        let expected = format!("<stdin>:1001:1: record 1001, byte 3000: {reason}");
        assert!(problem.starts_with(&expected), "{problem}");
        assert!(problem.ends_with("; the record is skipped"), "{problem}");
    }
}

#[test]
fn so_does_one_in_a_list() {
    // Behind one that isn't JSON, what is an element for certain goes on: an object with a key.
    for (element, bad) in [("{}", "{\"a\":\"!\"}"), ("{\"a\":1}", "{!}")] {
        let elements = vec![element; 1000].join(", ");
        let text = format!("[{elements},\n{bad}, {elements}]");
        let ran = count(&["-"], &text);
        assert_eq!(ran.counts(), (1, 2001, 0, 1), "{ran:?}");
        let [problem] = ran.problems.as_slice() else { panic!("{ran:?}") };
        assert!(problem.starts_with("<stdin>:2:1: record 1001, byte "), "{problem}");
    }
}

#[test]
fn a_module_that_fails_at_everything_ends_and_loses_nothing_uncounted() {
    // Many batches, each with more bad records than are worth finding one by one.
    let text = "{!}\n".repeat(8 << 20 >> 2) + &"{\"padding\":\"!\"}\n".repeat(300_000);
    let records = (8 << 20 >> 2) + 300_000;
    // A file: how many batches come of a pipe is a matter of time.
    let folder = Folder::new();
    let file = folder.file("records.ndjson", text);
    for threads in ["1", "3"] {
        let ran = count(&["--threads", threads, file.to_str().unwrap()], "");
        assert_eq!(ran.counts(), (1, records, 0, records), "{:?}", ran.problems.len());
        assert!(ran.problems.len() < 1000, "{}", ran.problems.len());
    }
}

#[test]
fn results_after_a_failure_do_not_depend_on_threads() {
    let mut text = String::new();
    for number in 0..1_200_000 {
        text.push_str(if number % 50_000 == 7 { "{!}\n" } else { "{}\n" });
    }
    // A file: what a read of a pipe gives, and with it where batches end, is a matter of time.
    let folder = Folder::new();
    let file = folder.file("records.ndjson", text);
    let file = file.to_str().unwrap();
    let one = count(&["--threads", "1", file], "");
    assert_eq!(one.figure("records"), 1_200_000);
    for threads in ["2", "4"] {
        let many = count(&["--threads", threads, file], "");
        assert_eq!(many.counts(), one.counts());
        assert_eq!(many.problems, one.problems);
    }
}
