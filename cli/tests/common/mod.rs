//! Runs the command and reads what it says.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod transcript;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A record that needs no rule.
pub const RECORD: &str = r#"{"eventVersion":"1.08","eventName":"DescribeInstances","eventSource":"ec2.amazonaws.com","eventID":"a"}"#;

/// The command under test.
pub fn tocsin() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tocsin"))
}

/// What a scan with `--stats` came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub alerts: String,
    /// Standard error without the figures.
    pub problems: Vec<String>,
    figures: BTreeMap<String, u64>,
}

impl Ran {
    /// A figure of `--stats`.
    pub fn figure(&self, name: &str) -> u64 {
        *self.figures.get(name).unwrap_or_else(|| panic!("no figure {name} in {self:?}"))
    }

    /// Exit code, records, failed and skipped ones.
    pub fn counts(&self) -> (i32, u64, u64, u64) {
        (self.code, self.figure("records"), self.figure("failed"), self.figure("skipped"))
    }
}

/// Scans with these arguments and this on standard input.
pub fn scan<A: AsRef<std::ffi::OsStr>>(arguments: &[A], stdin: &[u8]) -> Ran {
    let mut child = start(arguments);
    let mut pipe = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // The command may end before it has read everything.
        scope.spawn(move || pipe.write_all(stdin));
        child.wait_with_output().unwrap()
    });
    read(&output)
}

/// Starts a scan with pipes on all sides.
pub fn start<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Child {
    tocsin()
        .args(["scan", "--stats"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads what a scan with `--stats` has printed.
pub fn read(output: &Output) -> Ran {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    let mut ran = Ran {
        code: output.status.code().expect("it ends by itself"),
        alerts: String::from_utf8(output.stdout.clone()).unwrap(),
        problems: Vec::new(),
        figures: BTreeMap::new(),
    };
    for line in stderr.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next().map(str::parse), words.next()) {
            (Some(name), Some(Ok(figure)), None) => {
                ran.figures.insert(name.to_owned(), figure);
            }
            (Some("elapsed" | "throughput" | "sources"), ..) => {}
            // Records of tests are often as short as they can be.
            _ if ["that a rule names", "(forms that are known"]
                .iter()
                .any(|it| line.contains(it)) => {}
            _ => ran.problems.push(line.to_owned()),
        }
    }
    ran
}

/// A folder that disappears after the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// This many records, one a line.
pub fn lines(count: usize) -> String {
    format!("{RECORD}\n").repeat(count)
}

/// Compresses a member of a gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compresses a frame of a zstd file.
pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}
