//! Paths of rule files and folders in, their documents out, in the order of their names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tocsin_wire::limits::DOCUMENT_BYTES;

use crate::detector::Document;
use crate::{rule_test, walk};

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
        for entry in walk::below(path) {
            if entry.as_ref().is_err_and(walk::dangles) {
                continue;
            }
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

/// The bytes of a rule file, no more of it than a rule may have: what is larger is none, and may have no end.
///
/// # Errors
///
/// What the operating system says, or that the file is too large.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > DOCUMENT_BYTES {
        let reason =
            format!("it is larger than {DOCUMENT_BYTES} bytes, which a rule file may have");
        return Err(io::Error::other(reason));
    }
    Ok(bytes)
}

fn document(path: &Path) -> Result<Document, RuleFileError> {
    let text = bytes(path).map_err(|error| RuleFileError::File(path.to_owned(), error))?;
    let text =
        String::from_utf8(text).map_err(|error| RuleFileError::NotText(path.to_owned(), error))?;
    Ok(Document { name: path.display().to_string(), text })
}
