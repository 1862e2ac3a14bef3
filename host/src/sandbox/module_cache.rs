//! Compiled modules that are kept between runs: machine code in the user's cache folder, which a start maps
//! into memory instead of compiling for a second.
//!
//! Machine code can't be checked. So a file is used only if it and its folder are the user's own and
//! nobody else may write to them. It is written under another name first and never changed then, so that
//! a process that has mapped it never sees it change. What comes from another version of wasmtime, for another
//! processor or from another configuration has another name, and wasmtime refuses it besides; it also
//! refuses what is cut off.
#![allow(unsafe_code)]

use std::fs::{self, DirBuilder, File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// What all files may take together, in bytes: more than a hundred modules. Then the ones that haven't been
/// used for longest go.
const MOST_BYTES: u64 = 512 << 20;

/// How exactly it is known when a file was last used.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of compiled modules, those for one engine among them.
#[derive(Debug, Clone)]
pub(super) struct ModuleCache {
    folder: PathBuf,
    /// What engines have in common that can run each other's code.
    engine_hash: u64,
}

impl ModuleCache {
    /// The user's folder, made if it isn't there; none if nothing can be kept safely.
    pub(super) fn of_user(engine: &wasmtime::Engine) -> Option<ModuleCache> {
        ModuleCache::at(folder()?, engine)
    }

    fn at(folder: PathBuf, engine: &wasmtime::Engine) -> Option<ModuleCache> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).ok()?;
        let mut engine_hash = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut engine_hash);
        let cache = ModuleCache { engine_hash: engine_hash.finish(), folder };
        is_own(&fs::metadata(&cache.folder).ok()?).then_some(cache)
    }

    /// The compiled form of the module whose bytes have this SHA-256, if it is cache.
    pub(super) fn load(&self, engine: &wasmtime::Engine, sha256: &str) -> Option<wasmtime::Module> {
        let file = File::open(self.path(sha256)).ok()?;
        let metadata = file.metadata().ok()?;
        if !is_own(&metadata) {
            return None;
        }
        if metadata.modified().ok()?.elapsed().is_ok_and(|age| age > DAY) {
            // At worst it goes too early.
            let _ = file.set_modified(SystemTime::now());
        }
        let mut again = file.try_clone().ok()?;
        // SAFETY: the file holds what `Module::serialize` gave: nobody but the user can write it or put
        // another in its place, and `write` puts nothing else under a name like this. Nothing here changes a
        // file that has it.
        let mapped = unsafe { wasmtime::Module::deserialize_open_file(engine, file) };
        mapped.ok().or_else(|| {
            // Where files of the folder can't be mapped as code, a copy can.
            let mut code = Vec::new();
            again.read_to_end(&mut code).ok()?;
            // SAFETY: the bytes are those of the same file.
            unsafe { wasmtime::Module::deserialize(engine, code) }.ok()
        })
    }

    /// Keeps the compiled form of a module. If that fails, the next start compiles again, no more.
    pub(super) fn store(&self, sha256: &str, module: &wasmtime::Module) {
        let _ = self.write(sha256, module).and_then(|()| self.evict(MOST_BYTES));
    }

    fn write(&self, sha256: &str, module: &wasmtime::Module) -> io::Result<()> {
        let code = module.serialize().map_err(io::Error::other)?;
        // Nobody else may write to it, and it goes unless it gets its name.
        let mut new = NamedTempFile::new_in(&self.folder)?;
        new.write_all(&code)?;
        new.as_file().sync_all()?;
        new.persist(self.path(sha256)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes the files that weren't used for longest, until the others take no more than this.
    fn evict(&self, most_bytes: u64) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            files.push((metadata.modified()?, metadata.len(), entry.path()));
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

    fn path(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}-{:016x}.compiled", self.engine_hash))
    }
}

/// The environment variable that names another folder; with nothing in it, nothing is kept.
pub const FOLDER_VARIABLE: &str = "TOCSIN_CACHE";

/// Where compiled modules are kept, if anywhere: the folder that [`FOLDER_VARIABLE`] names, else `tocsin/modules` in
/// the user's cache folder.
pub fn folder() -> Option<PathBuf> {
    match std::env::var_os(FOLDER_VARIABLE) {
        Some(none) if none.is_empty() => None,
        Some(folder) => Some(folder.into()),
        None => Some(dirs::cache_dir()?.join("tocsin").join("modules")),
    }
}

