//! Inputs that were written to hide records, to stop the command, or to take all of its memory: what must be found
//! in them is found, by default and with `--strict`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use common::{Folder, Ran, scan};

/// A record with this name and id, and more of its own.
fn record(name: &str, id: &str, more: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventSource":"config.amazonaws.com","eventName":"{name}"{more},"eventID":"{id}"}}"#
    )
}

/// A record that both built-in rules select.
fn hit(id: &str) -> String {
    record("StopConfigurationRecorder", id, "")
}

/// Judges a file, by default and with `--strict`: the records with these ids raise both built-in rules' alerts, and
/// no others do.
#[track_caller]
fn raises(file: &Path, arguments: &[&str], hits: &[String], code: i32) -> Ran {
    let run = |strict: Option<&str>| {
        let mut all: Vec<&std::ffi::OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        all.extend(strict.map(AsRef::<std::ffi::OsStr>::as_ref));
        all.push(file.as_os_str());
        let ran = scan(&all, b"");
        let mut found: Vec<String> = ran.alerts.lines().map(id_of).collect();
        let mut wanted: Vec<String> = hits.iter().chain(hits).cloned().collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{strict:?} {:?}", ran.problems);
        assert_eq!(ran.code, code, "{strict:?} {:?}", ran.problems);
        ran
    };
    run(Some("--strict"));
    run(None)
}

fn id_of(alert: &str) -> String {
    let alert: serde_json::Value = serde_json::from_str(alert).unwrap();
    alert["event"]["eventID"].as_str().unwrap().to_owned()
}

/// Records of 50 kB, of which each tenth is a hit, and the ids of those.
fn elements(count: usize) -> (Vec<String>, Vec<String>) {
    let pad = format!(r#","requestParameters":{{"x":"{}"}}"#, "y".repeat(50_000));
    let (mut all, mut hits) = (Vec::new(), Vec::new());
    for n in 0..count {
        let id = format!("hit-{n}");
        if n % 10 == 9 {
            all.push(record("StopConfigurationRecorder", &id, &pad));
            hits.push(id);
        } else {
            all.push(record("StartConfigurationRecorder", &id, &pad));
        }
    }
    (all, hits)
}

fn document(elements: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, elements.join(","))
}

#[test]
fn a_damaged_record_in_a_list_of_ten_megabytes_costs_itself_alone() {
    let folder = Folder::new();
    let (sound, hits) = elements(200);
    let lost = |text: &str| text.replacen("\"eventVersion\"", "eventVersion\"", 1);
    let cut = |text: &str| text[..3_000].to_owned();
    let glued = |text: &str| text[..text.find("{\"x\"").unwrap()].to_owned();
    for (what, damage) in [
        ("a quote is lost", &lost as &dyn Fn(&str) -> String),
        ("it is cut off in a string", &cut),
        ("it is cut off behind a colon", &glued),
    ] {
        let mut all = sound.clone();
        all[5] = damage(&sound[5]);
        let file = folder.file("list.json", document(&all));
        let ran = raises(&file, &[], &hits, 1);
        assert_eq!(ran.counts(), (1, 200, 1, 0), "{what}: {:?}", ran.problems);
    }
}

#[test]
fn a_list_of_seven_megabytes_and_a_record_are_both_found() {
    let (some, _) = elements(8);
    let all: Vec<String> = some.iter().cycle().take(18 * 8).cloned().collect();
    let mut text = document(&all);
    text.pop();
    text = format!("{text},{}", &hit("outside")[1..]);
    let folder = Folder::new();
    let file = folder.file("both.json", text);
    raises(&file, &[], &["outside".to_owned()], 0);
}

