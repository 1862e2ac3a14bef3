//! Rules as a craft: begun, tested, explained, covered, with a configuration of their folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::transcript::{follow, here, run};
use common::{Folder, tocsin};

#[test]
fn the_transcript_of_an_author() {
    follow("craft.txt", "rules");
}

#[test]
fn a_configuration_is_found_in_the_folders_around() {
    follow("project.txt", "project/inner");
}

#[test]
fn the_environment_wins_over_the_configuration_and_the_line_over_both() {
    let scan = |format: Option<&str>, arguments: &[&str]| {
        let mut command = tocsin();
        command.args(["scan", "--quiet"]).args(arguments);
        if let Some(format) = format {
            command.env("TOCSIN_FORMAT", format);
        }
        let ran = command.current_dir(here("tests/transcripts/project")).output().unwrap();
        (String::from_utf8(ran.stdout).unwrap(), ran.status.code())
    };
    assert!(scan(None, &[]).0.starts_with("2026-03-14T12:00:00Z critical "));
    assert!(scan(Some("csv"), &[]).0.starts_with("time,severity,"));
    assert!(scan(Some("csv"), &["--format", "json"]).0.starts_with("{\"id\""));
    assert_eq!(scan(Some("xml"), &[]).1, Some(2));
}

#[test]
fn a_draft_finds_its_record_in_every_language() {
    let hostile = r#"{"eventVersion":"1.08","eventSource":"x'''y\".amazonaws.com","eventName":"Stop \"it\" all: (or) not*","userAgent":"'''\u0001"}"#;
    let records = [
        std::fs::read_to_string(here("tests/transcripts/trail/logs/calls.ndjson")).unwrap(),
        hostile.to_owned(),
    ];
    for record in &records {
        for (file, language) in [("r.toml", "kuery"), ("r.toml", "logpresso"), ("r.yml", "sigma")] {
            let folder = Folder::new();
            let from = folder.file("record.json", record);
            let from = from.to_str().unwrap();
            let (said, code) =
                run(folder.path(), &["new", file, "--from", from, "--language", language]);
            assert_eq!(code, 0, "{language}: {said}");
            let rule = || std::fs::read_to_string(folder.path().join(file)).unwrap();
            let (said, code) = run(folder.path(), &["test", file]);
            assert_eq!(code, 0, "{language}: {said}{}", rule());
            assert!(said.contains("1 passed; 0 failed"), "{language}: {said}");
            let (said, code) = run(folder.path(), &["new", file]);
            assert_eq!(code, 1, "it doesn't write over a rule: {said}");
        }
    }
}

#[test]
fn a_template_has_no_warning() {
    for file in ["r.toml", "r.yml"] {
        let folder = Folder::new();
        assert_eq!(run(folder.path(), &["new", file]).1, 0);
        let (said, code) = run(folder.path(), &["check", "--deny-warnings", file]);
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn results_are_written_for_ci_systems() {
    let folder = Folder::new();
    let file = folder.path().join("results.xml");
    let arguments = ["test", "failing", "sound", "--junit", file.to_str().unwrap()];
    let (said, code) = run(&here("tests/transcripts/rules"), &arguments);
    assert_eq!(code, 1, "{said}");
    let report = std::fs::read_to_string(file).unwrap();
    assert!(
        report.contains("<testsuites name=\"tocsin\" tests=\"11\" failures=\"6\">"),
        "{report}"
    );
    assert!(
        report.contains("event.action = &quot;StartLogging&quot;"),
        "the tree is in it: {report}"
    );
    assert!(!report.contains('\u{1b}'), "{report}");
}

#[test]
fn what_is_watched_is_tested_again_when_it_changes() {
    let folder = Folder::new();
    assert_eq!(run(folder.path(), &["new", "r.toml"]).1, 0);
    let mut child = tocsin()
        .args(["test", "--watch", "r.toml"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next_result =
        || lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("test result")).unwrap();
    assert!(next_result().contains("ok. 1 passed"));
    let path = folder.path().join("r.toml");
    let rule = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rule.replace("matches = true", "matches = false")).unwrap();
    assert!(next_result().contains("FAILED. 0 passed; 1 failed"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn pages_completions_and_schemas_come_from_the_same_definitions() {
    let folder = Folder::new();
    let (said, code) = run(folder.path(), &["man", "man"]);
    assert_eq!(code, 0, "{said}");
    let page = std::fs::read_to_string(folder.path().join("man/tocsin-scan.1")).unwrap();
    assert!(page.contains("\\-\\-fail\\-on"), "{page}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (text, code) = run(folder.path(), &["completions", shell]);
        assert!(code == 0 && text.contains("fail-on"), "{shell}: {text}");
    }
    for of in ["rule", "config", "alert"] {
        let (text, code) = run(folder.path(), &["schema", of]);
        assert_eq!(code, 0);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

#[test]
fn the_cache_says_where_it_is_and_is_cleared() {
    let folder = Folder::new();
    let cache = |arguments: &[&str]| {
        let ran = tocsin()
            .args(arguments)
            .env("TOCSIN_CACHE", folder.path().join("kept"))
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0));
        String::from_utf8(ran.stdout).unwrap()
    };
    assert!(cache(&["cache"]).ends_with("kept: 0 compiled modules and 0 sets of rules, 0 B\n"));
    cache(&["rules"]);
    assert!(cache(&["cache"]).contains("kept: 1 compiled modules and 0 sets of rules, "));
    assert!(
        cache(&["cache", "--clear"]).contains("removed 1 compiled modules and 0 sets of rules, ")
    );
    assert!(cache(&["cache"]).ends_with("kept: 0 compiled modules and 0 sets of rules, 0 B\n"));
    let none = tocsin().arg("cache").env("TOCSIN_CACHE", "").output().unwrap();
    assert!(String::from_utf8(none.stderr).unwrap().starts_with("nothing is kept"));
}