/// The files that a folder of compiled modules holds, and their sizes.
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
        if entry.path().extension().is_some_and(|ending| ending == "compiled") {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "any name";

    /// A module with a function that gives seven, compiled.
    fn seven(engine: &wasmtime::Engine) -> wasmtime::Module {
        let text = "(module (func (export \"f\") (result i32) i32.const 7))";
        wasmtime::Module::new(engine, wat::parse_str(text).unwrap()).unwrap()
    }

    fn answer(module: &wasmtime::Module) -> i32 {
        let mut store = wasmtime::Store::new(module.engine(), ());
        let instance = wasmtime::Instance::new(&mut store, module, &[]).unwrap();
        let function = instance.get_typed_func::<(), i32>(&mut store, "f").unwrap();
        function.call(&mut store, ()).unwrap()
    }

    fn names(folder: &std::path::Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
        fs::read_dir(folder).unwrap().map(|entry| name(entry).unwrap()).collect()
    }

    #[test]
    fn a_stored_module_runs() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = ModuleCache::at(folder.path().join("a/b"), &engine).unwrap();
        assert!(cache.load(&engine, SHA256).is_none());
        cache.store(SHA256, &seven(&engine));
        cache.store(SHA256, &seven(&engine));
        assert_eq!(names(&cache.folder).len(), 1);
        assert_eq!(answer(&cache.load(&engine, SHA256).unwrap()), 7);
        assert!(cache.load(&engine, "another name").is_none());
    }

    #[test]
    fn what_a_run_left_half_written_is_in_nobodys_way() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = ModuleCache::at(folder.path().to_owned(), &engine).unwrap();
        // In a container each run may have the same number.
        let left = cache.path(SHA256).with_extension(std::process::id().to_string());
        fs::write(left, "half").unwrap();
        cache.store(SHA256, &seven(&engine));
        assert!(cache.load(&engine, SHA256).is_some());
    }

    #[test]
    fn what_is_cut_off_or_of_another_engine_is_not_used_and_replaced() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = ModuleCache::at(folder.path().to_owned(), &engine).unwrap();
        cache.store(SHA256, &seven(&engine));
        let path = cache.path(SHA256);
        let whole = fs::read(&path).unwrap();
        for length in [0, 1, 64, 1000, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(cache.load(&engine, SHA256).is_none(), "{length} of {}", whole.len());
        }
        let mut config = wasmtime::Config::new();
        config.consume_fuel(true);
        let other = wasmtime::Engine::new(&config).unwrap();
        let others = ModuleCache::at(folder.path().to_owned(), &other).unwrap();
        assert_ne!(others.path(SHA256), path);
        fs::write(others.path(SHA256), &whole).unwrap();
        assert!(others.load(&other, SHA256).is_none());
        cache.store(SHA256, &seven(&engine));
        assert_eq!(answer(&cache.load(&engine, SHA256).unwrap()), 7);
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let mode = |path: &std::path::Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let at = folder.path().join("modules");
        let cache = ModuleCache::at(at.clone(), &engine).unwrap();
        cache.store(SHA256, &seven(&engine));
        for (bits, used) in [(0o600, true), (0o620, false), (0o602, false), (0o644, true)] {
            mode(&cache.path(SHA256), bits);
            assert_eq!(cache.load(&engine, SHA256).is_some(), used, "{bits:o}");
        }
        for (bits, used) in [(0o770, false), (0o707, false), (0o755, true)] {
            mode(&at, bits);
            assert_eq!(ModuleCache::at(at.clone(), &engine).is_some(), used, "{bits:o}");
        }
    }

    #[test]
    fn the_files_that_were_not_used_for_longest_go() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = ModuleCache::at(folder.path().to_owned(), &engine).unwrap();
        let names = ["first", "second", "third", "fourth"];
        for (days, name) in (0..4).zip(names) {
            cache.store(name, &seven(&engine));
            let file = File::options().write(true).open(cache.path(name)).unwrap();
            file.set_modified(SystemTime::now() - (5 - days) * DAY).unwrap();
        }
        // The first one is used again.
        assert!(cache.load(&engine, "first").is_some());
        let size = fs::metadata(cache.path("first")).unwrap().len();
        cache.evict(3 * size).unwrap();
        let left = names.map(|name| cache.load(&engine, name).is_some());
        assert_eq!(left, [true, false, true, true]);
    }
}
