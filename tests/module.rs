//! The module's bytes, and those of a compiled one, against what `docs/abi.md` and the narrowest runtime allow.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use tocsin_host::Engine;
use tocsin_host::compile::{SECTION, compile};
use tocsin_host::detector::Document;
use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, Parser, Payload, ValType, Validator, WasmFeatures,
};

/// The exports of version 1 of the interface, and those for Fluent Bit: parameters and results, all `i32`.
const EXPORTS: [(&str, usize, usize); 15] = [
    ("malloc", 1, 1),
    ("free", 1, 0),
    ("tocsin_abi_version", 0, 1),
    ("tocsin_describe", 0, 1),
    ("tocsin_configure", 2, 1),
    ("tocsin_detect", 2, 1),
    ("tocsin_alerts", 2, 1),
    ("tocsin_explain", 4, 1),
    ("tocsin_record_keys", 0, 1),
    ("tocsin_vocabulary", 0, 1),
    ("tocsin_test", 2, 1),
    ("tocsin_read", 2, 1),
    ("tocsin_coverage", 2, 1),
    // Fluent Bit looks these up by name and doesn't check what they take.
    ("tocsin_fluentbit_enrich", 6, 1),
    ("tocsin_fluentbit_alerts", 6, 1),
];

/// What the glue for JavaScript calls; its types are wasm-bindgen's business.
const JAVASCRIPT: [&str; 10] = [
    "tocsin_javascript_describe",
    "tocsin_javascript_configure",
    "tocsin_javascript_detect",
    "tocsin_javascript_explain",
    "tocsin_javascript_vocabulary",
    "tocsin_javascript_test",
    "tocsin_javascript_read",
    "tocsin_javascript_coverage",
    "tocsin_javascript_status",
    "tocsin_javascript_count",
];

/// Bytes that the module, and one compiled from the built-in rules, may have: browsers fetch it, and it is
/// copied to every shipper.
const SIZE: usize = 2_080_000;

/// The embedded module, and one that is compiled from the same rules.
fn modules() -> [(&'static str, &'static [u8]); 2] {
    static COMPILED: OnceLock<Vec<u8>> = OnceLock::new();
    [("embedded", tocsin_host::EMBEDDED_MODULE), ("compiled", COMPILED.get_or_init(compiled))]
}

fn compiled() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("rules/builtin");
    let mut documents = Vec::new();
    for name in ["elastic", "logpresso"] {
        let name = format!("aws-configuration-recorder-stopped.{name}.toml");
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        documents.push(Document { name, text });
    }
    compile(&Engine::new().unwrap(), tocsin_host::EMBEDDED_MODULE, documents).unwrap().module
}

/// What the WAMR inside Fluent Bit can do. Beside WebAssembly 1.0, no more than this.
fn allowed() -> WasmFeatures {
    WasmFeatures::WASM1
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
}

#[test]
fn the_narrowest_runtime_has_all_it_uses() {
    for (which, module) in modules() {
        let checked = Validator::new_with_features(allowed()).validate_all(module);
        if let Err(error) = checked {
            panic!("the {which} module uses more than the allowed features: {error}");
        }
    }
}

#[test]
fn it_imports_nothing() {
    for (which, module) in modules() {
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                assert_eq!(imports.count(), 0, "the {which} module has imports");
            }
        }
    }
}

#[test]
fn it_exports_the_interface() {
    let [(_, embedded), (_, compiled)] = modules();
    let exports = exported(embedded);
    assert_eq!(exported(compiled), exports, "compiling keeps all exports, and adds none");
    for name in JAVASCRIPT {
        assert!(
            matches!(exports.get(name), Some((ExternalKind::Func, _))),
            "`{name}` isn't exported as a function"
        );
    }
    let all = exports.keys().map(String::as_str);
    let left: Vec<&str> = all.filter(|name| name.starts_with("__wbindgen_describe")).collect();
    assert!(left.is_empty(), "wasm-bindgen hasn't finished the module: {left:?}");
}

/// A module's exports; those of version 1 of the interface are checked for their types.
fn exported(module: &[u8]) -> BTreeMap<String, (ExternalKind, usize)> {
    let (mut types, mut functions, mut exports) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut memories = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::TypeSection(section) => {
                for group in section {
                    for kind in group.unwrap().into_types() {
                        types.push(match kind.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::FunctionSection(section) => {
                functions.extend(section.into_iter().map(|kind| kind.unwrap() as usize));
            }
            Payload::MemorySection(section) => memories = section.count(),
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.unwrap();
                    exports.insert(export.name.to_owned(), (export.kind, export.index as usize));
                }
            }
            _ => {}
        }
    }
    assert_eq!(memories, 1);
    assert_eq!(exports.get("memory"), Some(&(ExternalKind::Memory, 0)));
    for (name, parameters, results) in EXPORTS {
        let Some((ExternalKind::Func, index)) = exports.get(name) else {
            panic!("`{name}` isn't exported as a function");
        };
        // Without imports the index of a function is its place in the function section.
        let kind = functions.get(*index).and_then(|kind| types.get(*kind)).unwrap().clone();
        let expected = FuncType::new(vec![ValType::I32; parameters], vec![ValType::I32; results]);
        assert_eq!(kind, Some(expected), "{name}");
    }
    exports
}

#[test]
fn it_is_small_and_has_no_names() {
    let mut sections = BTreeMap::<_, Vec<_>>::new();
    for (which, module) in modules() {
        assert!(module.len() < SIZE, "the {which} module has {} bytes", module.len());
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::CustomSection(section) = payload.unwrap() {
                sections.entry(which).or_default().push(section.name().to_owned());
            }
        }
    }
    // Names of functions would be a twelfth of it, and serve only the text of a trap.
    assert_eq!(sections["embedded"], ["producers", "target_features"]);
    assert_eq!(sections["compiled"], ["producers", "target_features", SECTION]);
}

#[test]
fn it_tells_nothing_of_the_machine_that_built_it() {
    // Panics name source files; the build gives the folders names that are the same everywhere.
    let workspace = env!("CARGO_MANIFEST_DIR").trim_end_matches("tests");
    for folder in [workspace, "/.cargo/", "/.rustup/"] {
        let bytes = folder.as_bytes();
        let found = tocsin_host::EMBEDDED_MODULE.windows(bytes.len()).any(|window| window == bytes);
        assert!(!found, "it has paths of {folder}");
    }
}
