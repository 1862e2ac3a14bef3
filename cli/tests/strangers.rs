//! Records that no rule can make anything of: they are counted by what they are, and said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::transcript::follow;
use common::{Folder, RECORD, lines, tocsin};

#[test]
fn what_no_rule_can_judge_is_said() {
    follow("strangers.txt", "strangers");
}

/// A notice of S3: CloudTrail's keys, and no record of a call.
const NOTICE: &str = r#"{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1","eventName":"ObjectCreated:Put","s3":{"object":{"key":"a.json.gz"}}}"#;

/// The counts by source of a scan.
fn by_source(arguments: &[&str], text: &str) -> serde_json::Value {
    let folder = Folder::new();
    let file = folder.file("trail.json", text);
    let ran = tocsin().args(["scan", "--summary=json"]).args(arguments).arg(&file).output();
    let summary: serde_json::Value = serde_json::from_slice(&ran.unwrap().stdout).unwrap();
    summary["scan"]["by_source"].clone()
}

#[test]
fn each_record_is_counted_by_its_source_read_or_passed_over() {
    let mut text = lines(5_000);
    for _ in 0..700 {
        text.push_str(&format!("{{\"Records\":[{NOTICE},{NOTICE}]}}\n{NOTICE}\n"));
        text.push_str(
            "{\"EventID\":1}\n{\"event\":{\"action\":\"StopLogging\"}}\n{\"a\":1}\nnot JSON\n",
        );
        text.push_str(&format!("[{RECORD},{RECORD}]\n"));
    }
    let expected = serde_json::json!({
        "cloudtrail": 5_000 + 1_400, "wrapped": 2_100, "windows": 700, "normalised": 700, "unknown": 700, "unread": 700,
    });
    assert_eq!(by_source(&[], &text), expected);
    assert_eq!(by_source(&["--strict"], &text), expected);
    assert_eq!(by_source(&["--threads", "3"], &text), expected);
}

#[test]
fn the_first_record_of_each_kind_is_named_by_its_place_in_the_file() {
    let text = format!("{}{{\"a\":1,\"b\":2}}\n{NOTICE}\n{}{{\"c\":1}}\n", lines(3), lines(3));
    let folder = Folder::new();
    let file = folder.file("trail.json", text);
    let ran = tocsin().arg("scan").arg(&file).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("S3 notices: 1 not opened, the first is in "), "{said}");
    assert!(said.contains("trail.json, record 5; "), "{said}");
    let expected = "2 of its 9 records have no field that a rule names; the first of them, record 4, has the keys a, b\n";
    assert!(said.contains(expected), "{said}");
    assert_eq!(ran.status.code(), Some(0));
}

#[test]
fn a_rule_that_looks_anywhere_names_no_field_and_hides_none() {
    let folder = Folder::new();
    let rule = "title: t\nid: t\nlevel: low\nlogsource: {category: webserver}\ndetection:\n  keywords: ['needle']\n  condition: keywords\n";
    let rule = folder.file("rule.yml", rule);
    let rules = ["--no-default-rules", "--rules"].map(std::ffi::OsStr::new);
    let said = |more: &[&std::ffi::OsStr]| {
        let file = folder.file("log.json", "{\"a\":\"needle\"}\n");
        let arguments = [&rules[..], &[rule.as_os_str()], more, &[file.as_os_str()]].concat();
        let ran = tocsin().arg("scan").args(arguments).output().unwrap();
        assert_eq!(ran.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
        String::from_utf8(ran.stderr).unwrap()
    };
    assert_eq!(said(&[]), "");
    let other = folder.file(
        "other.yml",
        "title: u\nid: u\nlevel: low\nlogsource: {product: windows}\ndetection:\n  s: {EventID: 1}\n  condition: s\n",
    );
    let with_other = said(&["--rules".as_ref(), other.as_os_str()]);
    assert!(with_other.contains("has no field that a rule names; its keys are a"), "{with_other}");
}
