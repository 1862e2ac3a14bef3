//! A folder in, the files below it out, by name; links are followed, but never round in circles.

use std::io;
use std::path::Path;

use walkdir::{DirEntry, WalkDir};

/// What is below a folder. A link back to a folder that is being walked ends there: its files are found where they
/// are. Folders of the system's own state aren't entered; what looks like a file there may act, or
/// have no end.
pub(crate) fn below(
    folder: &Path,
) -> impl Iterator<Item = walkdir::Result<DirEntry>> + Send + use<> {
    WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !entry.file_type().is_dir() || !is_system_state(entry.path()))
        .filter(|entry| !entry.as_ref().is_err_and(leads_back))
}

/// Whether a link leads back to a folder around it, or to itself.
fn leads_back(error: &walkdir::Error) -> bool {
    error.loop_ancestor().is_some() || error.io_error().is_some_and(is_loop)
}

/// Whether links lead to each other without end.
#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}

/// Whether a link leads to nothing.
pub(crate) fn dangles(error: &walkdir::Error) -> bool {
    let is_link = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_symlink());
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    error.io_error().is_some_and(is_missing) && error.path().is_some_and(is_link)
}

/// Whether a folder shows the system's state as files: processes, devices, settings.
#[cfg(target_os = "linux")]
fn is_system_state(folder: &Path) -> bool {
    const PROC: u64 = 0x9fa0;
    const SYS: u64 = 0x6265_6572;
    rustix::fs::statfs(folder).is_ok_and(|found| matches!(found.f_type as u64, PROC | SYS))
}

#[cfg(not(target_os = "linux"))]
fn is_system_state(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{below, dangles};

    #[test]
    fn links_that_lead_back_or_nowhere_end_their_own_walk() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        fs::write(at("a"), "").unwrap();
        fs::write(at("sub/b"), "").unwrap();
        symlink("..", at("sub/back")).unwrap();
        symlink("missing", at("dangling")).unwrap();
        symlink("self", at("self")).unwrap();
        symlink("/proc", at("system")).unwrap();
        let (found, wrong): (Vec<_>, Vec<_>) = below(folder.path()).partition(Result::is_ok);
        assert!(wrong.into_iter().all(|error| dangles(&error.unwrap_err())));
        let files: Vec<_> = found
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(folder.path()).unwrap().to_owned())
            .collect();
        assert_eq!(files, [Path::new("a"), Path::new("sub/b")]);
    }
}
