//! What somebody else's records, rules and files can't do to the command: stall it, fill a screen, read files, or
//! take over a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::process::{Output, Stdio};

use common::{Folder, scan, tocsin};

const STOP: &str = r#""eventVersion":"1.08","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder""#;

/// A record that both built-in rules select.
fn hit(id: &str) -> String {
    format!(r#"{{{STOP},"eventID":"{id}"}}"#)
}

fn rule(query: &str, more: &str) -> String {
    format!(
        "[rule]\nrule_id = \"r\"\nname = \"r\"\nlanguage = \"kuery\"\nseverity = \"high\"\nquery = '''{query}'''\n{more}\n"
    )
}

fn run(arguments: &[&std::ffi::OsStr]) -> Output {
    tocsin().args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn junk_is_told_in_a_few_lines_and_counted_exactly() {
    let text = "x\n".repeat(20_000) + &hit("hit");
    let ran = scan(&["-"], text.as_bytes());
    assert_eq!(ran.counts(), (1, 20_001, 20_000, 0));
    assert_eq!(ran.alerts.lines().count(), 2);
    // Standard input comes in a few batches, of which each has ten errors and a count.
    assert!(ran.problems.len() <= 44, "{:?}", ran.problems);
    assert!(ran.problems[10].contains("more of the records from this one on"));
}

#[test]
fn many_records_beside_a_record_are_each_judged_once() {
    let inside: Vec<String> = (0..5_000)
        .map(|n| format!(r#"{{"eventName":"StopConfigurationRecorder","eventSource":"config.amazonaws.com","eventID":"{n}"}}"#))
        .collect();
    let message = serde_json::to_string(&format!("[{}]", inside.join(","))).unwrap();
    let text = format!("{}\n{{\"eventName\":\"x\",\"message\":{message}}}\n", hit("before"));
    let ran = scan(&["-"], text.as_bytes());
    assert_eq!(ran.alerts.lines().count(), 2 * 5_001, "{:?}", ran.problems);
    assert_eq!(ran.code, 0);
}

#[test]
fn a_message_that_a_record_makes_long_is_cut_and_marked() {
    let folder = Folder::new();
    let message = format!("message = '{}'", "${requestParameters.a}".repeat(200));
    let rules = folder.file("long.toml", rule("event.action: StopConfigurationRecorder", &message));
    let long = format!(r#"{{{STOP},"requestParameters":{{"a":"{}"}}}}"#, "x".repeat(1 << 20));
    let arguments = ["--no-default-rules".as_ref(), "--rules".as_ref(), rules.as_os_str()];
    let ran = scan(&arguments, format!("{long}\n{}\n", hit("b")).as_bytes());
    assert_eq!((ran.code, ran.alerts.lines().count()), (0, 2), "{:?}", ran.problems);
    let alert: serde_json::Value =
        serde_json::from_str(ran.alerts.lines().next().unwrap()).unwrap();
    let message = alert["message"].as_str().unwrap();
    assert!(message.len() < 70_000 && message.ends_with("… (cut)"));
    assert_eq!(alert["event"]["requestParameters"]["a"].as_str().unwrap().len(), 1 << 20);
}

#[test]
fn a_strangers_event_is_judged_by_no_rule_for_cloudtrail() {
    let event = |source: &str| {
        format!(
            r#"{{"version":"0","detail-type":"x","source":"{source}","account":"111122223333","region":"eu-central-1","detail":{}}}"#,
            hit("a")
        )
    };
    let ran = scan(&["-"], event("my.app").as_bytes());
    assert_eq!((ran.code, ran.alerts.as_str()), (0, ""));
    assert!(ran.problems.iter().any(|line| line.contains("event sources that aren't AWS's")));
    // The outermost word counts.
    let nested = event("my.app").replace(&hit("a"), &event("aws.config"));
    assert_eq!(scan(&["-"], nested.as_bytes()).alerts, "");
    for (source, arguments) in
        [("aws.config", &["-"][..]), ("my.app", &["--trust-event-source", "my.app", "-"])]
    {
        let ran = scan(arguments, event(source).as_bytes());
        assert_eq!(ran.alerts.lines().count(), 2, "{source} {:?}", ran.problems);
        let alert: serde_json::Value =
            serde_json::from_str(ran.alerts.lines().next().unwrap()).unwrap();
        let envelope = serde_json::json!({
            "source": source, "account": "111122223333", "region": "eu-central-1",
        });
        assert_eq!(alert["envelope"], envelope);
    }
}

#[test]
fn what_a_person_reads_moves_no_cursor_and_turns_no_line_around() {
    let folder = Folder::new();
    let hostile = "\u{9b}2J\u{202e}\u{7f}";
    // TOML has no U+007F as it is.
    let unseen = hostile.trim_end_matches('\u{7f}');
    let text = rule(&format!("event.action: * and not field{unseen}: x"), "")
        .replace("name = \"r\"", &format!("name = \"{unseen}\\u007f\""));
    let rules = folder.file("a.toml", &text);
    let record = folder.file("record.json", format!(r#"{{{STOP},"userAgent":"{hostile}"}}"#));
    let wrong = folder.file("b.toml", text.replace("event.action: *", "(x"));
    let loaded = ["--no-default-rules".as_ref(), "--rules".as_ref(), rules.as_os_str()];
    for arguments in [
        [&["rules".as_ref()], &loaded[..]].concat(),
        [
            &["explain".as_ref(), "--rule".as_ref(), "r".as_ref()],
            &loaded[..],
            &[record.as_os_str()],
        ]
        .concat(),
        vec!["check".as_ref(), wrong.as_os_str()],
        vec!["scan".as_ref(), hostile.as_ref()],
    ] {
        let output = run(&arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        assert!(!said.contains(['\u{9b}', '\u{202e}', '\u{7f}']), "{arguments:?}: {said}");
    }
}

#[test]
fn a_value_of_any_depth_is_explained() {
    let folder = Folder::new();
    let rules =
        folder.file("a.toml", rule("aws.cloudtrail.request_parameters: * or event.action: *", ""));
    let deep = "[".repeat(1_000) + &"]".repeat(1_000);
    let record = format!(r#"{{{STOP},"requestParameters":{{"a":{deep}}}}}"#);
    let record = folder.file("record.json", record);
    let output = tocsin()
        .args(["explain", "--no-default-rules", "--rule", "r", "--rules"])
        .arg(rules)
        .arg(record)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn a_test_reads_no_file_outside_its_folder_and_none_without_an_end() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let secret = folder.file("secret.json", hit("secret"));
    std::fs::create_dir(secret.with_file_name("rules")).unwrap();
    symlink("../secret.json", secret.with_file_name("rules").join("link")).unwrap();
    symlink("/dev/zero", secret.with_file_name("rules").join("zero")).unwrap();
    for file in ["../secret.json", "link", "zero", "/dev/zero", "sub/../../secret.json"] {
        let test = format!("[[test]]\nname = \"t\"\nmatches = true\nfile = \"{file}\"\n");
        let text = rule("event.action: *", "") + &test;
        let path = folder.file("rules/r.toml", text);
        let output = run(&["test".as_ref(), path.as_os_str()]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{file}: {said}");
        assert!(said.contains("test-record") && !said.contains("secret\""), "{file}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_pattern_goes_round_no_circle_of_links() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let one = folder.file("a.ndjson", hit("a"));
    let root = one.parent().unwrap();
    std::fs::create_dir(root.join("sub")).unwrap();
    folder.file("sub/b.ndjson", hit("b"));
    symlink("..", root.join("sub/loop")).unwrap();
    for pattern in [root.to_owned(), root.join("**/*.ndjson"), root.join("**")] {
        let ran = scan(&[&pattern], b"");
        assert_eq!((ran.code, ran.figure("files")), (0, 2), "{pattern:?} {:?}", ran.problems);
        assert_eq!(ran.alerts.lines().count(), 4);
    }
    symlink("nowhere", root.join("dangling.toml")).unwrap();
    folder.file("r.toml", rule("event.action: *", ""));
    let output = run(&["check".as_ref(), root.as_os_str()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn rules_that_are_too_much_are_errors_with_their_files_names() {
    let folder = Folder::new();
    let values: String = (0..1_500).map(|n| format!("      - '-a -b -c -d -e {n}'\n")).collect();
    let sigma = |field: &str, values: &str| {
        format!(
            "title: t\nid: t\nlevel: low\nlogsource: {{product: aws}}\ndetection:\n  s:\n    {field}:\n{values}  condition: s\n"
        )
    };
    for (name, text, code) in [
        ("dashes.yml", sigma("userAgent|windash", &values), "sigma-value"),
        ("regex.yml", sigma("userAgent|re", "      - '(a{1,40}){40}b'\n"), "sigma-regex"),
    ] {
        let path = folder.file(name, text);
        let output = run(&["check".as_ref(), path.as_os_str()]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(name) && said.contains(code), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_standard_output_is_an_error() {
    let folder = Folder::new();
    let record = folder.file("a.json", hit("a"));
    let run = |arguments: &str, descriptor: &str| {
        let program = env!("CARGO_BIN_EXE_tocsin");
        let script = format!("'{program}' {arguments} {descriptor}");
        std::process::Command::new("sh").args(["-c", &script]).output().unwrap()
    };
    let scan = format!("scan '{}'", record.display());
    for arguments in [&scan, "rules", "coverage", "cache"] {
        let output = run(arguments, ">&-");
        assert_eq!(output.status.code(), Some(1), "{arguments}: {}", stderr(&output));
        assert!(stderr(&output).contains("standard output is closed"), "{}", stderr(&output));
        assert_eq!(run(arguments, ">/dev/null").status.code(), Some(0), "{arguments}");
    }
    // Nothing is lost where nothing is written.
    let no_alert = folder.file("none.json", b"{}");
    assert_eq!(run(&format!("scan '{}'", no_alert.display()), ">&-").status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let folder = Folder::new();
    let record = folder.file("a.json", hit("a"));
    let output =
        tocsin().arg("scan").arg(record).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}