#[test]
fn a_record_of_sixty_megabytes_is_judged_within_the_memory_that_there_is() {
    let folder = Folder::new();
    let more = format!(r#","userAgent":"{}""#, "x".repeat(60_000_000));
    let long = record("StopConfigurationRecorder", "long", &more);
    let file = folder.file("long.ndjson", format!("{long}\n{}\n", hit("behind")));
    raises(&file, &[], &["long".to_owned(), "behind".to_owned()], 0);
}

#[test]
fn nine_batches_that_fail_cost_no_record_beside_them() {
    let folder = Folder::new();
    let line = "\"".repeat(400_000);
    let mut text = format!("{line}\n{{}}\n{{}}\n").repeat(8);
    text += &format!("{{}}\n{line}\n{}\n{}\n", hit("a"), hit("b"));
    let file = folder.file("nine.txt", text);
    raises(&file, &["--max-memory", "16M"], &["a".to_owned(), "b".to_owned()], 1);
}

/// A rule file with so many access keys, and one of them.
fn keys(folder: &Folder, name: &str, count: usize, seed: u64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut state = seed;
    let mut rule = format!(
        "title: {name}\nid: {name}\nlevel: high\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  keys:\n    userIdentity.accessKeyId:\n"
    );
    let mut one = String::new();
    for _ in 0..count {
        one = "AKIA".to_owned();
        for _ in 0..16 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            one.push(char::from(letters[(state >> 59) as usize]));
        }
        rule += &format!("      - {one}\n");
    }
    folder.file(&format!("rules/{name}.yml"), rule + "  condition: keys\n");
    one
}

#[test]
fn rules_with_tens_of_thousands_of_values_run() {
    let folder = Folder::new();
    let known: Vec<String> =
        (0..3).map(|n| keys(&folder, &format!("keys{n}"), 15_000, n)).collect();
    let rules = folder.path().join("rules");
    let mut text = hit("hit") + "\n";
    for key in known.iter().map(String::as_str).chain(["AKIA2"]) {
        let more = format!(r#","userIdentity":{{"type":"IAMUser","accessKeyId":"{key}"}}"#);
        text += &(record("StartConfigurationRecorder", key, &more) + "\n");
    }
    for strict in [&[][..], &["--strict"][..]] {
        let mut arguments = vec!["--rules", rules.to_str().unwrap(), "-"];
        arguments.extend(strict);
        let ran = scan(&arguments, text.as_bytes());
        let mut found: Vec<String> = ran.alerts.lines().map(id_of).collect();
        let mut wanted = vec!["hit".to_owned(), "hit".to_owned()];
        wanted.extend(known.iter().cloned());
        found.sort();
        wanted.sort();
        assert_eq!((found, ran.code), (wanted, 0), "{:?}", ran.problems);
    }
}

#[test]
fn many_exceptions_for_many_rules_of_one_name_are_checked() {
    let folder = Folder::new();
    let rules: Vec<String> = (0..500)
        .map(|n| format!("title: same\nid: id-{n}\nlevel: low\nlogsource: {{product: aws}}\ndetection:\n  s:\n    eventName: v{n}\n  condition: s\n"))
        .collect();
    let rules = folder.file("rules.yml", rules.join("---\n"));
    let values: Vec<String> = (0..50).map(|n| format!("'v{n}'")).collect();
    let item = format!(
        "[[exceptions.items]]\n[[exceptions.items.entries]]\nfield='user.name'\noperator='included'\ntype='match_any'\nvalue=[{}]\n",
        values.join(",")
    );
    let exceptions =
        format!("[metadata]\nrule_names=['same']\n[[exceptions]]\n{}", item.repeat(500));
    let exceptions = folder.file("exceptions.toml", exceptions);
    let output = common::tocsin().arg("check").args([rules, exceptions]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("500 rules"), "{said}");
}

#[test]
fn lines_that_each_begin_an_object_take_no_longer_than_others() {
    let folder = Folder::new();
    for begin in ["{\"a\":[\n", "{\"a\":{\n"] {
        let file = folder.file("begins", begin.repeat(800_000) + &hit("hit") + "\n");
        raises(&file, &[], &["hit".to_owned()], 1);
    }
}
