//! Alerts as lines of a file that is begun anew when it is large, or of standard output.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write, stdout};
use std::path::{Path, PathBuf};

use super::Outcome;
use crate::outbox::Stored;

/// A file below a tenant's folder.
pub struct File {
    path: PathBuf,
    rotate: u64,
    keep: usize,
    open: Option<std::fs::File>,
}

impl File {
    pub fn new(own: &Path, path: &Path, rotate: u64, keep: usize) -> File {
        File { path: own.join(path), rotate: rotate.max(1), keep, open: None }
    }

    /// Writes lines; they are on the disk when it says so.
    pub fn send(&mut self, alerts: &[Stored]) -> Outcome {
        match self.write(alerts) {
            Ok(()) => Outcome {
                delivered: alerts.iter().map(|alert| alert.seq).collect(),
                ..Outcome::default()
            },
            Err(error) => {
                self.open = None;
                Outcome::away(format!("{}: {error}", self.path.display()))
            }
        }
    }

    fn write(&mut self, alerts: &[Stored]) -> std::io::Result<()> {
        let lines = lines(alerts);
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.open()?,
        };
        let size = file.seek(SeekFrom::End(0))?;
        if size > 0 && size + lines.len() as u64 > self.rotate {
            drop(file);
            self.make_room()?;
            file = self.open()?;
        }
        let begin = file.seek(SeekFrom::End(0))?;
        let written = file.write_all(&lines).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Half a line would stand before the whole one that follows.
            let _ = file.set_len(begin);
            return Err(error);
        }
        self.open = Some(file);
        Ok(())
    }

    /// Opens the file. A line that a crash has cut off goes: its alert comes again.
    fn open(&self) -> std::io::Result<std::fs::File> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
        let mut end = file.seek(SeekFrom::End(0))?;
        let whole = loop {
            let begin = end.saturating_sub(64 << 10);
            let mut bytes = vec![0; usize::try_from(end - begin).unwrap_or(0)];
            file.seek(SeekFrom::Start(begin))?;
            file.read_exact(&mut bytes)?;
            match memchr::memrchr(b'\n', &bytes) {
                Some(at) => break begin + at as u64 + 1,
                None if begin == 0 => break 0,
                None => end = begin,
            }
        };
        if whole < file.seek(SeekFrom::End(0))? {
            file.set_len(whole)?;
        }
        Ok(file)
    }

    /// `alerts.ndjson` becomes `alerts.ndjson.1`, that `.2`, and the last one goes.
    fn make_room(&self) -> std::io::Result<()> {
        let old = |number: usize| PathBuf::from(format!("{}.{number}", self.path.display()));
        if self.keep == 0 {
            return std::fs::remove_file(&self.path);
        }
        for number in (1..self.keep).rev() {
            if old(number).exists() {
                std::fs::rename(old(number), old(number + 1))?;
            }
        }
        std::fs::rename(&self.path, old(1))
    }
}

fn lines(alerts: &[Stored]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(alerts.iter().map(|alert| alert.body.len() + 1).sum());
    for alert in alerts {
        lines.extend_from_slice(alert.body.as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// Writes lines to standard output.
pub fn to_stdout(alerts: &[Stored]) -> Outcome {
    let mut out = stdout().lock();
    match out.write_all(&lines(alerts)).and_then(|()| out.flush()) {
        Ok(()) => Outcome {
            delivered: alerts.iter().map(|alert| alert.seq).collect(),
            ..Outcome::default()
        },
        Err(error) => Outcome::away(format!("standard output: {error}")),
    }
}
