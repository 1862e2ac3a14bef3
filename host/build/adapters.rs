//! In: the adapters' text. Out: their bytes, for the library to embed.
//!
//! What the adapters share stands in a file of its own, which is put where an adapter asks for it. Bento and
//! Redpanda Connect have the same adapter; only the host's module has another name.

use std::path::Path;

/// Where a text has what all share.
const SHARED: &str = "(; shared ;)";

/// The name of the host's module in the text, where hosts differ in it.
const HOST: &str = "\"HOST\"";

/// The files that come out: name, text, and the name of the host's module.
const ADAPTERS: [(&str, &str, &str); 3] = [
    ("bento", "bento.wat", "\"bento_wasm\""),
    ("redpanda-connect", "bento.wat", "\"benthos_wasm\""),
    ("redpanda-transform", "redpanda-transform.wat", HOST),
];

/// Writes the adapters' bytes, and what stands behind the module in a component.
pub(crate) fn write(folder: &Path, out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let shared = read(&folder.join("shared.wat"))?;
    let bytes = |file: &str, host: &str| -> Result<Vec<u8>, String> {
        let path = folder.join(file);
        let text = read(&path)?.replace(SHARED, shared.trim_end()).replace(HOST, host);
        wat::parse_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    for (name, file, host) in ADAPTERS {
        crate::write(&out.join(format!("{name}.adapter")), &bytes(file, host)?)?;
    }
    let component = bytes("component.wat", HOST)?;
    crate::write(&out.join("component.adapter"), behind_the_module(&component)?)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What stands behind the first section of a component, which holds a module.
fn behind_the_module(component: &[u8]) -> Result<&[u8], String> {
    let wrong = || "a component doesn't begin with its module".to_owned();
    // The header's 8 bytes, then the section's kind and its length.
    let [1, section @ ..] = component.get(8..).ok_or_else(wrong)? else { return Err(wrong()) };
    let (mut length, mut bytes) = (0, section.iter());
    for shift in [0, 7, 14, 21] {
        let byte = bytes.next().ok_or_else(wrong)?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return bytes.as_slice().get(length..).ok_or_else(wrong);
        }
    }
    Err(wrong())
}
