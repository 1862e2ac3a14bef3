//! Rule files and an NDJSON file in, counts out: the detector natively, without a sandbox around it.
//!
//! What the sandbox costs is the difference to this, and tools that can't look into a sandbox look here.

use anyhow::Context;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tocsin_detector::{Detector, Status};

/// How much is judged at once.
pub const BATCH: usize = 1 << 20;

/// What a file came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Batches.
    pub batches: u64,
    /// Alerts of all rules.
    pub alerts: u64,
    /// Bytes of the answers.
    pub answer_bytes: u64,
}

/// A detector with these rules, or with the embedded ones if there are none; they are read.
///
/// # Errors
/// If a rule can't be read or loaded.
pub fn detector(rules: &[PathBuf]) -> anyhow::Result<Detector> {
    let mut detector = Detector::new();
    let mut answer = Vec::new();
    // The embedded ones are read by the first call that needs them.
    let configuration = if rules.is_empty() { "{}".to_owned() } else { configuration(rules)? };
    let status = detector.configure(configuration.as_bytes(), &mut answer).status;
    anyhow::ensure!(status == Status::Ok, "{}", String::from_utf8_lossy(&answer));
    Ok(detector)
}

/// The configuration document (`docs/abi.md`) that has the rules of these files and folders.
///
/// # Errors
/// If one can't be read.
pub fn configuration(rules: &[PathBuf]) -> anyhow::Result<String> {
    let mut files = Vec::new();
    for path in rules {
        collect(path, &mut files).with_context(|| path.display().to_string())?;
    }
    let mut documents = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        documents.push(serde_json::json!({"name": file.display().to_string(), "text": text}));
    }
    Ok(serde_json::json!({ "rules": documents }).to_string())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(path)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rule = [".toml", ".yml", ".yaml"].iter().any(|end| name.ends_with(end));
        if entry.is_dir() || (rule && !name.ends_with(".tests.toml")) {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

/// Judges a file in batches that end with a line. Alerts go to `out`, a line each, as `tocsin scan` prints them.
///
/// # Errors
/// If it can't be read, the detector refuses a batch, or an alert can't be written.
pub fn judge(
    detector: &mut Detector,
    path: &Path,
    mut out: Option<&mut dyn Write>,
) -> anyhow::Result<Judged> {
    let mut file = File::open(path).with_context(|| path.display().to_string())?;
    let mut judged = Judged::default();
    let mut buffer = vec![0; BATCH];
    let mut filled = 0;
    let mut frames = Vec::new();
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let read = file.read(buffer.get_mut(filled..).unwrap_or_default())?;
        filled += read;
        if read > 0 && filled < buffer.len() {
            continue;
        }
        let text = buffer.get(..filled).unwrap_or_default();
        let end =
            if read == 0 { filled } else { memchr::memrchr(b'\n', text).map_or(0, |at| at + 1) };
        if end > 0 {
            frames.clear();
            let answer = detector.detect(text.get(..end).unwrap_or_default(), &mut frames);
            anyhow::ensure!(
                answer.status == Status::Ok,
                "{:?} in {}",
                answer.status,
                path.display()
            );
            judged.batches += 1;
            judged.alerts += u64::from(answer.count);
            judged.answer_bytes += frames.len() as u64;
            if let Some(out) = &mut out {
                write_alerts(&frames, out)?;
            }
            buffer.copy_within(end..filled, 0);
            filled -= end;
        }
        if read == 0 {
            return Ok(judged);
        }
    }
}

fn write_alerts(frames: &[u8], out: &mut dyn Write) -> std::io::Result<()> {
    const ALERT: &[u8] = b",\"alert\":";
    for frame in frames.split(|byte| *byte == b'\n') {
        let Some(at) = memchr::memmem::find(frame, ALERT) else { continue };
        let alert = frame.get(at + ALERT.len()..).unwrap_or_default();
        out.write_all(alert.strip_suffix(b"}").unwrap_or(alert))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
