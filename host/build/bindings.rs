//! In: the module as the compiler leaves it. Out: the module that is shipped, and the glue for JavaScript.
//!
//! wasm-bindgen would have the module import a function that prepares a table of JavaScript's objects, as
//! soon as the compiler says that it may use reference types. No object crosses Tocsin's interface, so the
//! section that says so is changed first, and the module imports nothing. The same is done to the results
//! of many values, which not every runtime has.

use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

/// What the generated files call the module.
const NAME: &str = "tocsin";

/// The section by which the compiler says which features of WebAssembly it used (`+`) or forbade (`-`).
const FEATURES: &str = "target_features";

/// The features that wasm-bindgen is not to make use of.
const WITHOUT: [&str; 2] = ["reference-types", "multivalue"];

/// Exports that are there for modules which unwind or call back; this one does neither.
const UNUSED: [&str; 2] = ["__abort_handler", "__instance_terminated"];

/// What comes out.
pub(crate) struct Finished {
    /// The module.
    pub(crate) module: Vec<u8>,
    /// Files of glue: name and text.
    pub(crate) glue: Vec<(&'static str, String)>,
}

/// Kinds of glue.
enum Glue {
    Web,
    Node,
    Plain,
}

/// Gives a module its exports for JavaScript.
pub(crate) fn finish(mut module: Vec<u8>) -> Result<Finished, String> {
    forbid(&mut module)?;
    let (web, web_js, web_types) = run(&module, Glue::Web)?;
    let (node, node_js, node_types) = run(&module, Glue::Node)?;
    let (plain, plain_js, plain_types) = run(&module, Glue::Plain)?;
    if web != node || web != plain {
        return Err("wasm-bindgen gives each kind of glue a module of its own".to_owned());
    }
    let glue = vec![
        ("web.js", named(web_js, "web.d.ts")),
        ("web.d.ts", web_types),
        ("node.cjs", named(node_js, "node.d.cts")),
        ("node.d.cts", node_types),
        ("factory.js", factory(&plain_js)),
        ("factory.d.ts", factory_types(&plain_types)),
    ];
    Ok(Finished { module: web, glue })
}

/// Glue with the names that the files have here.
fn named(glue: String, types: &str) -> String {
    glue.replace(&format!("{NAME}_bg.wasm"), &format!("{NAME}.wasm"))
        .replace(&format!("./{NAME}.d.ts"), &format!("./{types}"))
}

/// Glue that can be had several times, each with an instance of its own. All kinds keep one instance for
/// the file that they are; the plain kind is an expression, so it can stand inside a function.
fn factory(plain: &str) -> String {
    format!(
        "/* @ts-self-types=\"./factory.d.ts\" */\n\n\
         /**\n * Glue without an instance: call `initSync` on it once. Each call gives another one.\n */\n\
         export function createGlue() {{\n{plain}\nreturn wasm_bindgen;\n}}\n"
    )
}

fn factory_types(plain: &str) -> String {
    format!(
        "{plain}\n/**\n * Glue without an instance: call `initSync` on it once. Each call gives another \
         one.\n */\nexport function createGlue(): typeof wasm_bindgen;\n"
    )
}

/// One run of wasm-bindgen: the module, the glue, and the glue's types.
fn run(module: &[u8], kind: Glue) -> Result<(Vec<u8>, String, String), String> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(NAME, module.to_vec())
        .typescript(true)
        .omit_default_module_path(false)
        // The names of functions are a twelfth of the module, for nothing but the text of a trap.
        .remove_name_section(true);
    let output = match kind {
        Glue::Web => bindgen.web(true),
        Glue::Node => bindgen.nodejs(true),
        Glue::Plain => bindgen.no_modules(true),
    };
    let mut output = output
        .and_then(Bindgen::generate_output)
        .map_err(|error| format!("wasm-bindgen refuses the module: {error:#}"))?;
    let types = output.ts().unwrap_or_default().to_owned();
    let module = output.wasm_mut();
    for name in UNUSED {
        // An export that isn't there is as good as removed.
        let _ = module.exports.remove(name);
    }
    Ok((module.emit_wasm(), output.js().to_owned(), types))
}

/// Changes the features that wasm-bindgen is to leave alone from used to forbidden.
fn forbid(module: &mut [u8]) -> Result<(), String> {
    let mut places = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|e| format!("the compiled module is broken: {e}"))?;
        let Payload::CustomSection(section) = payload else { continue };
        if section.name() != FEATURES {
            continue;
        }
        for feature in WITHOUT {
            // One feature is a sign, the length of its name, and its name.
            let entry = [&[b'+', feature.len() as u8], feature.as_bytes()].concat();
            let found = section.data().windows(entry.len()).position(|window| window == entry);
            places.extend(found.map(|place| section.data_offset() + place));
        }
    }
    for place in places {
        if let Some(sign) = module.get_mut(place) {
            *sign = b'-';
        }
    }
    Ok(())
}
