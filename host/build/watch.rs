//! In: the compiler's list of what the module is made of. Out: cargo's instructions when to build again.

use std::path::Path;

/// Asks cargo to run this again when something changes that the module is made of.
pub(crate) fn watch(workspace: &Path, dependencies: &Path) {
    for name in [
        "Cargo.lock",
        "Cargo.toml",
        "detector-wasm",
        "boundary",
        "wire",
        "rewrite",
        "rule-test",
        "rules",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(name).display());
    }
    println!("cargo::rerun-if-changed=build");
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
