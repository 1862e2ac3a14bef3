//! Inputs of any size in bounded memory. They are made on the fly and never lie on a disk.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::Write;
use std::process::Child;

use common::{RECORD, Ran, read, start};

/// More than the command needs for itself and two batches, and less than any of the inputs.
const MEMORY: u64 = 100 << 20;

const MIB: usize = 1 << 20;

/// Feeds a scan and looks at its peak of memory before it ends.
fn feed(
    arguments: &[&str],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> (Ran, u64) {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let drain = |pipe: &mut dyn std::io::Read| {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    };
    std::thread::scope(|scope| {
        let stdout = scope.spawn(move || drain(&mut stdout));
        let stderr = scope.spawn(move || drain(&mut stderr));
        write(&mut stdin).unwrap();
        let peak = peak(&child);
        drop(stdin);
        let status = child.wait().unwrap();
        let output = std::process::Output {
            status,
            stdout: stdout.join().unwrap(),
            stderr: stderr.join().unwrap(),
        };
        (read(&output), peak)
    })
}

/// The largest resident set so far, in bytes.
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

fn bounded(ran: &Ran, peak: u64) {
    assert!(peak < MEMORY, "{} MiB at {ran:?}", peak >> 20);
}

#[test]
fn a_list_of_300_mib_in_one_line() {
    let elements = format!("{RECORD},").repeat(MIB / RECORD.len());
    let (ran, peak) = feed(&["-"], |pipe| {
        pipe.write_all(b"{\"Records\":[")?;
        for _ in 0..300 {
            pipe.write_all(elements.as_bytes())?;
        }
        pipe.write_all(RECORD.as_bytes())?;
        pipe.write_all(b"]}\n")
    });
    let records = 300 * (MIB / RECORD.len()) as u64 + 1;
    assert_eq!(ran.counts(), (0, records, 0, 0), "{:?}", ran.problems);
    bounded(&ran, peak);
}

#[test]
fn an_indented_array_of_100_mib() {
    let element = format!("  {{\n    \"detail\":\n    {RECORD}\n  }},\n");
    let elements = element.repeat(MIB / element.len());
    let (ran, peak) = feed(&["-"], |pipe| {
        pipe.write_all(b"[\n")?;
        for _ in 0..100 {
            pipe.write_all(elements.as_bytes())?;
        }
        pipe.write_all(RECORD.as_bytes())?;
        pipe.write_all(b"\n]\n")
    });
    let records = 100 * (MIB / element.len()) as u64 + 1;
    assert_eq!(ran.counts(), (0, records, 0, 0), "{:?}", ran.problems);
    bounded(&ran, peak);
}

#[test]
fn a_single_record_of_200_mib() {
    let (ran, peak) = feed(&["--max-record", "8M", "-"], |pipe| {
        writeln!(pipe, "{RECORD}")?;
        pipe.write_all(b"{\"a\":\"")?;
        for _ in 0..200 {
            pipe.write_all(&[b'x'; MIB])?;
        }
        pipe.write_all(b"\"}\n")?;
        writeln!(pipe, "{RECORD}")
    });
    assert_eq!(ran.counts(), (1, 3, 0, 1), "{:?}", ran.problems);
    let expected =
        format!("<stdin>:2:1: record 2, byte {}: the record is larger", RECORD.len() + 1);
    assert!(ran.problems[0].starts_with(&expected), "{:?}", ran.problems);
    bounded(&ran, peak);
}

#[test]
fn a_single_line_of_200_mib_that_is_no_json() {
    let (ran, peak) = feed(&["--max-record", "8M", "-"], |pipe| {
        for _ in 0..200 {
            pipe.write_all(&[b'x'; MIB])?;
        }
        write!(pipe, "\n{RECORD}\n")
    });
    assert_eq!(ran.counts(), (1, 2, 0, 1), "{:?}", ran.problems);
    bounded(&ran, peak);
}

#[test]
fn brackets_that_never_close() {
    let (ran, peak) = feed(&["--max-record", "8M", "-"], |pipe| {
        pipe.write_all(b"[")?;
        for _ in 0..100 {
            pipe.write_all(&[b'['; MIB])?;
        }
        write!(pipe, "\n{RECORD}\n")
    });
    assert_eq!(ran.code, 1);
    assert_eq!(ran.figure("skipped"), 1, "{:?}", ran.problems);
    assert_eq!(ran.figure("records") - ran.figure("skipped") - ran.figure("failed"), 1, "{ran:?}");
    bounded(&ran, peak);
}

#[test]
fn lines_of_300_mib() {
    let lines = format!("{RECORD}\n").repeat(MIB / RECORD.len());
    let (ran, peak) = feed(&["-"], |pipe| {
        for _ in 0..300 {
            pipe.write_all(lines.as_bytes())?;
        }
        Ok(())
    });
    assert_eq!(ran.counts(), (0, 300 * (MIB / RECORD.len()) as u64, 0, 0), "{:?}", ran.problems);
    bounded(&ran, peak);
}
