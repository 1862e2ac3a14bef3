//! Where scripts come from: the suite's own cases, the tables of the languages, rule sets, and large input.

mod alerts;
mod languages;
mod large;
mod rule_files;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tocsin_host::detector::Document;

use crate::case;
use crate::script::{self, Call, Script};
use crate::subject::{Module, configuration};

/// A batch above this size is explained by no script but those that are about it.
const EXPLAINED: usize = 64 << 10;

/// All scripts.
///
/// # Errors
/// If a file of cases can't be read.
pub fn all() -> Result<Vec<Script>, String> {
    let module = Module::embedded();
    let mut scripts = vec![Script::new(
        "describe".into(),
        "What the module holds.".into(),
        &module,
        vec![Call::Describe],
    )];
    scripts.push(Script::new(
        "vocabulary".into(),
        "What a rule's author may write.".into(),
        &module,
        vec![Call::Ask("vocabulary", Arc::default())],
    ));
    for case in case::all()? {
        scripts.push(of_case(&case, &module)?);
        scripts.extend(asked(&case, &module)?);
    }
    scripts.extend(tables::all(&module)?);
    scripts.extend(alerts::all(&module)?);
    scripts.extend(rule_files::all(&module)?);
    scripts.extend(large::all(&module));
    Ok(scripts)
}

/// A case: its batch twice, so that what an instance has seen is seen not to matter, and explained.
fn of_case(case: &case::Case, module: &Arc<Module>) -> Result<Script, String> {
    let mut calls = Vec::new();
    let configuration = case.configuration()?;
    calls.extend(configuration.as_deref().map(|document| Call::Configure(document.into())));
    let batch: Arc<[u8]> = case.batch.as_slice().into();
    calls.extend([Call::Detect(batch.clone()), Call::Detect(batch.clone())]);
    if batch.len() <= EXPLAINED {
        let rules = script::rules(module, configuration.as_deref())?;
        calls.extend(rules.into_iter().map(|rule| Call::Explain(rule, batch.clone())));
    }
    Ok(Script::new(case.name.clone(), case.says.about.clone(), module, calls))
}

/// A case's batch, asked about by the optional exports that take one.
fn asked(case: &case::Case, module: &Arc<Module>) -> Result<Option<Script>, String> {
    if case.batch.len() > EXPLAINED {
        return Ok(None);
    }
    let batch: Arc<[u8]> = case.batch.as_slice().into();
    let mut calls: Vec<Call> = case
        .configuration()?
        .into_iter()
        .map(|document| Call::Configure(document.into()))
        .collect();
    calls.extend(["read", "coverage", "read"].map(|export| Call::Ask(export, batch.clone())));
    let about = format!("All fields and all counts: {}", case.says.about);
    Ok(Some(Script::new(format!("asked/{}", case.name), about, module, calls)))
}

/// Documents configured, a record judged by them, and explained by each.
fn judged(documents: &[Document], record: &str, module: &Module) -> Result<Vec<Call>, String> {
    let document = configuration(documents);
    let record: Arc<[u8]> = record.as_bytes().into();
    let rules = script::rules(module, Some(&document))?;
    let mut calls = vec![Call::Configure(document.into()), Call::Detect(record.clone())];
    calls.extend(rules.into_iter().map(|rule| Call::Explain(rule, record.clone())));
    Ok(calls)
}

/// A file or folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    case::home().join("..").join(path)
}

/// The files of a folder whose names end so, sorted; an error if there is none.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let say = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(say)?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(say)?;
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.sort();
    if files.is_empty() {
        return Err(format!("{} has no file *{ending}", folder.display()));
    }
    Ok(files)
}

pub(crate) fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// A file's name without folder and ending.
fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
