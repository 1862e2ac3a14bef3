//! A file or standard input in, its bytes as they lie there out.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that have been read from files and streams so far, before decompression.
pub type Progress = Arc<AtomicU64>;

/// An open file or stream.
pub(super) struct Raw {
    reader: Box<dyn Read + Send>,
    /// Bytes come when somebody writes them.
    pub(super) live: bool,
    /// The size of a file, when it was opened.
    pub(super) size: Option<u64>,
    progress: Progress,
}

impl Raw {
    pub(super) fn file(path: &Path, progress: Progress) -> io::Result<Raw> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok(Raw { live: size.is_none(), reader: Box::new(file), size, progress })
    }

    pub(super) fn stdin(progress: Progress) -> io::Result<Raw> {
        let (reader, live) = stdin()?;
        Ok(Raw { reader, live, size: None, progress })
    }
}

impl Read for Raw {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(space)?;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Standard input without the buffer that the standard library puts before it.
#[cfg(unix)]
fn stdin() -> io::Result<(Box<dyn Read + Send>, bool)> {
    use std::os::fd::AsFd;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let live = !file.metadata()?.is_file();
    Ok((Box::new(file), live))
}

#[cfg(not(unix))]
fn stdin() -> io::Result<(Box<dyn Read + Send>, bool)> {
    Ok((Box::new(io::stdin()), true))
}
