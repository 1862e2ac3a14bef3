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
