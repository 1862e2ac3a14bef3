//! Paths in; a call whenever a file at or below them has changed.
//!
//! Files are looked at twice a second rather than by a service of the operating system: that works on every file
//! system, over networks and in containers, and rule folders are small.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use walkdir::WalkDir;

use crate::exit::Outcome;
use crate::output;

const PAUSE: Duration = Duration::from_millis(500);

/// What is remembered of files.
type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs once; with `watching` again after every change, until the process ends. What fails then is printed.
pub(crate) fn once_or_after_changes(
    paths: &[PathBuf],
    watching: bool,
    mut once: impl FnMut() -> Outcome,
) -> Outcome {
    if !watching {
        return once();
    }
    watch(paths, || {
        if let Err(failure) = once() {
            output::error(&failure.error);
        }
        output::say("\nwaiting for changes");
    })
}

/// Calls now and after every change, until the process ends.
fn watch(paths: &[PathBuf], mut call: impl FnMut()) -> ! {
    loop {
        // Looked at before, so that a change during the call isn't missed.
        let before = files(paths);
        call();
        while files(paths) == before {
            std::thread::sleep(PAUSE);
        }
    }
}

/// The files at and below the paths. Of a file its folder, too: tests and their records stand beside rules.
fn files(paths: &[PathBuf]) -> Files {
    let folder = |path: &PathBuf| match path.is_dir() {
        true => path.clone(),
        false => match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        },
    };
    let depth = |path: &PathBuf| if path.is_dir() { usize::MAX } else { 1 };
    let walks = paths.iter().flat_map(|path| WalkDir::new(folder(path)).max_depth(depth(path)));
    walks
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let found = entry.metadata().ok()?;
            Some((entry.into_path(), (found.modified().ok(), found.len())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::files;

    #[test]
    fn a_changed_file_a_new_one_and_one_that_is_gone_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.toml"), "1").unwrap();
        let below = || files(&[folder.path().to_owned()]);
        let beside = || files(&[path("a.toml")]);
        let (first, first_beside) = (below(), beside());
        assert_eq!((below(), beside()), (first.clone(), first_beside.clone()));
        std::fs::write(path("a.toml"), "12").unwrap();
        let second = below();
        assert_ne!(second, first);
        std::fs::write(path("a.tests.toml"), "").unwrap();
        assert_ne!((below(), beside()), (second, first_beside));
        std::fs::remove_file(path("a.toml")).unwrap();
        assert_eq!(below().len(), 1);
    }
}
