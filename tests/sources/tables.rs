//! In: the tables that the detector's own tests run, of KQL, Logpresso, Sigma, fields and rule documents.
//! Out: a script for each of their cases, with every query in a rule of its own.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tocsin_host::detector::Document;
use toml::{Table, Value};

use super::{files, judged, languages, read, repository, stem};
use crate::script::{Call, Script};
use crate::subject::{Module, configuration};

/// A case's rule documents and records, or why it has none.
type Wrapped = Result<(Vec<Document>, Vec<String>), String>;

/// Reads a file's table and one of its cases.
type Wrap = fn(&Table, &Table) -> Wrapped;

pub(super) fn all(module: &Arc<Module>) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    let folders: [(&str, Wrap); 7] = [
        ("kql", kql),
        ("kql/diagnostics", |_, case| alone(languages::kql("q", text(case, "query")?))),
        ("logpresso", logpresso),
        ("logpresso/diagnostics", |_, case| {
            alone(languages::logpresso("q", text(case, "query")?, &[]))
        }),
        ("sigma", sigma),
        ("sigma/diagnostics", sigma_rule),
        ("rules", rules),
    ];
    for (folder, wrap) in folders {
        for file in files(&tests().join(folder), ".toml")? {
            let say = |error: String| format!("{}: {error}", file.display());
            let table: Table =
                read(&file)?.parse().map_err(|error: toml::de::Error| say(error.to_string()))?;
            let cases = table.get("case").and_then(Value::as_array).into_iter().flatten();
            for (place, case) in cases.enumerate() {
                let case = case.as_table().ok_or_else(|| say("a case is a table".into()))?;
                let (documents, records) = wrap(&table, case).map_err(say)?;
                let name = format!("tables/{folder}/{}/{place}", stem(&file));
                let says = ["says", "query", "detection"].iter().find_map(|key| case.get(*key));
                let about = says.and_then(Value::as_str).unwrap_or_default().to_owned();
                let calls = calls(&documents, &records, module).map_err(say)?;
                scripts.push(Script::new(name, about, module, calls));
            }
        }
    }
    for file in files(&tests().join("ecs"), ".json")? {
        scripts
            .extend(fields(&file, module).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(scripts)
}

fn tests() -> std::path::PathBuf {
    repository("detector-wasm/tests")
}

fn calls(documents: &[Document], records: &[String], module: &Module) -> Result<Vec<Call>, String> {
    if records.is_empty() {
        return Ok(vec![Call::Configure(configuration(documents).into()), Call::Describe]);
    }
    let mut calls = Vec::new();
    for record in records {
        calls.extend(judged(documents, record, module)?);
    }
    Ok(calls)
}

fn kql(_: &Table, case: &Table) -> Wrapped {
    let record = text(case, "record").or(text(case, "raw"))?;
    let documents = queries(case).map(|(id, query)| languages::kql(&id, query));
    Ok((documents.collect(), vec![record.into()]))
}

fn sigma(_: &Table, case: &Table) -> Wrapped {
    let documents = queries(case).map(|(id, search)| languages::sigma(&id, search));
    Ok((documents.collect(), vec![text(case, "record")?.into()]))
}

fn sigma_rule(_: &Table, case: &Table) -> Wrapped {
    let text = match case.get("rule").and_then(Value::as_str) {
        Some(rule) => rule.to_owned(),
        None => languages::sigma_head("1") + text(case, "detection")?.trim_start_matches('\n'),
    };
    alone(Document { name: "x.yml".into(), text })
}

/// Conditions that select, expressions that give a value, and queries that give names values.
fn logpresso(file: &Table, case: &Table) -> Wrapped {
    let of = |table| text(table, "raw").or(text(table, "record"));
    let record = of(case).or(of(file)).unwrap_or("{}");
    let mut documents: Vec<_> = queries(case)
        .map(|(id, query)| match query.starts_with('|') {
            true => languages::logpresso(&id, query, &[]),
            false => languages::logpresso(&id, &format!("search {query}"), &[]),
        })
        .collect();
    let given = case.get("gives").and_then(Value::as_table).into_iter().flatten();
    documents.extend(given.enumerate().map(|(place, (expression, _))| {
        let query = format!("eval it = {expression}");
        languages::logpresso(&format!("gives-{place}"), &query, &["it"])
    }));
    if let Ok(query) = text(case, "query") {
        let values = case.get("values").and_then(Value::as_table).into_iter().flatten();
        let names: Vec<&str> = values.map(|(name, _)| name.as_str()).collect();
        documents.push(languages::logpresso("query", query, &names));
    }
    Ok((documents, vec![record.into()]))
}

fn rules(_: &Table, case: &Table) -> Wrapped {
    #[derive(Deserialize)]
    struct Case {
        documents: Vec<(String, String)>,
        #[serde(default)]
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        record: String,
    }
    let case: Case = case.clone().try_into().map_err(|error: toml::de::Error| error.to_string())?;
    let document = |(name, text)| Document { name, text };
    let records = case.records.into_iter().map(|record| record.record).collect();
    Ok((case.documents.into_iter().map(document).collect(), records))
}

fn alone(document: Document) -> Wrapped {
    Ok((vec![document], Vec::new()))
}

/// The queries of `matches` and `misses`, with a rule's id for each.
fn queries(case: &Table) -> impl Iterator<Item = (String, &str)> {
    ["matches", "misses"].into_iter().flat_map(move |key| {
        let queries = case.get(key).and_then(Value::as_array).into_iter().flatten();
        let queries = queries.filter_map(Value::as_str).enumerate();
        queries.map(move |(place, query)| (format!("{key}-{place}"), query))
    })
}

fn text<'t>(case: &'t Table, key: &str) -> Result<&'t str, String> {
    case.get(key).and_then(Value::as_str).ok_or_else(|| format!("a case has no `{key}`"))
}

/// A record and a rule that asks for each of the fields that its case speaks of, so that explanations
/// or alerts show their values.
fn fields(file: &Path, module: &Arc<Module>) -> Result<Vec<Script>, String> {
    #[derive(Deserialize)]
    struct Case {
        name: String,
        record: Box<RawValue>,
        #[serde(default)]
        expect: serde_json::Map<String, serde_json::Value>,
        #[serde(default)]
        vocabulary: String,
    }
    let cases: Vec<Case> = serde_json::from_str(&read(file)?).map_err(|error| error.to_string())?;
    let mut scripts = Vec::new();
    for (place, case) in cases.into_iter().enumerate() {
        let names: Vec<&str> = case.expect.keys().map(String::as_str).collect();
        let document = match case.vocabulary.as_str() {
            "logpresso" => languages::logpresso("fields", "eval it = 1", &names),
            _ => languages::kql("fields", &format!("{}:*", names.join(":* or "))),
        };
        let calls = judged(&[document], case.record.get(), module)?;
        let name = format!("tables/fields/{}/{place}", stem(file));
        scripts.push(Script::new(name, case.name, module, calls));
    }
    Ok(scripts)
}
