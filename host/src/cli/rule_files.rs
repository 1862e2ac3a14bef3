//! Paths of rule files and folders in, their documents out, in the order of their names.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tocsin::detector::Document;
use tocsin::rule_test;
use walkdir::WalkDir;

/// Endings of files in a folder that hold rules.
const ENDINGS: [&str; 3] = ["toml", "yml", "yaml"];

/// Reads the files that are named, and those below the folders that are named.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Document>> {
    find(paths)?.iter().map(|path| document(path)).collect()
}

/// The files that are named, and those below the folders that are named.
pub(super) fn find(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
            let entry = entry.with_context(|| path.display().to_string())?;
            if entry.file_type().is_file() && holds_rules(entry.path()) {
                files.push(entry.into_path());
            }
        }
        if files.len() == before {
            bail!("{}: the folder holds no *.toml, *.yml or *.yaml file", path.display());
        }
    }
    Ok(files)
}

/// Tests stand in files of their own beside rules that aren't TOML.
fn holds_rules(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        && !path.to_string_lossy().ends_with(rule_test::ENDING)
}

fn document(path: &Path) -> anyhow::Result<Document> {
    let name = path.display().to_string();
    let text = std::fs::read(path).with_context(|| name.clone())?;
    let text =
        String::from_utf8(text).with_context(|| format!("{name}: the rule isn't UTF-8 text"))?;
    Ok(Document { name, text })
}
