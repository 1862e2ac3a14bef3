//! `tocsin check` and `tocsin test`, over rules made for that and over the repository's own.
//!
//! `transcripts/*.txt` hold command lines, each with its output and, in brackets, its exit code. Commands run
//! in `transcripts/rules`. With `UPDATE=1` in the environment the files are written anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tocsin_host::detector::Document;
use tocsin_host::rule_test::{ENDING, RuleTests};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Output of both streams, and the exit code.
fn run(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let ran = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command starts");
    let text = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (text, ran.status.code().expect("the command ends by itself"))
}

/// Runs the commands of a transcript and compares what they say.
fn follow(name: &str) {
    let path = here("tests/transcripts").join(name);
    let expected = std::fs::read_to_string(&path).unwrap();
    let mut actual = String::new();
    for line in expected.lines() {
        let Some(command) = line.strip_prefix("$ tocsin ") else { continue };
        let arguments: Vec<&str> = command.split(' ').collect();
        let (text, code) = run(&here("tests/transcripts/rules"), &arguments);
        let _ = writeln!(actual, "{line}\n{text}[{code}]\n");
    }
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&path, &actual).unwrap();
    }
    let differs = expected.lines().zip(actual.lines()).find(|(one, other)| one != other);
    assert!(
        expected == actual,
        "{}: the first line that differs: {differs:#?}\nall of it:\n{actual}",
        path.display()
    );
}

#[test]
fn check_says_what_is_wrong_and_where() {
    follow("check.txt");
}

#[test]
fn test_says_what_passes_and_how_the_rest_differs() {
    follow("test.txt");
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
