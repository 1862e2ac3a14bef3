//! In: the repository's rules with their test records. Out: a script for each rule, configured, and one for
//! each compiled set of them.

use std::path::Path;
use std::sync::Arc;

use tocsin_host::detector::Document;
use tocsin_host::rule_test::{ENDING, RuleTests, beside};

use super::{files, read, repository};
use crate::script::{self, Call, Script};
use crate::subject::{Module, configuration};

/// The folders of rules.
const FOLDERS: [&str; 4] =
    ["rules/builtin", "rules/pack/elastic", "rules/pack/logpresso", "rules/pack/sigma"];

pub(super) fn all(module: &Arc<Module>) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    let (mut all, mut every) = (Vec::new(), Vec::new());
    for folder in FOLDERS {
        let rules = rules(&repository(folder))?;
        for rule in &rules {
            let name = format!("{folder}/{}", rule.document.name);
            scripts.push(configured(name, rule, module)?);
            scripts.push(tested(folder, rule, module)?);
        }
        let documents: Vec<_> = rules.iter().map(|rule| rule.document.clone()).collect();
        let batch = batch(&rules);
        let name = folder.replace("rules/", "compiled/");
        scripts.extend(compiled(name, documents.clone(), &batch)?);
        all.extend(documents);
        every.extend(batch);
    }
    let first = all.get(..1).unwrap_or_default().to_vec();
    scripts.extend(compiled("compiled/one-rule".into(), first, &every)?);
    scripts.extend(compiled("compiled/all-rules".into(), all, &every)?);
    scripts.extend(compiled("compiled/no-rules".into(), Vec::new(), &every)?);
    Ok(scripts)
}

/// The rules of a folder, each by its file's name.
fn rules(folder: &Path) -> Result<Vec<RuleTests>, String> {
    let mut found = Vec::new();
    for file in files(folder, "")? {
        let path = file.display().to_string();
        if !file.is_file() || path.ends_with(ENDING) || path.ends_with(".md") {
            continue;
        }
        let document = Document { name: path.clone(), text: read(&file)? };
        let mut rule = RuleTests::read(document).map_err(|error| format!("{path}: {error:?}"))?;
        // The module gets names that don't depend on where the repository lies.
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        rule.document.name = name.into_owned();
        found.push(rule);
    }
    Ok(found)
}

/// A rule alone: each of its test records judged and explained.
fn configured(name: String, rule: &RuleTests, module: &Arc<Module>) -> Result<Script, String> {
    let document = configuration(std::slice::from_ref(&rule.document));
    let ids = script::rules(module, Some(&document))?;
    let mut calls = vec![Call::Configure(document.into())];
    for test in &rule.tests {
        let record: Arc<[u8]> = test.record.as_slice().into();
        calls.push(Call::Detect(record.clone()));
        calls.extend(ids.iter().map(|id| Call::Explain(id.clone(), record.clone())));
    }
    let about = "A rule and its own test records.".into();
    Ok(Script::new(name, about, module, calls))
}

/// The tests of a rule, run by the module.
fn tested(folder: &str, rule: &RuleTests, module: &Arc<Module>) -> Result<Script, String> {
    let name = &rule.document.name;
    let beside = repository(folder).join(beside(name));
    let tests = match beside.exists() {
        true => Some(Document { name: super::stem(&beside), text: read(&beside)? }),
        false => None,
    };
    let run = serde_json::json!({"document": rule.document, "tests": tests});
    let run = run.to_string().into_bytes();
    let about = "A rule's own tests, run by the module.".into();
    Ok(Script::new(format!("tested/{name}"), about, module, vec![Call::Ask("test", run.into())]))
}

/// All test records of some rules, one after the other.
fn batch(rules: &[RuleTests]) -> Vec<u8> {
    let records = rules.iter().flat_map(|rule| &rule.tests).map(|test| &test.record);
    records.flat_map(|record| [record.as_slice(), b"\n"].concat()).collect()
}

/// The module that is compiled of some documents: what it says of itself and of the records; and that it
/// can be configured anew like any other.
fn compiled(name: String, documents: Vec<Document>, batch: &[u8]) -> Result<[Script; 2], String> {
    let module = Module::compiled(&name, documents);
    let batch: Arc<[u8]> = batch.into();
    let ids = script::rules(&module, None)?;
    let mut calls = vec![Call::Describe, Call::Detect(batch.clone())];
    calls.extend(ids.into_iter().map(|id| Call::Explain(id, batch.clone())));
    let configured = vec![
        Call::Configure(br#"{"options":{"format":"ecs"}}"#.as_slice().into()),
        Call::Detect(batch.clone()),
        Call::Configure(br#"{"rules":[]}"#.as_slice().into()),
        Call::Describe,
        Call::Detect(batch),
    ];
    let about = "A module with compiled rules is the detector with those rules configured.";
    let script = |name, calls| Script::new(name, about.into(), &module, calls);
    Ok([
        script(format!("{name}/as-it-is"), calls),
        script(format!("{name}/configured"), configured),
    ])
}
