//! The command's arguments in, one input after the other out: files, folders, patterns, `-`.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use walkdir::DirEntry;

use super::open::describe;
use crate::walk;

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file, or something that can be read like one.
    File(PathBuf),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Stdin => f.write_str("<stdin>"),
            Input::File(path) => path.display().fmt(f),
        }
    }
}

/// An argument, or a file below one, that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct MissingInput {
    /// What was asked for.
    pub path: String,
    /// Why it isn't there.
    pub reason: String,
}

impl MissingInput {
    /// What a walk through a folder comes upon.
    fn below(error: &walkdir::Error) -> MissingInput {
        let path = error.path().unwrap_or(Path::new(""));
        MissingInput::new(path, error.io_error().map_or_else(|| error.to_string(), describe))
    }

    fn new(path: &Path, reason: impl Into<String>) -> MissingInput {
        MissingInput { path: path.display().to_string(), reason: reason.into() }
    }
}

/// The inputs that arguments name, found one by one, so that a folder of any size costs no memory.
///
/// A folder gives all files below it, by name, hidden ones too; links are followed, except back to a
/// folder that is being walked already. A pattern (`*`, `?`, `[...]`, `**`) is one only if no file
/// has that name. Without arguments the input is standard input.
pub struct Inputs {
    arguments: VecDeque<PathBuf>,
    folder: Option<Box<dyn Iterator<Item = walkdir::Result<DirEntry>> + Send>>,
    pattern: Option<Pattern>,
}

struct Pattern {
    text: PathBuf,
    paths: Box<dyn Iterator<Item = Result<PathBuf, MissingInput>> + Send>,
    matched: bool,
}

impl Inputs {
    /// The inputs that these arguments name.
    pub fn new(arguments: impl IntoIterator<Item = PathBuf>) -> Inputs {
        let mut arguments: VecDeque<PathBuf> = arguments.into_iter().collect();
        if arguments.is_empty() {
            arguments.push_back("-".into());
        }
        Inputs { arguments, folder: None, pattern: None }
    }

    /// The sizes of the arguments together, if all of them are files.
    pub fn total_bytes(&self) -> Option<u64> {
        self.arguments
            .iter()
            .map(|path| {
                path.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
            })
            .sum()
    }

    fn next_in_folder(&mut self) -> Option<Result<Input, MissingInput>> {
        let entry = loop {
            match self.folder.as_mut()?.next()? {
                Ok(entry) if entry.file_type().is_dir() => {}
                // A pipe or socket in a folder might wait for ever; named itself, it is read.
                Ok(entry) if !entry.file_type().is_file() => {}
                entry => break entry,
            }
        };
        let file = entry.map(|entry| Input::File(entry.into_path()));
        Some(file.map_err(|error| MissingInput::below(&error)))
    }

    fn next_of_pattern(&mut self) -> Option<Result<Input, MissingInput>> {
        let pattern = self.pattern.as_mut()?;
        let Some(found) = pattern.paths.next() else {
            let unmatched = !pattern.matched;
            let missing = MissingInput::new(&pattern.text, "no file has a name of this pattern");
            self.pattern = None;
            return unmatched.then_some(Err(missing));
        };
        pattern.matched = true;
        match found {
            Ok(path) => self.at(path),
            Err(missing) => Some(Err(missing)),
        }
    }

    fn next_argument(&mut self) -> Option<Result<Input, MissingInput>> {
        let argument = self.arguments.pop_front()?;
        if argument.as_os_str() == "-" {
            // A shell puts the name of such a file for `*`; records aren't typed into a terminal.
            let is_file = argument.is_file() && io::stdin().is_terminal();
            return Some(Ok(if is_file { Input::File("./-".into()) } else { Input::Stdin }));
        }
        let text = argument.to_string_lossy();
        if text.contains(['*', '?', '[']) && argument.symlink_metadata().is_err() {
            match paths_of_pattern(&recursive_to_files(&text)) {
                Ok(paths) => {
                    let text = argument.clone();
                    self.pattern = Some(Pattern { text, paths, matched: false });
                    return self.next_of_pattern();
                }
                Err(error) => return Some(Err(MissingInput::new(&argument, error.to_string()))),
            }
        }
        self.at(argument)
    }

    /// A path that is there or not: a folder is walked, anything else is a input.
    fn at(&mut self, path: PathBuf) -> Option<Result<Input, MissingInput>> {
        match path.metadata() {
            Ok(found) if found.is_dir() => {
                self.folder = Some(Box::new(walk::below(&path)));
                self.next_in_folder()
            }
            Ok(_) => Some(Ok(Input::File(path))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(Err(MissingInput::new(&path, "no such file or folder")))
            }
            Err(error) => Some(Err(MissingInput::new(&path, describe(&error)))),
        }
    }
}

/// The paths that fit a pattern. What `**` stands for is walked as a folder is: never round in circles.
fn paths_of_pattern(
    pattern: &str,
) -> Result<Box<dyn Iterator<Item = Result<PathBuf, MissingInput>> + Send>, glob::PatternError> {
    if !pattern.contains("**") {
        let paths = glob::glob(pattern)?;
        return Ok(Box::new(paths.map(|path| {
            path.map_err(|error| MissingInput::new(error.path(), describe(error.error())))
        })));
    }
    let fits = glob::Pattern::new(pattern)?;
    // The folder before the first name that is a pattern.
    let first = pattern.find(['*', '?', '[']).unwrap_or(0);
    let folder = pattern.get(..first).unwrap_or_default();
    let folder = folder.rfind('/').and_then(|end| folder.get(..=end)).unwrap_or("./");
    let is_here = !pattern.starts_with(folder);
    let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
    let found = walk::below(Path::new(folder)).filter_map(move |entry| match entry {
        Ok(entry) if !entry.file_type().is_file() => None,
        Ok(entry) => {
            let path = entry.into_path();
            let path = match is_here {
                true => path.strip_prefix("./").map_or(path.clone(), Path::to_owned),
                false => path,
            };
            fits.matches_path_with(&path, options).then_some(Ok(path))
        }
        Err(error) => {
            let fits = error.path().is_some_and(|path| fits.matches_path_with(path, options));
            fits.then(|| Err(MissingInput::below(&error)))
        }
    });
    Ok(Box::new(found))
}

/// `logs/**` means all files below, as in shells that know it.
fn recursive_to_files(pattern: &str) -> String {
    if pattern.ends_with("**") { format!("{pattern}/*") } else { pattern.to_owned() }
}

impl Iterator for Inputs {
    type Item = Result<Input, MissingInput>;

    fn next(&mut self) -> Option<Result<Input, MissingInput>> {
        loop {
            if let Some(input) = self.next_in_folder() {
                return Some(input);
            }
            self.folder = None;
            if let Some(input) = self.next_of_pattern() {
                return Some(input);
            }
            // An empty folder inside a pattern: the pattern goes on.
            if self.pattern.is_some() {
                continue;
            }
            if let Some(input) = self.next_argument() {
                return Some(input);
            }
            if self.arguments.is_empty() && self.pattern.is_none() {
                return None;
            }
        }
    }
}
