//! Paths of rule files and folders in, their documents out, in the order of their names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::detector::Document;
use crate::rule_test;

/// Endings of files in a folder that hold rules.
const ENDINGS: [&str; 3] = ["toml", "yml", "yaml"];

/// Why rule files can't be read.
#[derive(Debug, thiserror::Error)]
pub enum RuleFileError {
    /// A folder can't be listed.
    #[error("{}", .0.display())]
    Folder(PathBuf, #[source] walkdir::Error),
    /// A file can't be read.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// There is nothing to load.
    #[error("{}: the folder holds no *.toml, *.yml or *.yaml file", .0.display())]
    Empty(PathBuf),
    /// A file is something else.
    #[error("{}: the rule isn't UTF-8 text", .0.display())]
    NotText(PathBuf, #[source] std::string::FromUtf8Error),
}

/// Reads the files that are named, and those below the folders that are named.
///
/// # Errors
///
/// [`RuleFileError`] for the first path that can't be read.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Document>, RuleFileError> {
    find(paths)?.iter().map(|path| document(path)).collect()
}

/// The files that are named, and those below the folders that are named.
///
/// # Errors
///
/// [`RuleFileError`] for a folder that can't be listed, or holds no rules.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, RuleFileError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
            let entry = entry.map_err(|error| RuleFileError::Folder(path.clone(), error))?;
            if entry.file_type().is_file() && holds_rules(entry.path()) {
                files.push(entry.into_path());
            }
        }
        if files.len() == before {
            return Err(RuleFileError::Empty(path.clone()));
        }
    }
    Ok(files)
}

/// Tests stand in files of their own beside rules that aren't TOML.
fn holds_rules(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        && !path.to_string_lossy().ends_with(rule_test::ENDING)
}

fn document(path: &Path) -> Result<Document, RuleFileError> {
    let text = fs::read(path).map_err(|error| RuleFileError::File(path.to_owned(), error))?;
    let text =
        String::from_utf8(text).map_err(|error| RuleFileError::NotText(path.to_owned(), error))?;
    Ok(Document { name: path.display().to_string(), text })
}
