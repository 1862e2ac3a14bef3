//! In: the folders of this machine. Out: flags that give them the same names in the module everywhere.
//!
//! A panic says in which file it happened, so the compiler writes source paths into the module. With the
//! folders' own names the same sources would give other bytes in another folder or for another user.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One flag for each folder that sources come from.
pub(crate) fn renamed(workspace: &Path) -> Result<Vec<String>, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = |argument: &[&str]| -> Result<String, String> {
        let name = Path::new(&rustc).display();
        let output = Command::new(&rustc).args(argument).output();
        let output = output.map_err(|error| format!("{name}: {error}"))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let version = asked(&["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    // The standard library's sources, if they are installed. Its own name for them is this one.
    let library = Path::new(&asked(&["--print", "sysroot"])?).join("lib/rustlib/src/rust");
    let folders = [
        (workspace.to_path_buf(), "tocsin".to_owned()),
        (cargo_home()?.join("registry/src"), "crates".to_owned()),
        (library, format!("/rustc/{}", commit.unwrap_or_default())),
    ];
    let flag = |(from, to): (PathBuf, String)| match from.to_str() {
        Some(from) => Ok(format!("--remap-path-prefix={from}={to}")),
        None => Err(format!("{}: a folder whose name isn't UTF-8", from.display())),
    };
    folders.into_iter().map(flag).collect()
}

/// Where cargo keeps the sources of dependencies.
fn cargo_home() -> Result<PathBuf, String> {
    let given = env::var_os("CARGO_HOME").map(PathBuf::from);
    given
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| "there is neither CARGO_HOME nor a home folder".to_owned())
}
