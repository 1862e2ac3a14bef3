//! Makes CloudTrail of any size with known answers: records, a seed and a size in, a file or a folder of gzip
//! files and a manifest out.

use anyhow::Context;
use clap::{Parser, ValueEnum};
use libdeflater::{CompressionLvl, Compressor};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use tocsin_benches::trail::{Counts, Trail, Variant, sources};

/// Writes CloudTrail records with known answers, and beside them OUT.manifest.json, which says what is in them.
///
/// make-trail --size 1g --records my-trail/ --out /tmp/1g.ndjson
#[derive(Parser)]
struct Arguments {
    /// Where to: a file, or for `gzip` a folder
    #[arg(long)]
    out: PathBuf,
    /// How many bytes before compression, with k, m or g for powers of 1000
    #[arg(long, value_parser = size)]
    size: u64,
    /// NDJSON files of records to copy, or folders of them [default: records made up here]
    #[arg(long)]
    records: Vec<PathBuf>,
    /// The same bytes for the same seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What stands beside plain records
    #[arg(long, value_enum, default_value = "mixed")]
    variant: VariantName,
    /// One record a line; one `{"Records": [...]}` on one line; or files of that with gzip
    #[arg(long, value_enum, default_value = "ndjson")]
    form: Form,
    /// How many files `gzip` makes
    #[arg(long, default_value_t = 200)]
    files: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum VariantName {
    Mixed,
    Hits,
    Decoys,
    Escapes,
    Sorted,
    Dated,
    Texts,
    Clean,
}

#[derive(Clone, Copy, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Ndjson,
    Records,
    Gzip,
}

/// What was written.
#[derive(Serialize)]
struct Manifest {
    seed: u64,
    variant: Variant,
    form: Form,
    /// Templates that the records were copied from, and records left out because they name a recorder.
    templates: usize,
    left_out: usize,
    /// Bytes before compression, line ends and brackets included.
    bytes: u64,
    /// SHA-256 of the eventIDs that Elastic's rule has alerts for, sorted, each with a line feed.
    elastic_event_ids: String,
    #[serde(flatten)]
    counts: Counts,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let sources = match arguments.records.as_slice() {
        [] => sources::made_up()?,
        paths => sources::read(paths)?,
    };
    let variant = match arguments.variant {
        VariantName::Mixed => Variant::Mixed,
        VariantName::Hits => Variant::Hits,
        VariantName::Decoys => Variant::Decoys,
        VariantName::Escapes => Variant::Escapes,
        VariantName::Sorted => Variant::Sorted,
        VariantName::Dated => Variant::Dated,
        VariantName::Texts => Variant::Texts,
        VariantName::Clean => Variant::Clean,
    };
    let mut writer =
        Writer { trail: Trail::new(&sources.records, arguments.seed, variant), hits: Vec::new() };
    let out = &arguments.out;
    let bytes = match arguments.form {
        Form::Gzip => writer.folder(out, arguments.size, arguments.files),
        form => File::create(out)
            .map_err(anyhow::Error::from)
            .and_then(|mut file| writer.file(&mut file, arguments.size, form)),
    }
    .with_context(|| out.display().to_string())?;
    writer.hits.sort();
    let mut digest = Sha256::new();
    for id in &writer.hits {
        digest.update(id);
        digest.update(b"\n");
    }
    let manifest = Manifest {
        seed: arguments.seed,
        variant,
        form: arguments.form,
        templates: sources.records.len(),
        left_out: sources.left_out,
        bytes,
        elastic_event_ids: format!("{:x}", digest.finalize()),
        counts: writer.trail.counts().clone(),
    };
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    let mut beside = out.clone().into_os_string();
    beside.push(".manifest.json");
    std::fs::write(&beside, &text).with_context(|| Path::new(&beside).display().to_string())?;
    print!("{text}");
    Ok(())
}

struct Writer {
    trail: Trail,
    hits: Vec<Vec<u8>>,
}

impl Writer {
    /// One file of at least `size` bytes, by less than a record more.
    fn file(&mut self, file: &mut impl Write, size: u64, form: Form) -> anyhow::Result<u64> {
        const CHUNK: usize = 1 << 20;
        let mut buffer = Vec::with_capacity(2 * CHUNK);
        let mut written = 0;
        if form != Form::Ndjson {
            buffer.extend_from_slice(b"{\"Records\":[");
        }
        let mut first = true;
        while written + (buffer.len() as u64) < size || first {
            if form != Form::Ndjson && !first {
                buffer.push(b',');
            }
            first = false;
            if self.trail.write(&mut buffer).truth().elastic {
                self.hits.push(self.trail.event_id().to_vec());
            }
            if form == Form::Ndjson {
                buffer.push(b'\n');
            }
            if buffer.len() >= CHUNK {
                file.write_all(&buffer)?;
                written += buffer.len() as u64;
                buffer.clear();
            }
        }
        if form != Form::Ndjson {
            buffer.extend_from_slice(b"]}");
        }
        file.write_all(&buffer)?;
        Ok(written + buffer.len() as u64)
    }

    /// Files as CloudTrail delivers them.
    fn folder(&mut self, folder: &Path, size: u64, files: u64) -> anyhow::Result<u64> {
        std::fs::create_dir_all(folder)?;
        let level =
            CompressionLvl::new(6).map_err(|_| anyhow::anyhow!("no such compression level"))?;
        let mut compressor = Compressor::new(level);
        let mut bytes = 0;
        let mut plain = Vec::new();
        let mut packed = Vec::new();
        for number in 0..files.max(1) {
            plain.clear();
            bytes += self.file(&mut plain, size / files.max(1), Form::Gzip)?;
            packed.resize(compressor.gzip_compress_bound(plain.len()), 0);
            let length = compressor.gzip_compress(&plain, &mut packed)?;
            let name = format!("111122220000_CloudTrail_us-east-1_{number:04}.json.gz");
            std::fs::write(folder.join(name), packed.get(..length).unwrap_or_default())?;
        }
        Ok(bytes)
    }
}

fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        other => return Err(format!("unknown unit {other}; use k, m or g")),
    };
    digits.parse::<u64>().map(|number| number * unit).map_err(|error| error.to_string())
}
