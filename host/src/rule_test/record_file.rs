//! The name of a file beside a rule's tests in, its bytes out.
//!
//! Rules come from others. What their tests name is shown in what a failed test says, so it must lie in the
//! folder of its own file, wherever links lead; and it must be a file, which ends.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

/// The largest file that is read, in bytes: what the largest record takes.
const LARGEST: u64 = 64 << 20;

/// The record in `file`, which a test in `tests` names, or why it isn't read.
pub(super) fn read(tests: &Path, file: &Path) -> Result<Vec<u8>, String> {
    let inside =
        file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let outside =
        || format!("{}: it leads out of the folder of the test's own file", file.display());
    if !inside {
        return Err(outside());
    }
    let folder = tests.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let path = folder.join(file);
    let shown = |error: io::Error| format!("{}: {error}", path.display());
    let found = path.canonicalize().map_err(shown)?;
    if !found.starts_with(folder.canonicalize().map_err(shown)?) {
        return Err(outside());
    }
    read_regular(&found).map_err(shown)
}

/// The bytes of a file that is one: a pipe or a device may have no end.
pub(super) fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it isn't a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}
