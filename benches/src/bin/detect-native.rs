//! Judges an NDJSON file with the detector as native code: rules and a file in, counts out.

use clap::Parser;
use std::path::PathBuf;
use tocsin_benches::native;

/// Judges records with the detector compiled natively, and prints how many alerts there are.
#[derive(Parser)]
struct Arguments {
    /// NDJSON
    file: PathBuf,
    /// Rule files, and folders of them [default: the embedded rules]
    #[arg(long)]
    rules: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut detector = native::detector(&arguments.rules)?;
    let judged = native::judge(&mut detector, &arguments.file)?;
    println!("{} alerts, {} bytes of answers", judged.alerts, judged.answer_bytes);
    Ok(())
}
