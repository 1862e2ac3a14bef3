//! `tocsin playground`: the page and the modules that it loads, on this machine or as files for any host.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use tocsin_host::{Engine, Module};

use crate::exit::{OrFail, Outcome, RAN};
use crate::output;
use crate::static_server::{Answer, Server};

/// The built page: names and bytes of its files. Empty if it wasn't there when this command was built.
const PAGE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// How to get a command that has the page.
const HOW_TO_BUILD: &str = "this command was built without the playground's page. With Node, in Tocsin's sources:\n\n    \
    npm --prefix playground ci && npm --prefix playground run build && cargo build --release\n\n\
    builds the page and then a command that has it inside";

/// What the page may load and run. The page has the same policy in itself, for hosts that send no headers.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Write a rule, paste a record, see why: a page in the browser, served from this machine
///
/// The page runs the module itself: no rule and no record leaves the browser.
#[derive(Args)]
pub(super) struct Arguments {
    /// The port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 7780)]
    port: u16,
    /// Run another module of the same interface, such as one that `tocsin compile` made
    #[arg(long, value_name = "FILE.wasm")]
    module: Option<PathBuf>,
    /// Write the page's files to a folder, for any host of static files, instead of serving them
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write only the modules that the page loads, for developing it
    #[arg(long, value_name = "FOLDER", conflicts_with = "out")]
    modules: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let module = match &arguments.module {
        None => tocsin_host::EMBEDDED_MODULE.to_vec(),
        Some(path) => checked(path).or_wrong_usage()?,
    };
    let modules =
        [("tocsin.wasm", module.as_slice()), ("rewrite.wasm", tocsin_host::REWRITE_MODULE)];
    if let Some(folder) = &arguments.modules {
        write(folder, &modules).or_failed()?;
        return Ok(RAN);
    }
    if PAGE.is_empty() {
        return Err(anyhow::anyhow!(HOW_TO_BUILD)).or_wrong_usage();
    }
    let files: Vec<(&str, &[u8])> = PAGE.iter().copied().chain(modules).collect();
    if let Some(folder) = &arguments.out {
        write(folder, &files).or_failed()?;
        eprintln!(
            "{}: {} files, to be served from any folder of any host",
            folder.display(),
            files.len()
        );
        return Ok(RAN);
    }
    let server = Server::bind(arguments.port)
        .with_context(|| format!("port {} (`--port` takes another)", arguments.port))
        .or_wrong_usage()?;
    output::line(&format!("http://{}/", server.address())).or_failed()?;
    eprintln!("The page runs in your browser, and sends nothing anywhere. Ctrl-C ends it.");
    server.run(|path| {
        let wanted = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
        let (name, bytes) = files.iter().find(|(name, _)| *name == wanted)?;
        Some(Answer { media_type: media_type(name), bytes, policy: POLICY })
    });
    Ok(RAN)
}

/// A module's bytes, if it speaks the interface.
fn checked(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Module::new(&Engine::new()?, &bytes).with_context(|| path.display().to_string())?;
    Ok(bytes)
}

fn write(folder: &Path, files: &[(&str, &[u8])]) -> anyhow::Result<()> {
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}
