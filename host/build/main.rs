//! In: the sources of `detector-wasm`. Out: the module and its JavaScript glue, for the library to embed; and
//! the module that compiles rules in pages, made of `rewrite`.
//!
//! The compiler's module ([`module`]) has yet to get its exports for JavaScript ([`bindings`]); what comes
//! out of that is the one file for every runtime, `tocsin.wasm`. Hosts with conventions of their own get it
//! merged with an adapter ([`adapters`]), when they ask for it.

mod adapters;
mod bindings;
mod module;
mod paths;
mod watch;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sha2::{Digest, Sha256};

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

    module::ensure_target()?;
    let folder = module::target_folder(&out);
    let built = module::compile(&module::DETECTOR, &workspace, &folder)?;
    let path = built.with_extension("wasm");
    let compiled = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;

    let finished = bindings::finish(compiled)?;
    for (name, text) in &finished.glue {
        write(&out.join(name), text.as_bytes())?;
    }
    write(&out.join("tocsin.wasm"), &finished.module)?;
    let digest = Sha256::digest(&finished.module);
    println!("cargo::rustc-env=TOCSIN_MODULE_SHA256={digest:x}");

    adapters::write(&workspace.join("adapters"), &out)?;
    let rewrite = module::compile(&module::REWRITE, &workspace, &folder)?.with_extension("wasm");
    let rewrite = std::fs::read(&rewrite).map_err(|e| format!("{}: {e}", rewrite.display()))?;
    write(&out.join("rewrite.wasm"), &rewrite)?;

    watch::watch(&workspace, &built.with_extension("d"));
    Ok(())
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("{name} isn't set; build.rs is run by cargo"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
