//! In: the sources of `detector-wasm`. Out: the module as the compiler leaves it.
//!
//! A second cargo builds it for wasm32, in a target folder of its own: the outer cargo holds the lock of
//! the usual one. It takes the same `Cargo.lock`, which the outer cargo has already brought up to date,
//! so it needs no network that the outer one didn't.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths;

const TARGET: &str = "wasm32-unknown-unknown";

/// A package that becomes a module.
pub(crate) struct Package {
    name: &'static str,
    artifact: &'static str,
}

/// The detector.
pub(crate) const DETECTOR: Package =
    Package { name: "tocsin-detector", artifact: "tocsin_detector" };

/// What makes modules of running ones, for pages.
pub(crate) const REWRITE: Package = Package { name: "tocsin-rewrite", artifact: "tocsin_rewrite" };

/// Less is compiled into its callers than is usual at this level. Most of the module reads rules,
/// once, and all of it is unpacked at each start. What runs for each record says `#[inline]`, where a
/// call costs more than it does.
const LESS_INLINED: &str = "-Cllvm-args=-inline-threshold=75";

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

/// `target/guest`: below the outer target folder, the same for every profile.
pub(crate) fn target_folder(out: &Path) -> PathBuf {
    // OUT_DIR is `target/PROFILE/build/PACKAGE-HASH/out`.
    out.ancestors().nth(4).unwrap_or(out).join("guest")
}

/// Makes sure that the compiler has a standard library for wasm32.
pub(crate) fn ensure_target() -> Result<(), String> {
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
pub(crate) fn compile(
    package: &Package,
    workspace: &Path,
    target_folder: &Path,
) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut flags = paths::renamed(workspace)?;
    flags.push(LESS_INLINED.to_owned());
    let status = command(&cargo)
        // Instead of whatever a configuration file would have: these flags are part of the bytes.
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .args(["build", "--locked", "--lib", "--profile", "module"])
        .args(["--package", package.name, "--target", TARGET])
        .arg("--manifest-path")
        .arg(workspace.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_folder)
        .status()
        .map_err(|e| format!("{}: {e}", Path::new(&cargo).display()))?;
    if !status.success() {
        return Err(format!("{} doesn't build for {TARGET}; its errors are above", package.name));
    }
    Ok(target_folder.join(TARGET).join("module").join(package.artifact))
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
