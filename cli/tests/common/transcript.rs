//! Command lines with their output and, in brackets, their exit code, as files: they read like a terminal.
//!
//! With `UPDATE=1` in the environment the files are written anew: read the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A path of this package.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Output of both streams, and the exit code.
pub fn run(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let ran = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the command starts");
    let text = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    // It is another one with each change of the detector.
    let module = format!("({} bytes)", tocsin_host::EMBEDDED_MODULE.len());
    let text =
        text.replace(tocsin_host::EMBEDDED_MODULE_SHA256, "SHA256").replace(&module, "(... bytes)");
    (text, ran.status.code().expect("the command ends by itself"))
}

/// Runs the commands of a transcript in a folder beside it, and compares what they say.
pub fn follow(name: &str, folder: &str) {
    let path = here("tests/transcripts").join(name);
    let expected = std::fs::read_to_string(&path).unwrap();
    let mut actual = String::new();
    for line in expected.lines() {
        let Some(command) = line.strip_prefix("$ tocsin ") else { continue };
        let arguments: Vec<&str> = command.split(' ').collect();
        let (text, code) = run(&here("tests/transcripts").join(folder), &arguments);
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
