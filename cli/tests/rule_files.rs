//! `tocsin check` and `tocsin test`, over rules made for that and over the repository's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::PathBuf;

use common::transcript::{follow, here, run};
use common::{Folder, tocsin};
use tocsin_host::detector::Document;
use tocsin_host::rule_test::{ENDING, RuleTests};

#[test]
fn check_says_what_is_wrong_and_where() {
    follow("check.txt", "rules");
}

#[test]
fn what_is_valid_and_hardly_meant_is_said_a_few_times() {
    follow("lints.txt", "lints");
}

#[test]
fn more_literals_than_can_be_looked_for_are_said_with_what_they_cost() {
    let folder = Folder::new();
    let check = |keys: std::ops::Range<u32>, name: &str| {
        let keys: String = keys.map(|key| format!("      - AKIA{key:016}\n")).collect();
        let rule = format!(
            "title: Keys\nid: {name}\nlevel: low\nlogsource: {{product: aws, service: cloudtrail}}\n\
             detection:\n  s:\n    userIdentity.accessKeyId:\n{keys}  condition: s\n"
        );
        folder.file(&format!("{name}.yml"), rule);
        let ran = tocsin().arg("check").arg(folder.path()).output().unwrap();
        assert_eq!(ran.status.code(), Some(0));
        String::from_utf8(ran.stdout).unwrap()
    };
    let few = check(0..1_000, "some-keys");
    assert!(few.ends_with("1 rule loaded, 0 refused, 0 errors, 0 warnings\n"), "{few}");
    let many = check(1_000..1_100, "more-keys");
    assert!(many.contains("warning[rules-literals]: the rules have 1100 texts"), "{many}");
    assert!(many.contains("the rule `some-keys` has most of them"), "{many}");
    assert!(many.ends_with("2 rules loaded, 0 refused, 0 errors, 1 warning\n"), "{many}");
    let alone = check(0..1_100, "some-keys");
    assert_eq!(alone.matches("rules-literals").count(), 1, "{alone}");
}

#[test]
fn test_says_what_passes_and_how_the_rest_differs() {
    follow("test.txt", "rules");
}

#[test]
fn a_file_that_is_no_text_is_said_and_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bytes.toml"), b"[rule]\nname = \"\xff\"\n").unwrap();
    std::fs::copy(here("tests/transcripts/rules/twins/one.toml"), folder.path().join("one.toml"))
        .unwrap();
    let (text, code) = run(folder.path(), &["check", "."]);
    assert!(text.starts_with("error[rule-not-utf8]: "), "{text}");
    assert!(text.contains("bytes.toml:2:9\n"), "{text}");
    assert!(text.ends_with("1 rule loaded, 0 refused, 1 error, 0 warnings\n"), "{text}");
    assert_eq!(code, 1);
}

#[test]
fn rules_are_required() {
    for command in ["check", "test"] {
        assert_eq!(run(&here("."), &[command]).1, 2, "tocsin {command}");
    }
}

#[test]
fn the_rules_of_this_repository_load_without_a_warning() {
    let (text, code) = run(&here(".."), &["check", "--deny-warnings", "rules"]);
    assert_eq!(code, 0, "{text}");
    let rules = text.strip_suffix(" rules loaded, 0 refused, 0 errors, 0 warnings\n");
    assert_eq!(rules.and_then(|rules| rules.parse().ok()), Some(rule_files().len()), "{text}");
}

#[test]
fn the_rules_of_this_repository_pass_their_tests() {
    let (text, code) = run(&here(".."), &["test", "rules"]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("no tests"), "{text}");
}

/// A rule that nothing sets off, or that everything does, could pass tests of one kind.
#[test]
fn each_rule_of_this_repository_has_tests_of_both_kinds() {
    let rules = rule_files();
    for (folder, least) in [("elastic", 14), ("logpresso", 6), ("sigma", 8)] {
        let folder = here("../rules/pack").join(folder);
        let number = rules.iter().filter(|path| path.starts_with(&folder)).count();
        assert!(number >= least, "{}: {number} rules", folder.display());
    }
    for path in rules {
        let text = std::fs::read_to_string(&path).unwrap();
        let document = Document { name: path.display().to_string(), text };
        let tests = RuleTests::read(document).unwrap().tests;
        let positive = tests.iter().filter(|test| test.matches).count();
        assert!(positive >= 1, "{}: no test expects an alert", path.display());
        assert!(tests.len() - positive >= 2, "{}: less than two near misses", path.display());
    }
}

/// All files of `rules` that hold a rule.
fn rule_files() -> Vec<PathBuf> {
    walkdir::WalkDir::new(here("../rules"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            let name = path.to_string_lossy();
            let rule = [".toml", ".yml", ".yaml"].iter().any(|ending| name.ends_with(ending));
            rule && !name.ends_with(ENDING)
        })
        .collect()
}
