//! In: the sources of `detector-wasm`. Out: the module as `tocsin_detector.wasm`, for the library to embed.
//!
//! A second cargo builds the module for wasm32, in a target folder of its own: the outer cargo holds
//! the lock of the usual one. It takes the same `Cargo.lock`, which the outer cargo has already
//! brought up to date, so it needs no network that the outer one didn't.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use sha2::{Digest, Sha256};

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "tocsin-detector";
const ARTIFACT: &str = "tocsin_detector";

/// Variables by which the outer cargo steers its own compilers; they'd bend the module's build.
const SCRUBBED: [&str; 11] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "HOST",
    "PROFILE",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "TARGET",
];

/// The same, by how their names begin.
const SCRUBBED_PREFIXES: [&str; 4] =
    ["CARGO_BUILD_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PROFILE_"];

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
    let host = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = host.parent().ok_or("the host has no folder above it")?.to_path_buf();
    let out = PathBuf::from(variable("OUT_DIR")?);

    ensure_target()?;
    let built = compile(&workspace, &target_folder(&out))?;

    let module = built.with_extension("wasm");
    let bytes = std::fs::read(&module).map_err(|e| format!("{}: {e}", module.display()))?;
    let copy = out.join("tocsin_detector.wasm");
    std::fs::write(&copy, &bytes).map_err(|e| format!("{}: {e}", copy.display()))?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=TOCSIN_MODULE_SHA256={digest}");

    watch(&workspace, &built.with_extension("d"));
    Ok(())
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("{name} isn't set; build.rs is run by cargo"))
}

/// `target/guest`: below the outer target folder, the same for every profile.
fn target_folder(out: &Path) -> PathBuf {
    // OUT_DIR is `target/PROFILE/build/PACKAGE-HASH/out`.
    out.ancestors().nth(4).unwrap_or(out).join("guest")
}

/// Makes sure that the compiler has a standard library for wasm32.
fn ensure_target() -> Result<(), String> {
    if has_target() {
        return Ok(());
    }
    let added = command("rustup").args(["target", "add", TARGET]).status();
    if added.is_ok_and(|status| status.success()) && has_target() {
        return Ok(());
    }
    Err(format!(
        "Rust's standard library for {TARGET} is missing and could not be added; run\n\n    \
         rustup target add {TARGET}\n\nand build again"
    ))
}

fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(output) =
        Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output()
    else {
        return false;
    };
    let folder = String::from_utf8_lossy(&output.stdout);
    let Ok(entries) = std::fs::read_dir(folder.trim()) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore"))
}

/// Builds the module; gives its path without an extension.
fn compile(workspace: &Path, target_folder: &Path) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = command(&cargo)
        .args(["build", "--locked", "--lib", "--profile", "module"])
        .args(["--package", PACKAGE, "--target", TARGET])
        .arg("--manifest-path")
        .arg(workspace.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_folder)
        .status()
        .map_err(|e| format!("{}: {e}", Path::new(&cargo).display()))?;
    if !status.success() {
        return Err(format!("{PACKAGE} doesn't build for {TARGET}; its errors are above"));
    }
    Ok(target_folder.join(TARGET).join("module").join(ARTIFACT))
}

/// A command without the outer cargo's steering.
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if SCRUBBED.contains(&text.as_ref())
            || SCRUBBED_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Asks cargo to run this again when something changes that the module is made of.
fn watch(workspace: &Path, dependencies: &Path) {
    for name in ["Cargo.lock", "Cargo.toml", "detector-wasm", "rules"] {
        println!("cargo::rerun-if-changed={}", workspace.join(name).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    // The compiler's own list also names what lies outside those folders.
    let list = std::fs::read_to_string(dependencies).unwrap_or_default();
    let files = list.split_once(": ").map_or("", |(_, files)| files);
    for file in split_escaped(files) {
        println!("cargo::rerun-if-changed={file}");
    }
}

/// The names in a Makefile's list, in which a space inside a name has a backslash before it.
fn split_escaped(list: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut characters = list.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, names.last_mut()) {
            ('\\', Some(name)) if characters.peek() == Some(&' ') => {
                characters.next();
                name.push(' ');
            }
            (character, _) if character.is_whitespace() => names.push(String::new()),
            (character, Some(name)) => name.push(character),
            (_, None) => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
