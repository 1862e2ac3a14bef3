//! Files of records in, plain records out: none of them speaks of a recorder, so that what a trail holds is
//! what it says it holds.

use super::record::Record;
use super::synthetic;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// Where records come from.
#[derive(Debug)]
pub struct Sources {
    /// The records.
    pub records: Vec<Record>,
    /// How many were left out because they name a configuration recorder.
    pub left_out: usize,
}

/// Reads the NDJSON files named, and those of the folders named, in order of their names.
///
/// # Errors
/// If a file can't be read, a line isn't a JSON object, or no record is left.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Sources> {
    let mut sources = Sources { records: Vec::new(), left_out: 0 };
    for path in paths {
        for file in files(path).with_context(|| path.display().to_string())? {
            let text =
                std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            for (line, record) in
                text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty())
            {
                let record = Record::read(record)
                    .with_context(|| format!("{}, line {}", file.display(), line + 1))?;
                sources.keep(record)?;
            }
        }
    }
    if sources.records.is_empty() {
        bail!(
            "no record in {paths:?}; give NDJSON files of CloudTrail records, or folders of them"
        );
    }
    Ok(sources)
}

/// Records made up here, in the shapes and sizes of real ones, for where none are at hand.
///
/// # Errors
/// None, unless this crate's own table is broken.
pub fn made_up() -> anyhow::Result<Sources> {
    let mut sources = Sources { records: Vec::new(), left_out: 0 };
    for text in synthetic::records() {
        sources.keep(Record::read(&text).with_context(|| text.clone())?)?;
    }
    Ok(sources)
}

impl Sources {
    fn keep(&mut self, record: Record) -> anyhow::Result<()> {
        // Read and written anew the text has no escapes left that could hide a name.
        let plain = serde_json::from_str::<serde_json::Value>(&record.write())?.to_string();
        if plain.contains("ConfigurationRecorder") {
            self.left_out += 1;
        } else {
            self.records.push(record);
        }
        Ok(())
    }
}

fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|kind| kind == "ndjson" || kind == "jsonl") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}
