//! The bytes of a file in, a module that speaks the interface out, or the reason why it doesn't.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use wasmtime::{ExternType, FuncType, ValType};

use super::instance::abi_version;
use super::{Engine, Limits, LoadError};

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
}

impl Module {
    /// Compiles a module and checks it: WebAssembly, no imports, all exports with their types, and
    /// the version it answers.
    ///
    /// # Errors
    /// [`LoadError`] says which of these fails.
    pub fn new(engine: &Engine, bytes: &[u8]) -> Result<Module, LoadError> {
        Ok(Module::unchecked(checked(engine, bytes)?, bytes))
    }

    /// A module that is known to speak the interface, and the bytes that it was made of.
    pub(super) fn unchecked(inner: wasmtime::Module, bytes: &[u8]) -> Module {
        let sha256: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        Module { inner, sha256: sha256.into(), bytes: bytes.len() }
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
        let bytes = crate::EMBEDDED_MODULE;
        // The build has worked out the digest.
        let sha256 = crate::EMBEDDED_MODULE_SHA256.into();
        Ok(Module { inner: compile(engine, bytes)?, sha256, bytes: bytes.len() })
    }
}

fn compile(engine: &Engine, bytes: &[u8]) -> Result<wasmtime::Module, LoadError> {
    wasmtime::Module::from_binary(&engine.inner, bytes)
        .map_err(|error| LoadError::Invalid(format!("{error:#}")))
}

/// Compiles a module and checks that it speaks the interface.
fn checked(engine: &Engine, bytes: &[u8]) -> Result<wasmtime::Module, LoadError> {
    check_preamble(bytes)?;
    let inner = compile(engine, bytes)?;
    check_imports(&inner)?;
    // The version first: another one may have other exports.
    check_function(&inner, "tocsin_abi_version", 0, true)?;
    match abi_version(&inner, &Limits::default()).map_err(LoadError::Start)? {
        ABI_VERSION => {}
        found => return Err(LoadError::Version { found, expected: ABI_VERSION }),
    }
    check_memory(&inner)?;
    for (name, parameters, result) in FUNCTIONS {
        check_function(&inner, name, parameters, result)?;
    }
    Ok(inner)
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
