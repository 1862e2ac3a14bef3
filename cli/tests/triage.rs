//! `tocsin scan` for people: formats, filters, counts, exit codes, and how it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use common::transcript::{follow, here};
use common::{Folder, tocsin};

const STOP: &str = r#"{"eventVersion":"1.08","eventName":"StopConfigurationRecorder","eventSource":"config.amazonaws.com","eventTime":"2026-03-14T09:20:00Z"}"#;

#[test]
fn the_transcript_of_a_day() {
    follow("triage.txt", "trail");
}

#[test]
fn a_rule_that_a_filter_excludes_does_not_run() {
    let folder = Folder::new();
    let rule = folder.file(
        "any.toml",
        "[rule]\nrule_id = \"any\"\nname = \"Any event\"\nlanguage = \"kuery\"\nseverity = \"low\"\nquery = 'event.action:*'\n",
    );
    let rule = rule.to_str().unwrap();
    // What the module raises is counted before any alert is looked at.
    let matches = |arguments: &[&str]| {
        let ran = common::scan(&[&["--rules", rule], arguments].concat(), STOP.as_bytes());
        (ran.figure("matches"), ran.figure("alerts"))
    };
    assert_eq!(matches(&[]), (3, 3));
    assert_eq!(matches(&["--severity", "high.."]), (2, 2));
    assert_eq!(matches(&["--rule", "any event"]), (1, 1));
    assert_eq!(matches(&["--tag", "aws config"]), (1, 1));
    assert_eq!(matches(&["--user", "alice"]), (3, 0), "that is a matter of the event");
}

#[test]
fn counts_of_alerts_alike_stand_in_every_format() {
    let folder = Folder::new();
    let records = folder.file("records", format!("{STOP}\n{STOP}\n"));
    let run = |format: &str| {
        let ran = tocsin()
            .args(["scan", "--dedup", "--rule", "fbd4", "--format", format])
            .arg(&records)
            .output()
            .unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    let object = |format| -> serde_json::Value { serde_json::from_str(&run(format)).unwrap() };
    assert_eq!(object("json")["count"], 2);
    assert_eq!(object("json")["last_time"], "2026-03-14T09:20:00Z");
    assert_eq!(object("ecs")["kibana.alert.suppression.docs_count"], 1);
    assert_eq!(object("ocsf")["count"], 2);
    assert!(run("text").contains("; 2 times up to 2026-03-14T09:20:00Z ("), "{}", run("text"));
    assert!(run("html").contains("<td data-sort=\"2\">2 up to 2026-03-14T09:20:00Z</td>"));
}

#[test]
fn stats_are_one_object_for_a_program() {
    let mut child = tocsin()
        .args(["scan", "--stats=json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(STOP.as_bytes()).unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let stats: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&stats["records"], &stats["alerts"]), (&1.into(), &2.into()), "{stats}");
    assert!(stats["elapsed_seconds"].is_number());
}

#[test]
fn a_limit_ends_the_scan_before_the_input_does() {
    let mut child = tocsin()
        .args(["scan", "--limit", "1", "--stats"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // More than any buffer between holds: a command that went on would read all of it.
    let endless = std::thread::spawn(move || {
        let line = format!("{STOP}\n").repeat(1_000);
        (0..100_000).find_map(|_| pipe.write_all(line.as_bytes()).err()).is_some()
    });
    let ran = common::read(&child.wait_with_output().unwrap());
    assert!(endless.join().unwrap(), "it has stopped reading");
    assert_eq!((ran.code, ran.alerts.lines().count(), ran.figure("alerts")), (0, 1, 1));
}

#[test]
#[cfg(unix)]
fn a_signal_ends_a_scan_with_its_counts() {
    for (signal, format) in [("INT", "text"), ("TERM", "table")] {
        let mut child = tocsin()
            .args(["scan", "--stats", "--format", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        writeln!(pipe, "{STOP}\nbad").unwrap();
        // When the problem is there, so are the alerts before it. Now it waits in a read that nothing ends.
        let mut said = BufReader::new(child.stderr.take().unwrap());
        said.read_line(&mut String::new()).unwrap();
        let id = child.id().to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!(ended.status.code(), Some(130), "{rest}");
        assert!(rest.contains("interrupted after 2 records; 2 alerts, 1 problems"), "{rest}");
        assert!(rest.contains("records    2"), "{rest}");
        let lines = String::from_utf8(ended.stdout).unwrap().lines().count();
        assert_eq!(lines, if format == "table" { 3 } else { 2 });
        drop(pipe);
    }
}

#[test]
fn quiet_says_errors_alone() {
    let said = |arguments: &[&str]| {
        let ran = tocsin()
            .args(["scan"])
            .args(arguments)
            .args(["logs/other.ndjson", "missing.json"])
            .current_dir(here("tests/transcripts/trail"))
            .output()
            .unwrap();
        String::from_utf8(ran.stderr).unwrap()
    };
    let (loud, quiet) = (said(&[]), said(&["--quiet"]));
    assert!(loud.contains("none of its 2 records has a field that a rule names"), "{loud}");
    assert_eq!(quiet.lines().count(), 1, "{quiet}");
    assert!(quiet.starts_with("missing.json: "), "{quiet}");
}

/// The command on a terminal of so many columns; nothing where `script` isn't there to make one.
#[cfg(target_os = "linux")]
fn on_terminal(columns: u16, arguments: &str, without_colour: bool) -> Option<std::process::Child> {
    let tocsin = env!("CARGO_BIN_EXE_tocsin");
    let command = format!("stty rows 40 cols {columns}; {tocsin} {arguments}");
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).current_dir(here("tests/transcripts/trail"));
    script.env("TERM", "xterm").env_remove("NO_COLOR").stdin(Stdio::null()).stdout(Stdio::piped());
    if without_colour {
        script.env("NO_COLOR", "1");
    }
    let child = script.spawn().ok();
    if child.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "missing in CI: script");
        eprintln!("skipped: script isn't there");
    }
    child
}

#[test]
#[cfg(target_os = "linux")]
fn a_table_fits_the_terminal_and_colour_is_never_alone() {
    let table = |columns, without_colour| {
        let arguments =
            "scan --quiet --format table --no-default-rules --rules rules logs/calls.ndjson";
        let child = on_terminal(columns, arguments, without_colour)?;
        Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
    };
    let Some((wide, narrow)) = table(200, false).zip(table(120, false)) else { return };
    let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
    let widest = |text: &str| plain(text).lines().map(|line| line.chars().count()).max();
    assert!(wide.contains("\u{1b}[1m\u{1b}[35mcritical\u{1b}[0m"), "{wide:?}");
    assert!(plain(&wide).contains("critical") && plain(&wide).contains("low"), "{wide}");
    assert!(widest(&wide) <= Some(200) && !wide.contains('…'), "{wide}");
    assert!(widest(&narrow) <= Some(120) && narrow.contains('…'), "{narrow}");
    let Some(colourless) = table(200, true) else { return };
    assert_eq!(colourless, plain(&wide).replace('\n', "\r\n").replace("\r\r", "\r"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_is_told_that_records_are_waited_for() {
    let Some(mut child) = on_terminal(80, "scan", false) else { return };
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).any(|line| line.contains("waiting for records"));
    // It would wait for ever.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(told);
}
