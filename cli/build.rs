//! In: the folder of the playground's built page, if it is there. Out: a table of its files for the command to embed.
//!
//! Building the page takes Node, building the command doesn't: without the folder the table is empty, and
//! `tocsin playground` says how to build the page.

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Names another folder than `playground/dist/page`.
const VARIABLE: &str = "TOCSIN_PLAYGROUND_PAGE";

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let variable =
        |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("{name} isn't set"));
    let dist = variable("CARGO_MANIFEST_DIR")?.join("../playground/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    // The folder above the page is always there: a path that isn't would have cargo run this each time.
    println!("cargo::rerun-if-changed={}", dist.display());
    let page = variable(VARIABLE).unwrap_or(dist.join("page"));
    let mut files = Vec::new();
    if page.join("index.html").is_file() {
        list(&page, &mut files).map_err(|error| format!("{}: {error}", page.display()))?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for path in &files {
        let name = path.strip_prefix(&page).map_err(|error| error.to_string())?;
        let name = name.to_string_lossy().replace('\\', "/");
        let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
        // Writing to a text can't fail.
        let _ =
            writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
    table.push(']');
    let out = variable("OUT_DIR")?.join("page.rs");
    std::fs::write(&out, table).map_err(|error| format!("{}: {error}", out.display()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
