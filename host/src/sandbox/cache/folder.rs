//! The user's folder for what is kept between runs: files that nobody else can have written.
//!
//! A file is used only if it and the folder are the user's own and nobody else may write to them. It is
//! written under another name first and never changed then, so that a process that has it open never sees it
//! change.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// How rules that were read are called.
pub(super) const RULES: &str = "rules";

/// What compiled modules may take together, in bytes: more than a hundred of them. Then the ones that haven't been
/// used for longest go.
const MOST_BYTES: u64 = 512 << 20;

/// The same of rules that were read, apart: who edits one of thousands again and again leaves as many files behind, and
/// wants to keep the compiled module.
const MOST_BYTES_OF_RULES: u64 = 256 << 20;

/// How exactly it is known when a file was last used.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The environment variable that names another folder; with nothing in it, nothing is kept.
pub const FOLDER_VARIABLE: &str = "TOCSIN_CACHE";

/// How the files are called that the folder holds.
const ENDINGS: [&str; 2] = ["compiled", RULES];

/// A folder in which files are kept.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Folder(PathBuf);

impl Folder {
    /// The user's folder, made if it isn't there; none if nothing can be kept safely.
    pub(in crate::sandbox) fn of_user() -> Option<Folder> {
        Folder::at(folder()?)
    }

    pub(super) fn at(folder: PathBuf) -> Option<Folder> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).ok()?;
        is_own(&fs::metadata(&folder).ok()?).then_some(Folder(folder))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file that was kept, if it is there and nobody else can have written it.
    pub(super) fn open(&self, name: &str) -> Option<File> {
        let file = File::open(self.path(name)).ok()?;
        let metadata = file.metadata().ok()?;
        if !is_own(&metadata) {
            return None;
        }
        if metadata.modified().ok()?.elapsed().is_ok_and(|age| age > DAY) {
            // At worst it goes too early.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(file)
    }

    /// Keeps what is written to a file, which has its name only once it is whole.
    pub(super) fn keep(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        // Nobody else may write to it, and it goes unless it gets its name.
        let mut new = NamedTempFile::new_in(&self.0)?;
        write(new.as_file_mut())?;
        new.as_file().sync_all()?;
        new.persist(self.path(name)).map_err(|error| error.error)?;
        match has_rules(Path::new(name)) {
            true => self.evict(true, MOST_BYTES_OF_RULES),
            false => self.evict(false, MOST_BYTES),
        }
    }

    /// Removes the files that weren't used for longest, of those that hold rules or of the others, until these take
    /// no more than this.
    pub(super) fn evict(&self, rules: bool, most_bytes: u64) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            if has_rules(&entry.path()) == rules {
                let metadata = entry.metadata()?;
                files.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        files.sort_by(|one, other| other.cmp(one));
        let mut bytes = 0;
        for (_, length, path) in files {
            bytes += length;
            if bytes > most_bytes {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// Whether a file of such a folder holds rules that were read; else it is a compiled module.
pub fn has_rules(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == RULES)
}

/// Where compiled modules and rules that were read are kept, if anywhere: the folder that [`FOLDER_VARIABLE`] names,
/// else `tocsin/modules` in the user's cache folder.
pub fn folder() -> Option<PathBuf> {
    match std::env::var_os(FOLDER_VARIABLE) {
        Some(none) if none.is_empty() => None,
        Some(folder) => Some(folder.into()),
        None => Some(dirs::cache_dir()?.join("tocsin").join("modules")),
    }
}

/// The files that such a folder holds, and their sizes.
///
/// # Errors
/// What the operating system says. A folder that isn't there holds nothing.
pub fn files(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Whatever else somebody has put there is left alone.
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    files.sort();
    Ok(files)
}

/// Whether something belongs to the user who runs this, and nobody else may write to it.
#[cfg(unix)]
fn is_own(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o022 == 0
}

/// The cache folders of users aren't open to others there.
#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}
