//! `tocsin compile`: modules of rules, and that they say what the rules themselves say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use common::{Folder, tocsin};
use tocsin_host::compile::manifest_of;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// Runs a command in the repository; its exit code and both streams.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let ran = tocsin().args(arguments).current_dir(repository("")).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ran.status.code().unwrap(), text(ran.stdout), text(ran.stderr))
}

/// Every record of the pack's tests, so that every rule has something to raise.
fn records(folder: &Folder) -> PathBuf {
    let mut lines = String::new();
    for entry in walkdir::WalkDir::new(repository("rules/pack")).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let tests = table.get("test").and_then(toml::Value::as_array);
        for test in tests.into_iter().flatten() {
            if let Some(record) = test.get("record").and_then(toml::Value::as_str) {
                let record: serde_json::Value = serde_json::from_str(record).unwrap();
                lines.push_str(&format!("{record}\n"));
            }
        }
    }
    folder.file("records.ndjson", lines)
}

#[test]
fn a_compiled_pack_raises_what_its_rules_raise_byte_for_byte() {
    let folder = Folder::new();
    let module = folder.path().join("pack.wasm");
    let module = module.to_str().unwrap();
    let (code, _, said) = run(&["compile", "rules/pack", "-o", module]);
    assert_eq!(code, 0, "{said}");

    let records = records(&folder);
    let records = records.to_str().unwrap();
    for format in ["json", "ecs"] {
        let options = ["scan", "--format", format, records];
        let rules = run(&[&options[..], &["--no-default-rules", "--rules", "rules/pack"]].concat());
        let compiled = run(&[&options[..], &["--module", module]].concat());
        assert_eq!(rules.0, 0, "{}", rules.2);
        assert!(rules.1.lines().count() >= 50, "only {} alerts", rules.1.lines().count());
        assert!(rules == compiled, "{format}: the compiled module says something else");
    }
}

#[test]
fn the_same_rules_give_the_same_bytes_whatever_module_they_begin_with() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let compile = |name: &str, more: &[&str]| {
        let output = path(name);
        let arguments = [&["compile", "rules/builtin", "-o", &output][..], more].concat();
        let (code, _, said) = run(&arguments);
        assert_eq!(code, 0, "{said}");
        std::fs::read(output).unwrap()
    };
    let first = compile("a.wasm", &[]);
    assert!(first == compile("b.wasm", &[]));
    let table = |arguments: &[&str]| {
        let (code, text, said) = run(&[&["rules"], arguments].concat());
        assert_eq!(code, 0, "{said}");
        let (table, module) = text.split_once("\n\n").unwrap();
        (table.to_owned(), module.to_owned())
    };
    let (compiled, embedded) = (table(&[&path("a.wasm")]), table(&[]));
    assert_eq!(compiled.0, embedded.0, "the built-in rules are those of the module");
    assert_ne!(compiled.1, embedded.1, "it is another module");
    // A tenant loads many of them; shippers and browsers fetch them.
    assert!(first.len() < 2_080_000, "{} bytes", first.len());
}

#[test]
fn a_module_says_which_rules_it_holds_without_being_run() {
    let folder = Folder::new();
    let output = folder.path().join("a.wasm");
    assert_eq!(run(&["compile", "rules/builtin", "-o", output.to_str().unwrap()]).0, 0);
    let manifest = manifest_of(&std::fs::read(&output).unwrap()).unwrap().unwrap();
    let ids: Vec<&str> = manifest.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids,
        ["fbd44836-0d69-4004-a0b4-03c20370c435", "logpresso-aws-configuration-recorder-stopped"]
    );
    for rule in &manifest.rules {
        use sha2::Digest;
        let text = std::fs::read(repository(&rule.document)).unwrap();
        let digest = format!("{:x}", sha2::Sha256::digest(text));
        assert_eq!(rule.sha256, digest, "{}", rule.document);
    }
    assert_eq!(manifest_of(tocsin_host::EMBEDDED_MODULE).unwrap(), None);
}

#[test]
fn rules_with_errors_make_no_module() {
    let folder = Folder::new();
    let rule = folder.file("bad.toml", "[rule]\nname = 'x'\n");
    let output = folder.path().join("bad.wasm");
    let (code, _, said) = run(&["compile", rule.to_str().unwrap(), "-o", output.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(said.contains("error[rule-missing-key]") && said.contains("bad.toml:1:1"), "{said}");
    assert!(!output.exists());
}
