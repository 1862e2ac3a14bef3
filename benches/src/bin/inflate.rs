//! Inflates gzip files with libdeflate and throws the text away: the least that reading them can cost.

use anyhow::{Context, ensure};
use libdeflater::Decompressor;
use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let mut files = Vec::new();
    for argument in std::env::args_os().skip(1).map(PathBuf::from) {
        if argument.is_dir() {
            for entry in std::fs::read_dir(&argument)? {
                files.push(entry?.path());
            }
        } else {
            files.push(argument);
        }
    }
    ensure!(!files.is_empty(), "usage: inflate FILE.gz|FOLDER...");
    files.sort();
    let mut decompressor = Decompressor::new();
    let mut text = Vec::new();
    let mut bytes = 0;
    for file in &files {
        let packed = std::fs::read(file).with_context(|| file.display().to_string())?;
        // A gzip file of one member ends with its length before compression.
        let length = packed.last_chunk().map_or(0, |tail| u32::from_le_bytes(*tail) as usize);
        if text.len() < length {
            text.resize(length, 0);
        }
        bytes += decompressor
            .gzip_decompress(&packed, text.get_mut(..length).unwrap_or_default())
            .with_context(|| file.display().to_string())?;
    }
    println!("{bytes}");
    Ok(())
}
