//! In: the records by which the detector's own tests hold the alert formats to golden files. Out: a script
//! for each, in every format.

use std::sync::Arc;

use super::{files, repository, stem};
use crate::script::{Call, Script};
use crate::subject::Module;

const FORMATS: [&str; 4] = ["json", "text", "ecs", "ocsf"];

pub(super) fn all(module: &Arc<Module>) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    for file in files(&repository("detector-wasm/tests/alerts"), ".record")? {
        let record =
            std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let record: Arc<[u8]> = record.into();
        let calls = FORMATS.iter().flat_map(|format| {
            let options = format!(r#"{{"options":{{"format":"{format}"}}}}"#);
            [Call::Configure(options.as_bytes().into()), Call::Detect(record.clone())]
        });
        let name = format!("alerts/{}", stem(&file));
        let about = "An alert in every format, from one instance.".into();
        scripts.push(Script::new(name, about, module, calls.collect()));
    }
    Ok(scripts)
}
