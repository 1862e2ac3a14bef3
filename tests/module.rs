//! The module's bytes against what `docs/abi.md` and the narrowest runtime allow.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, Parser, Payload, ValType, Validator, WasmFeatures,
};

/// The exports of version 1 of the interface: parameters and results, all `i32`.
const EXPORTS: [(&str, usize, usize); 7] = [
    ("malloc", 1, 1),
    ("free", 1, 0),
    ("tocsin_abi_version", 0, 1),
    ("tocsin_describe", 0, 1),
    ("tocsin_configure", 2, 1),
    ("tocsin_detect", 2, 1),
    ("tocsin_explain", 4, 1),
];

/// What the glue for JavaScript calls; its types are wasm-bindgen's business.
const JAVASCRIPT: [&str; 6] = [
    "tocsin_javascript_describe",
    "tocsin_javascript_configure",
    "tocsin_javascript_detect",
    "tocsin_javascript_explain",
    "tocsin_javascript_status",
    "tocsin_javascript_count",
];

/// Bytes that the module may have: it is fetched by browsers and copied to every shipper, and a compiled
/// one, with its rules, must stay below 1.5 MB.
const SIZE: usize = 1_400_000;

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
    let checked = Validator::new_with_features(allowed()).validate_all(tocsin::EMBEDDED_MODULE);
    if let Err(error) = checked {
        panic!("the module uses more than the allowed features: {error}");
    }
}

#[test]
fn it_imports_nothing() {
    for payload in Parser::new(0).parse_all(tocsin::EMBEDDED_MODULE) {
        if let Payload::ImportSection(imports) = payload.unwrap() {
            assert_eq!(imports.count(), 0, "the module has imports");
        }
    }
}

#[test]
fn it_exports_the_interface() {
    let (mut types, mut functions, mut exports) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut memories = 0;
    for payload in Parser::new(0).parse_all(tocsin::EMBEDDED_MODULE) {
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

#[test]
fn it_is_small_and_has_no_names() {
    let size = tocsin::EMBEDDED_MODULE.len();
    assert!(size < SIZE, "the module has {size} bytes");
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(tocsin::EMBEDDED_MODULE) {
        if let Payload::CustomSection(section) = payload.unwrap() {
            sections.push(section.name().to_owned());
        }
    }
    // Names of functions would be a twelfth of it, and serve only the text of a trap.
    assert_eq!(sections, ["producers", "target_features"]);
}

#[test]
fn it_tells_nothing_of_the_machine_that_built_it() {
    // Panics name source files; the build gives the folders names that are the same everywhere.
    let workspace = env!("CARGO_MANIFEST_DIR").trim_end_matches("tests");
    for folder in [workspace, "/.cargo/", "/.rustup/"] {
        let bytes = folder.as_bytes();
        let found = tocsin::EMBEDDED_MODULE.windows(bytes.len()).any(|window| window == bytes);
        assert!(!found, "it has paths of {folder}");
    }
}
