//! Judges an NDJSON file with the detector as native code: rules and a file in, counts or alerts out.

use std::io::{BufWriter, Write, stdout};

use clap::Parser;
use std::path::PathBuf;
use tocsin_benches::native;

/// Judges records with the detector compiled natively, and prints how many alerts there are, or the alerts.
#[derive(Parser)]
struct Arguments {
    /// NDJSON
    file: PathBuf,
    /// Rule files, and folders of them [default: the embedded rules]
    #[arg(long)]
    rules: Vec<PathBuf>,
    /// Print the alerts, a line each
    #[arg(long)]
    alerts: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut detector = native::detector(&arguments.rules)?;
    if arguments.alerts {
        let mut out = BufWriter::new(stdout().lock());
        native::judge(&mut detector, &arguments.file, Some(&mut out))?;
        out.flush()?;
        return Ok(());
    }
    let judged = native::judge(&mut detector, &arguments.file, None)?;
    println!("{} alerts, {} bytes of answers", judged.alerts, judged.answer_bytes);
    Ok(())
}
