//! The library's examples do what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../examples/compile_rules.rs"]
mod compile_rules;
#[path = "../examples/embed.rs"]
mod embed;
#[path = "../examples/sink.rs"]
mod sink;

use std::path::Path;

#[test]
fn a_detector_in_a_program_of_ones_own() {
    let lines = embed::run().unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[..2].iter().all(|line| line.starts_with("record 0: alert ")), "{lines:?}");
    assert!(lines[2].starts_with("record 1: the record is cut off"), "{lines:?}");
}

#[test]
fn a_sink_of_ones_own() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let counts = sink::run(vec![examples]).unwrap();
    assert_eq!(counts.problems, [""; 0]);
    assert_eq!(counts.alerts.len(), 2, "{:?}", counts.alerts);
    assert_eq!(counts.alerts.values().sum::<u64>(), 11);
}

#[test]
fn rules_compiled_into_a_module() {
    assert_eq!(compile_rules::run().unwrap(), (vec!["console-login-without-mfa".to_owned()], 1));
}
