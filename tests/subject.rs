//! In: rule documents, or none. Out: the module that a script runs in, and what makes a native detector
//! the same.

use std::sync::{Arc, OnceLock};

use serde::Serialize;
use tocsin_host::detector::Document;
use tocsin_host::{Engine, compile};

use crate::sources;

/// A module under test.
#[derive(Debug)]
pub struct Module {
    name: String,
    /// The rules compiled into it; the built-in ones if there are none.
    documents: Option<Vec<Document>>,
    bytes: OnceLock<Result<Vec<u8>, String>>,
}

impl Module {
    /// The module as it is built.
    #[must_use]
    pub fn embedded() -> Arc<Module> {
        Arc::new(Module {
            name: "embedded".into(),
            documents: None,
            bytes: OnceLock::from(Ok(tocsin_host::EMBEDDED_MODULE.to_vec())),
        })
    }

    /// The module that `tocsin compile` makes of some documents; made when it is first needed.
    #[must_use]
    pub fn compiled(name: &str, documents: Vec<Document>) -> Arc<Module> {
        let (name, documents) = (name.to_owned(), Some(documents));
        Arc::new(Module { name, documents, bytes: OnceLock::new() })
    }

    /// The same with its rules compiled in beforehand, from their files.
    ///
    /// # Errors
    /// If the files can't be read.
    pub fn built_in() -> Result<Arc<Module>, String> {
        let read = |file: &std::path::PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sources::read(file).map(|text| Document { name, text })
        };
        let files = sources::files(&sources::repository("rules/builtin"), ".toml")?;
        let documents = files.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Module::compiled("built-in", documents))
    }

    /// Whether its rules were compiled in.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.documents.is_some()
    }

    /// What distinguishes it from the other modules of a run.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file.
    ///
    /// # Errors
    /// If the documents can't be compiled.
    pub fn bytes(&self) -> Result<&[u8], String> {
        let made = self.bytes.get_or_init(|| {
            let documents = self.documents.clone().unwrap_or_default();
            let engine = Engine::new().map_err(|error| error.to_string())?;
            compile::compile(&engine, tocsin_host::EMBEDDED_MODULE, documents)
                .map(|compiled| compiled.module)
                .map_err(|error| format!("{}: {error}", self.name))
        });
        made.as_deref().map_err(String::clone)
    }

    /// The document that configures a detector with the built-in rules as this module is.
    pub(crate) fn configuration(&self) -> Option<Vec<u8>> {
        self.documents.as_deref().map(configuration)
    }
}

/// A configuration document that replaces the rules.
#[must_use]
pub fn configuration(documents: &[Document]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Configuration<'d> {
        rules: &'d [Document],
    }
    // Texts alone: nothing in it can fail to be written.
    serde_json::to_vec(&Configuration { rules: documents }).unwrap_or_default()
}
