//! Compiled modules that are kept between runs change no answer, whatever becomes of their files.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/guest.rs"]
mod guest;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use common::{Folder, tocsin};
use guest::{COUNTER, wasm};

/// Exit code, standard output and standard error of a scan with this folder for the user's cache.
fn scan(cache: &Path, module: &Path) -> (Option<i32>, Vec<u8>, String) {
    let mut command = tocsin();
    let records = module.with_file_name("records.ndjson");
    fs::write(&records, "{}\n".repeat(100)).unwrap();
    command.args(["scan", "--stats", "--module"]).args([module, &records]);
    let output = command.env_remove("TOCSIN_CACHE").env("XDG_CACHE_HOME", cache).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let took = |line: &&str| line.starts_with("elapsed") || line.starts_with("throughput");
    let stderr = stderr.lines().filter(|line| !took(line)).collect();
    (output.status.code(), output.stdout, stderr)
}

fn files(cache: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(cache.join("tocsin/modules")).unwrap();
    folder.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_kept_module_answers_as_a_compiled_one() {
    let folder = Folder::new();
    let module = folder.file("module.wasm", wasm(COUNTER));
    let cache = folder.path().join("cache");
    let compiled = scan(&cache, &module);
    assert!(compiled.0 == Some(0) && compiled.2.contains("100"), "{compiled:?}");
    let [file] = files(&cache).try_into().unwrap();
    let inode = fs::metadata(&file).unwrap().ino();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    assert_eq!(scan(&cache, &module), compiled);
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode, "it is used");

    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(scan(&cache, &module), compiled);
    assert_eq!(fs::read(&file).unwrap(), whole, "what is cut off is replaced");

    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(scan(&cache, &module), compiled);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "so is this");
}

#[test]
fn without_a_place_for_it_each_run_compiles() {
    let folder = Folder::new();
    let module = folder.file("module.wasm", wasm(COUNTER));
    let file = folder.file("no-folder", "");
    let cache = folder.path().join("cache");
    assert_eq!(scan(&file, &module), scan(&cache, &module));
}

/// Rules of which there are enough to be kept, each for one event's name.
fn many_rules(folder: &Folder) -> PathBuf {
    let rule = |number: usize| {
        let filler = "It is described at length. ".repeat(20);
        format!(
            "title: Rule {number}\nid: many-{number}\ndescription: {filler}\nlevel: low\nlogsource:\n  product: aws\n  \
             service: cloudtrail\ndetection:\n  one:\n    eventName: Event{number}x\n  condition: one\n"
        )
    };
    for number in 0..500 {
        folder.file(&format!("rules/{number}.yml"), rule(number));
    }
    folder.path().join("rules")
}

/// A new cache folder that has the modules which other tests have compiled, but no rules.
fn with_modules(folder: &Folder, name: &str) -> PathBuf {
    let cache = folder.path().join(name);
    fs::create_dir(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).unwrap();
    let compiled = std::env::var_os("TOCSIN_CACHE").and_then(|kept| fs::read_dir(kept).ok());
    let mut compiled: Vec<_> = compiled.into_iter().flatten().map(|entry| entry.unwrap()).collect();
    compiled.retain(|file| file.path().extension().is_some_and(|end| end == "compiled"));
    compiled.sort_by_key(|file| std::cmp::Reverse(file.metadata().unwrap().modified().unwrap()));
    for file in compiled.iter().take(8) {
        fs::copy(file.path(), cache.join(file.file_name())).unwrap();
    }
    cache
}

#[test]
fn kept_rules_answer_as_rules_that_are_read() {
    let folder = Folder::new();
    let rules = many_rules(&folder);
    let cache = with_modules(&folder, "cache");
    let record = |name: &str| {
        format!(
            "{{\"eventVersion\":\"1.08\",\"eventSource\":\"a.amazonaws.com\",\"eventName\":\"{name}\"}}\n"
        )
    };
    let records =
        folder.file("records.ndjson", record("Event7x") + &record("Event499x") + &record("Other"));
    let scan = |cache: &Path, more: &[&str]| {
        let mut command = tocsin();
        command.args(["scan", "--threads", "2", "--rules"]).arg(&rules).arg(&records).args(more);
        let ran = command.env("TOCSIN_CACHE", cache).output().unwrap();
        (
            ran.status.code(),
            String::from_utf8(ran.stdout).unwrap(),
            String::from_utf8(ran.stderr).unwrap(),
        )
    };
    let kept = || -> Vec<PathBuf> {
        let files = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "rules")).collect()
    };
    let read = scan(&with_modules(&folder, "one"), &[]);
    assert_eq!((read.0, read.1.lines().count()), (Some(0), 2), "{read:?}");

    assert_eq!(scan(&cache, &[]), read);
    let [file] = kept().try_into().unwrap();
    let inode = fs::metadata(&file).unwrap().ino();
    assert_eq!(scan(&cache, &[]), read);
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode, "it is used");

    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(scan(&cache, &[]), read);
    assert_eq!(fs::read(&file).unwrap().len(), whole.len(), "what is cut off is replaced");

    // Other options are other rules.
    let ecs = scan(&with_modules(&folder, "two"), &["--format", "ecs"]);
    assert_ne!(ecs.1, read.1);
    assert_eq!(scan(&cache, &["--format", "ecs"]), ecs);
    assert_eq!(scan(&cache, &["--format", "ecs"]), ecs);
    assert_eq!(kept().len(), 2);

    // So are rules of which one has changed.
    folder.file(
        "rules/7.yml",
        fs::read_to_string(rules.join("8.yml")).unwrap().replace("8", "77777"),
    );
    let changed = scan(&cache, &[]);
    assert_eq!(changed.1.lines().count(), 1, "{changed:?}");
    assert_eq!(scan(&cache, &[]), changed);
}

#[test]
fn rules_with_exceptions_that_end_are_read_each_time() {
    let folder = Folder::new();
    let rules = many_rules(&folder);
    let cache = with_modules(&folder, "cache");
    let rule = r#"[rule]
name = "Dated"
rule_id = "dated"
type = "query"
language = "kuery"
severity = "low"
risk_score = 1
description = "d"
query = "event.action: Dated"
[[exceptions]]
[[exceptions.items]]
expire_time = "2999-01-01T00:00:00Z"
[[exceptions.items.entries]]
field = "event.action"
operator = "included"
type = "match"
value = "Dated"
"#;
    fs::write(rules.join("dated.toml"), rule).unwrap();
    let records = folder.file(
        "records.ndjson",
        "{\"eventVersion\":\"1.08\",\"eventSource\":\"a.amazonaws.com\",\"eventName\":\"Dated\"}\n",
    );
    let mut command = tocsin();
    command.args(["scan", "--rules"]).arg(&rules).arg(&records).env("TOCSIN_CACHE", &cache);
    let ran = command.output().unwrap();
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(0), 0), "{ran:?}");
    let files = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files.filter(|path| path.extension().is_some_and(|end| end == "rules")).count(), 0);
}
