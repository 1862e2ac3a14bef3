//! Compiled modules that are kept between runs: machine code in the user's cache folder, which a start maps
//! into memory instead of compiling for a second.
//!
//! Machine code can't be checked, so what [`Folder`] promises has to hold. What comes from another version of
//! wasmtime, for another processor or from another configuration has another name, and wasmtime refuses it
//! besides; it also refuses what is cut off.
#![allow(unsafe_code)]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};

use super::Folder;

/// The compiled modules of a folder, those for one engine among them.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct ModuleCache {
    folder: Folder,
    /// What engines have in common that can run each other's code.
    engine_hash: u64,
}

impl ModuleCache {
    pub(in crate::sandbox) fn new(folder: Folder, engine: &wasmtime::Engine) -> ModuleCache {
        let mut engine_hash = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut engine_hash);
        ModuleCache { engine_hash: engine_hash.finish(), folder }
    }

    /// The compiled form of the module whose bytes have this SHA-256, if it was kept.
    pub(in crate::sandbox) fn load(
        &self,
        engine: &wasmtime::Engine,
        sha256: &str,
    ) -> Option<wasmtime::Module> {
        let file = self.folder.open(&self.name(sha256))?;
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
    pub(in crate::sandbox) fn store(&self, sha256: &str, module: &wasmtime::Module) {
        let _ = self.write(sha256, module);
    }

    fn write(&self, sha256: &str, module: &wasmtime::Module) -> io::Result<()> {
        let code = module.serialize().map_err(io::Error::other)?;
        self.folder.keep(&self.name(sha256), |file| file.write_all(&code))
    }

    fn name(&self, sha256: &str) -> String {
        format!("{sha256}-{:016x}.compiled", self.engine_hash)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::PathBuf;
    use std::time::{Duration, SystemTime};

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    const SHA256: &str = "any name";

    /// A module with a function that gives seven, compiled.
    fn seven(engine: &wasmtime::Engine) -> wasmtime::Module {
        let text = "(module (func (export \"f\") (result i32) i32.const 7))";
        wasmtime::Module::new(engine, wat::parse_str(text).unwrap()).unwrap()
    }

    fn cache_in(folder: PathBuf, engine: &wasmtime::Engine) -> Option<ModuleCache> {
        Some(ModuleCache::new(Folder::at(folder)?, engine))
    }

    fn file(cache: &ModuleCache, sha256: &str) -> PathBuf {
        cache.folder.path(&cache.name(sha256))
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
        let cache = cache_in(folder.path().join("a/b"), &engine).unwrap();
        assert!(cache.load(&engine, SHA256).is_none());
        cache.store(SHA256, &seven(&engine));
        cache.store(SHA256, &seven(&engine));
        assert_eq!(names(&cache.folder.path("")).len(), 1);
        assert_eq!(answer(&cache.load(&engine, SHA256).unwrap()), 7);
        assert!(cache.load(&engine, "another name").is_none());
    }

    #[test]
    fn what_a_run_left_half_written_is_in_nobodys_way() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = cache_in(folder.path().to_owned(), &engine).unwrap();
        // In a container each run may have the same number.
        let left = file(&cache, SHA256).with_extension(std::process::id().to_string());
        fs::write(left, "half").unwrap();
        cache.store(SHA256, &seven(&engine));
        assert!(cache.load(&engine, SHA256).is_some());
    }

    #[test]
    fn what_is_cut_off_or_of_another_engine_is_not_used_and_replaced() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = cache_in(folder.path().to_owned(), &engine).unwrap();
        cache.store(SHA256, &seven(&engine));
        let path = file(&cache, SHA256);
        let whole = fs::read(&path).unwrap();
        for length in [0, 1, 64, 1000, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(cache.load(&engine, SHA256).is_none(), "{length} of {}", whole.len());
        }
        let mut config = wasmtime::Config::new();
        config.consume_fuel(true);
        let other = wasmtime::Engine::new(&config).unwrap();
        let others = cache_in(folder.path().to_owned(), &other).unwrap();
        assert_ne!(file(&others, SHA256), path);
        fs::write(file(&others, SHA256), &whole).unwrap();
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
        let cache = cache_in(at.clone(), &engine).unwrap();
        cache.store(SHA256, &seven(&engine));
        for (bits, used) in [(0o600, true), (0o620, false), (0o602, false), (0o644, true)] {
            mode(&file(&cache, SHA256), bits);
            assert_eq!(cache.load(&engine, SHA256).is_some(), used, "{bits:o}");
        }
        for (bits, used) in [(0o770, false), (0o707, false), (0o755, true)] {
            mode(&at, bits);
            assert_eq!(cache_in(at.clone(), &engine).is_some(), used, "{bits:o}");
        }
    }

    #[test]
    fn the_files_that_were_not_used_for_longest_go() {
        let (folder, engine) = (tempfile::tempdir().unwrap(), wasmtime::Engine::default());
        let cache = cache_in(folder.path().to_owned(), &engine).unwrap();
        let names = ["first", "second", "third", "fourth"];
        for (days, name) in (0..4).zip(names) {
            cache.store(name, &seven(&engine));
            let file = File::options().write(true).open(file(&cache, name)).unwrap();
            file.set_modified(SystemTime::now() - (5 - days) * DAY).unwrap();
        }
        // The first one is used again.
        assert!(cache.load(&engine, "first").is_some());
        let size = fs::metadata(file(&cache, "first")).unwrap().len();
        cache.folder.evict(false, 3 * size).unwrap();
        let left = names.map(|name| cache.load(&engine, name).is_some());
        assert_eq!(left, [true, false, true, true]);
    }
}
