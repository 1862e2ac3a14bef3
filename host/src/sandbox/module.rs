//! The bytes of a file in, a module that speaks the interface out, or the reason why it doesn't.

use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use tocsin_wire::RecordKeys;
use wasmtime::{ExternType, FuncType, ValType};

use super::instance::{Instance, abi_version};
use super::{Engine, Limits, LoadError, bounds};

/// The version of the interface that this host speaks.
const ABI_VERSION: i32 = 1;

/// The exported functions that version 1 asks for: name, number of parameters, whether there is a
/// result. All of them are `i32`.
const FUNCTIONS: [(&str, usize, bool); 5] = [
    ("tocsin_describe", 0, true),
    ("tocsin_configure", 2, true),
    ("tocsin_detect", 2, true),
    ("malloc", 1, true),
    ("free", 1, false),
];

/// A compiled module that speaks version 1 of the interface. Cheap to clone.
#[derive(Clone)]
pub struct Module {
    pub(super) inner: wasmtime::Module,
    sha256: Arc<str>,
    bytes: usize,
    /// How it recognises records, once an instance has been asked.
    record_keys: Arc<OnceLock<Arc<RecordKeys>>>,
}

impl Module {
    fn of(inner: wasmtime::Module, sha256: &str, bytes: usize) -> Module {
        Module { inner, sha256: sha256.into(), bytes, record_keys: Arc::default() }
    }

    /// How the module recognises records by their first bytes; nothing is a record to a host if it can't say that. An
    /// instance of its own is asked, once, so that no other one's memory depends on it.
    pub(super) fn record_keys(&self, limits: &Limits) -> Arc<RecordKeys> {
        let ask = || Instance::start(self, limits)?.record_keys();
        Arc::clone(self.record_keys.get_or_init(|| Arc::new(ask().unwrap_or_default())))
    }

    /// Compiles a module and checks it: WebAssembly, no imports, all exports with their types, and
    /// the version it answers.
    ///
    /// # Errors
    /// [`LoadError`] says which of these fails.
    pub fn new(engine: &Engine, bytes: &[u8]) -> Result<Module, LoadError> {
        check_preamble(bytes)?;
        let sha256 = format!("{:x}", Sha256::digest(bytes));
        if let Some(module) = Module::kept(engine, bytes, &sha256) {
            // What is kept has passed all checks.
            return Ok(module);
        }
        bounds::check(bytes)?;
        let module = Module::compile(engine, bytes, &sha256)?;
        check(&module.inner)?;
        module.keep(engine);
        Ok(module)
    }

    /// Compiles a module that is known to speak the interface, for this time only.
    pub(super) fn unchecked(engine: &Engine, bytes: &[u8]) -> Result<Module, LoadError> {
        Module::compile(engine, bytes, "")
    }

    fn kept(engine: &Engine, bytes: &[u8], sha256: &str) -> Option<Module> {
        let inner = engine.cache.as_ref()?.load(&engine.inner, sha256)?;
        Some(Module::of(inner, sha256, bytes.len()))
    }

    fn keep(&self, engine: &Engine) {
        if let Some(cache) = &engine.cache {
            cache.store(&self.sha256, &self.inner);
        }
    }

    fn compile(engine: &Engine, bytes: &[u8], sha256: &str) -> Result<Module, LoadError> {
        let inner = wasmtime::Module::from_binary(&engine.inner, bytes)
            .map_err(|error| LoadError::Invalid(format!("{error:#}")))?;
        Ok(Module::of(inner, sha256, bytes.len()))
    }

    /// SHA-256 of the module's bytes in hex digits: the same for the same file in every runtime.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many bytes the module has as a file.
    pub fn size(&self) -> usize {
        self.bytes
    }

    /// The module that is built together with this crate, and so needs none of the checks.
    ///
    /// # Errors
    /// [`LoadError`] if the build is broken.
    pub fn embedded(engine: &Engine) -> Result<Module, LoadError> {
        // The build has worked out the digest.
        let (bytes, sha256) = (crate::EMBEDDED_MODULE, crate::EMBEDDED_MODULE_SHA256);
        if let Some(module) = Module::kept(engine, bytes, sha256) {
            return Ok(module);
        }
        let module = Module::compile(engine, bytes, sha256)?;
        module.keep(engine);
        Ok(module)
    }
}

/// Checks that a module speaks the interface.
fn check(module: &wasmtime::Module) -> Result<(), LoadError> {
    check_imports(module)?;
    // The version first: another one may have other exports.
    check_function(module, "tocsin_abi_version", 0, true)?;
    match abi_version(module, &Limits::default()).map_err(LoadError::Start)? {
        ABI_VERSION => {}
        found => return Err(LoadError::Version { found, expected: ABI_VERSION }),
    }
    check_memory(module)?;
    for (name, parameters, result) in FUNCTIONS {
        check_function(module, name, parameters, result)?;
    }
    Ok(())
}

fn check_preamble(bytes: &[u8]) -> Result<(), LoadError> {
    match bytes {
        [b'\0', b'a', b's', b'm', _, _, 1, 0, ..] => Err(LoadError::Component),
        [b'\0', b'a', b's', b'm', ..] => Ok(()),
        _ => Err(LoadError::NotWasm),
    }
}

fn check_imports(module: &wasmtime::Module) -> Result<(), LoadError> {
    match module.imports().next() {
        None => Ok(()),
        Some(import) => Err(LoadError::Import {
            module: import.module().to_owned(),
            name: import.name().to_owned(),
        }),
    }
}

fn check_memory(module: &wasmtime::Module) -> Result<(), LoadError> {
    let (name, expected) = ("memory", "a 32-bit memory of its own".to_owned());
    match module.get_export(name) {
        None => Err(LoadError::MissingExport { name, expected }),
        Some(ExternType::Memory(memory)) if !memory.is_64() && !memory.is_shared() => Ok(()),
        Some(found) => Err(LoadError::WrongExport { name, expected, found: describe(&found) }),
    }
}

fn check_function(
    module: &wasmtime::Module,
    name: &'static str,
    parameters: usize,
    result: bool,
) -> Result<(), LoadError> {
    let expected = || signature(&vec!["i32"; parameters], if result { &["i32"] } else { &[] });
    match module.get_export(name) {
        None => Err(LoadError::MissingExport { name, expected: expected() }),
        Some(ExternType::Func(function)) if of_type(&function) == expected() => Ok(()),
        Some(found) => {
            Err(LoadError::WrongExport { name, expected: expected(), found: describe(&found) })
        }
    }
}

fn describe(found: &ExternType) -> String {
    match found {
        ExternType::Func(function) => of_type(function),
        ExternType::Memory(memory) if memory.is_64() => "a 64-bit memory".into(),
        ExternType::Memory(_) => "a shared memory".into(),
        ExternType::Table(_) => "a table".into(),
        ExternType::Global(_) => "a global".into(),
        ExternType::Tag(_) => "a tag".into(),
    }
}

fn of_type(function: &FuncType) -> String {
    let names = |types: &mut dyn Iterator<Item = ValType>| -> Vec<String> {
        types.map(|value| value.to_string()).collect()
    };
    let (parameters, results) = (names(&mut function.params()), names(&mut function.results()));
    let text = |names: &[String]| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    signature(&[text(&parameters).as_str()], &[text(&results).as_str()])
}

/// `a function (i32, i32) -> (i32)`.
fn signature(parameters: &[&str], results: &[&str]) -> String {
    format!("a function ({}) -> ({})", parameters.join(", "), results.join(", "))
}
