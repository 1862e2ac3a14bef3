//! Rule documents in, one self-contained module out: the engine with those rules inside.
//!
//! The module carries a custom section [`SECTION`] with the rules that it holds, so that they can be
//! listed without running it: one JSON object,
//! `{"engine": "0.1.0", "rules": [{"id", "name", "version", "language", "document", "sha256"}]}`,
//! where `sha256` is that of the rule's document.

use crate::detector::{Configuration, Description, Diagnostic, DiagnosticSeverity, Document};
use crate::sandbox::{LoadError, SnapshotError, snapshot};
use crate::{Detector, Engine, Limits, Module};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_encoder::Section;

/// The name of the custom section that lists a module's rules.
pub const SECTION: &str = "tocsin.rules";

/// What the section holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the engine that the rules were compiled with.
    pub engine: String,
    /// The rules, in the module's order.
    pub rules: Vec<ManifestRule>,
    /// What was among the documents and doesn't run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRule>,
}

/// A rule that isn't in a compiled module, because it is of a kind that doesn't run or is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRule {
    /// The document that it stands in.
    pub document: String,
    /// Where in it the reason stands.
    pub line: usize,
    /// The diagnostic's code.
    pub code: String,
    /// Why it doesn't run.
    pub message: String,
}

impl From<&Diagnostic> for RefusedRule {
    fn from(found: &Diagnostic) -> RefusedRule {
        RefusedRule {
            document: found.document.clone(),
            line: found.line,
            code: found.code.to_string(),
            message: found.message.clone(),
        }
    }
}

/// A rule of a compiled module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRule {
    /// The rule's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The language of its query.
    pub language: String,
    /// The document that it came from.
    pub document: String,
    /// SHA-256 of that document's text, in hex.
    pub sha256: String,
}

/// Why rules can't be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The rules are wrong; each diagnostic says where.
    #[error("the rules can't be used as they are")]
    Rules(Vec<Diagnostic>),
    /// The engine can't be snapshotted.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The result isn't a module of the interface: a defect of Tocsin.
    #[error("the compiled module is unusable: {0}")]
    Result(String),
}

/// A compiled module.
#[derive(Debug)]
pub struct Compiled {
    /// The module's bytes.
    pub module: Vec<u8>,
    /// What its custom section says.
    pub manifest: Manifest,
    /// Warnings about the rules.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// SHA-256 of the module in hex digits.
    pub fn sha256(&self) -> String {
        sha256(&self.module)
    }
}

/// SHA-256 of some bytes in hex digits: the fingerprint of a module's file.
pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Compiles documents into a module that holds their rules and no others. The same documents in the
/// same order give the same bytes.
///
/// # Errors
/// [`CompileError`] says what failed.
pub fn compile(
    engine: &Engine,
    base: &[u8],
    documents: Vec<Document>,
) -> Result<Compiled, CompileError> {
    let configuration = Configuration { rules: Some(documents), ..Configuration::default() };
    compile_configured(engine, base, configuration)
}

/// As [`compile`], with options that the module then has, and with what has errors left out, if the
/// configuration says so.
///
/// # Errors
/// [`CompileError`] says what failed.
pub fn compile_configured(
    engine: &Engine,
    base: &[u8],
    configuration: Configuration,
) -> Result<Compiled, CompileError> {
    #[derive(Deserialize)]
    struct Answer {
        diagnostics: Vec<Diagnostic>,
    }
    let diagnostics = |answer: &[u8]| {
        serde_json::from_slice::<Answer>(answer)
            .map(|answer| answer.diagnostics)
            .map_err(|error| CompileError::Result(error.to_string()))
    };
    let document = serde_json::to_vec(&configuration)
        .map_err(|error| CompileError::Result(error.to_string()))?;
    // The list of rules, which are about to change.
    let base = tocsin_rewrite::without_section(base, SECTION).map_err(SnapshotError::from)?;
    let (module, answer) = match snapshot(engine, &base, &document) {
        Err(SnapshotError::Refused(answer)) => {
            return Err(CompileError::Rules(diagnostics(&answer)?));
        }
        other => other?,
    };
    let diagnostics = diagnostics(&answer)?;
    let documents = configuration.rules.as_deref().unwrap_or_default();
    let refused = diagnostics.iter().filter(|found| found.severity == DiagnosticSeverity::Refused);
    let refused = refused.map(RefusedRule::from).collect();
    let manifest = Manifest { refused, ..manifest(engine, &module, documents)? };
    let module = with_section(module, &manifest)?;
    Ok(Compiled { module, manifest, diagnostics })
}

/// What a module's custom section says; nothing if it has none.
///
/// # Errors
/// [`LoadError::Invalid`] if the bytes aren't a module, or the section isn't what it should be.
pub fn manifest_of(module: &[u8]) -> Result<Option<Manifest>, LoadError> {
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| LoadError::Invalid(error.to_string()))?;
        if let wasmparser::Payload::CustomSection(section) = payload
            && section.name() == SECTION
        {
            let manifest = serde_json::from_slice(section.data());
            return manifest
                .map(Some)
                .map_err(|error| LoadError::Invalid(format!("its section {SECTION}: {error}")));
        }
    }
    Ok(None)
}

/// Asks the new module what it holds, which also proves that it starts.
fn manifest(
    engine: &Engine,
    module: &[u8],
    documents: &[Document],
) -> Result<Manifest, CompileError> {
    let unusable = |error: &dyn std::fmt::Display| CompileError::Result(error.to_string());
    let module = Module::new(engine, module).map_err(|error| unusable(&error))?;
    let mut detector =
        Detector::new(&module, Limits::default()).map_err(|error| unusable(&error))?;
    let description: Description = detector.describe().map_err(|error| unusable(&error))?;
    let rules = description
        .rules
        .into_iter()
        .map(|rule| {
            let name = rule.document.unwrap_or_default().into_owned();
            let document = documents.iter().find(|document| document.name == name);
            let text = document.map(|document| document.text.as_str()).unwrap_or_default();
            ManifestRule {
                id: rule.id.into_owned(),
                name: rule.name.into_owned(),
                version: rule.version,
                language: rule.language.into_owned(),
                sha256: sha256(text.as_bytes()),
                document: name,
            }
        })
        .collect();
    let engine = description.engine.version.into_owned();
    Ok(Manifest { engine, rules, refused: Vec::new() })
}

/// A module with the list of what it holds.
fn with_section(mut module: Vec<u8>, manifest: &Manifest) -> Result<Vec<u8>, CompileError> {
    let data =
        serde_json::to_vec(manifest).map_err(|error| CompileError::Result(error.to_string()))?;
    wasm_encoder::CustomSection { name: SECTION.into(), data: data.into() }.append_to(&mut module);
    Ok(module)
}
