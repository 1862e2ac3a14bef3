//! Paths of rule files and folders in, their documents out, in the order of their names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tocsin_wire::limits::DOCUMENT_BYTES;

use crate::detector::{Diagnostic, Document};
use crate::{rule_test, walk};

/// Endings of files in a folder that hold rules.
const ENDINGS: [&str; 3] = ["toml", "yml", "yaml"];

/// What begins a line of a rule file in YAML, and what stands in one in TOML.
const YAML_KEYS: [&str; 3] = ["detection", "logsource", "correlation"];
const TOML_WORDS: [&str; 4] = ["[rule", "rule_id", "exceptions", "[[test"];

/// A path that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleFileError {
    /// A path that isn't there, or can't be read.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A folder that can't be walked.
    #[error("{}", .0.display())]
    Folder(PathBuf, #[source] walkdir::Error),
    /// A folder without a file that may hold rules.
    #[error("{}: the folder holds no rule in a *.toml, *.yml or *.yaml file", .0.display())]
    Empty(PathBuf),
}

/// What stands at paths.
#[derive(Debug, Clone, Default)]
pub struct RuleFiles {
    /// The documents, in the order of their paths.
    pub documents: Vec<Document>,
    /// Files that can't be read as text, and why.
    pub broken: Vec<Diagnostic>,
    /// How many files of folders plainly hold no rules, and were passed over.
    pub passed_over: usize,
}

impl RuleFiles {
    /// Reads the files that are named, and those below the folders that are named. Of a folder what is hidden
    /// is left out, and files that plainly hold no rules, such as a workflow's.
    ///
    /// # Errors
    /// [`RuleFileError`] for a path that can't be read, and a folder without rules.
    pub fn read(paths: &[PathBuf]) -> Result<RuleFiles, RuleFileError> {
        let mut found = RuleFiles::default();
        for path in paths {
            if !path.is_dir() {
                found.take(path, false)?;
                continue;
            }
            let before = found.documents.len() + found.broken.len();
            for entry in walk::below(path) {
                if entry.as_ref().is_err_and(walk::dangles) {
                    continue;
                }
                let entry = entry.map_err(|error| RuleFileError::Folder(path.clone(), error))?;
                let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
                let hidden = below.iter().any(|part| part.to_string_lossy().starts_with('.'));
                if entry.file_type().is_file() && !hidden && may_hold_rules(entry.path()) {
                    found.take(entry.path(), true)?;
                }
            }
            if found.documents.len() + found.broken.len() == before {
                return Err(RuleFileError::Empty(path.clone()));
            }
        }
        Ok(found)
    }

    fn take(&mut self, path: &Path, in_folder: bool) -> Result<(), RuleFileError> {
        let bytes = bytes(path).map_err(|error| RuleFileError::File(path.to_owned(), error))?;
        let name = path.display().to_string();
        match String::from_utf8(bytes) {
            Ok(text) if in_folder && !looks_like_rules(path, &text) => self.passed_over += 1,
            Ok(text) => self.documents.push(Document { name, text }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes());
                let message = "the file isn't UTF-8 text";
                let finding = Diagnostic::error(&name, &text, at..at + 1, "rule-not-utf8", message);
                self.broken.push(finding.with_hint("save it as UTF-8"));
            }
        }
        Ok(())
    }
}

/// Tests stand in files of their own beside rules that aren't TOML.
fn may_hold_rules(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        && !path.to_string_lossy().ends_with(rule_test::ENDING)
}

/// The bytes of a rule file, no more of it than a rule may have: what is larger is none, and may have no end.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > DOCUMENT_BYTES {
        let reason =
            format!("it is larger than {DOCUMENT_BYTES} bytes, which a rule file may have");
        return Err(io::Error::other(reason));
    }
    Ok(bytes)
}

/// Whether a file has anything that only rule files have. One that is a rule but for a mistake does.
fn looks_like_rules(path: &Path, text: &str) -> bool {
    if path.extension().is_some_and(|ending| ending == "toml") {
        return TOML_WORDS.iter().any(|word| text.contains(word));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return YAML_KEYS.iter().any(|key| text.contains(key));
    }
    let has_key = |line: &str, key: &str| {
        line.trim_start_matches(['"', '\''])
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    };
    let any = |keys: &[&str]| text.lines().any(|line| keys.iter().any(|key| has_key(line, key)));
    any(&YAML_KEYS)
        || any(&["title"]) && any(&["id", "level", "status", "falsepositives", "filter"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plainly_holds_no_rules() {
        for (name, text, expected) in [
            ("a.yml", "name: CI\non: push\njobs: {}\n", false),
            ("a.yml", "title: Site\ntheme: x\n", false),
            ("a.yml", "title: R\nid: 1\ndetecton: {}\n", true),
            ("a.yml", "\u{feff}title: R\r\ndetection:\r\n", true),
            ("a.yml", "{title: R,\n detection: {}}", true),
            ("a.yaml", "\"logsource\": {}\n", true),
            ("a.yml", "title: F\nfilter :\n  rules: any\n", true),
            ("a.yml", "steps:\n  detection: x\n", false),
            ("a.yml", "x:\n  jobs: [detection]\n", false),
            ("a.toml", "[package]\nname = 'x'\n", false),
            ("a.toml", "[rule]\n", true),
            ("a.toml", "[rules]\nrule_id = 'x'\n", true),
            ("a.toml", "[[exceptions]]\n", true),
        ] {
            assert_eq!(looks_like_rules(Path::new(name), text), expected, "{name} {text}");
        }
    }
}
