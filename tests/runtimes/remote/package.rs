//! Out: the npm package of `integrations/javascript` in a folder, with the module's glue, as it is packed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::sources;

/// A folder that is made when it is first needed, and removed at the end.
#[derive(Default)]
pub(super) struct Package(OnceLock<Result<tempfile::TempDir, String>>);

impl Package {
    /// The package's folder.
    pub(super) fn folder(&self) -> Result<PathBuf, String> {
        let made = self.0.get_or_init(make);
        made.as_ref().map(|folder| folder.path().to_owned()).map_err(String::clone)
    }
}

fn make() -> Result<tempfile::TempDir, String> {
    let folder = tempfile::Builder::new().prefix("tocsin-package-").tempdir();
    let folder = folder.map_err(|error| error.to_string())?;
    let glue = folder.path().join("glue");
    std::fs::create_dir(&glue).map_err(|error| error.to_string())?;
    let sources_of = sources::repository("integrations/javascript");
    let mut files = sources::files(&sources_of, ".js")?;
    files.extend(sources::files(&sources_of, "package.json")?);
    for file in files {
        let name = file.file_name().unwrap_or_default();
        write(&folder.path().join(name), sources::read(&file)?.as_bytes())?;
    }
    for file in tocsin_host::JAVASCRIPT_GLUE {
        write(&glue.join(file.name), file.text.as_bytes())?;
    }
    write(&glue.join("tocsin.wasm"), tocsin_host::EMBEDDED_MODULE)?;
    Ok(folder)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))
}
