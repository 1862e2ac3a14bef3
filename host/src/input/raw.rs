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
    /// The file, and its size when it was opened.
    pub(super) file: Option<(Arc<File>, u64)>,
    /// Bytes read so far.
    read: u64,
    progress: Progress,
}

impl Raw {
    pub(super) fn file(path: &Path, progress: Progress) -> io::Result<Raw> {
        let file = Arc::new(File::open(path)?);
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let is_file = metadata.is_file();
        let reader = Box::new(Arc::clone(&file));
        let file = is_file.then_some((file, metadata.len()));
        Ok(Raw { live: !is_file, reader, file, read: 0, progress })
    }

    pub(super) fn stdin(progress: Progress) -> io::Result<Raw> {
        let (reader, live) = stdin()?;
        Ok(Raw { reader, live, file: None, read: 0, progress })
    }
}

impl Read for Raw {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(space)?;
        self.read += read as u64;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The bytes of a text.
pub enum Reader {
    /// They come one after the other.
    Stream(Box<dyn Read + Send>),
    /// They are those of a file, as it lies there.
    File(SeekableFile),
}

impl Read for Reader {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::Stream(stream) => stream.read(space),
            Reader::File(file) => file.read(space),
        }
    }
}

/// A file that can be read at any place.
#[derive(Clone)]
pub struct SeekableFile {
    file: Arc<File>,
    /// Where it is read on.
    at: u64,
    /// How far it has been counted as read.
    counted: u64,
    progress: Progress,
}

impl SeekableFile {
    /// A file that `raw` has begun to read.
    pub(super) fn new(file: Arc<File>, raw: &Raw) -> SeekableFile {
        SeekableFile { file, at: 0, counted: raw.read, progress: Arc::clone(&raw.progress) }
    }

    /// Goes on at a place; all before it counts as read.
    pub(super) fn go_to(&mut self, at: u64) {
        let new = at.saturating_sub(self.counted);
        self.progress.fetch_add(new, Ordering::Relaxed);
        self.counted += new;
        self.at = at;
    }

    /// Reads at a place, not necessarily all that fits.
    #[cfg(unix)]
    pub(super) fn read_at(&self, space: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&*self.file, space, at)
    }

    /// Reads at a place, not necessarily all that fits.
    #[cfg(windows)]
    pub(super) fn read_at(&self, space: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&*self.file, space, at)
    }
}

impl Read for SeekableFile {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(space, self.at)?;
        self.go_to(self.at + read as u64);
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
