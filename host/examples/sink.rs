//! A scan of files whose alerts go to a sink of one's own: here, counted by rule.
//!
//! `cargo run -p tocsin-host --example sink -- examples/`

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use tocsin_host::input::arguments::Inputs;
use tocsin_host::input::batcher::Sizes;
use tocsin_host::scan::{Alerts, Options, Problem, Sink, scan};
use tocsin_host::{Detector, Engine, Limits, Module};

/// Counts alerts, and keeps what couldn't be judged.
#[derive(Default)]
pub struct Counts {
    /// Alerts of each rule.
    pub alerts: BTreeMap<String, u64>,
    /// What couldn't be judged.
    pub problems: Vec<String>,
}

impl Sink for Counts {
    fn alerts(&mut self, alerts: &Alerts) -> io::Result<()> {
        // They come in the order of their records, whatever thread has found them.
        for (alert, _line) in alerts.each() {
            *self.alerts.entry(alert.rule.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn problem(&mut self, problem: &Problem) -> io::Result<()> {
        self.problems.push(problem.to_string());
        Ok(())
    }
}

/// Scans files and folders by the built-in rules.
pub fn run(paths: Vec<PathBuf>) -> Result<Counts, Box<dyn std::error::Error>> {
    let engine = Engine::new()?;
    let detector = Detector::new(&Module::embedded(&engine)?, Limits::default())?;
    let options = Options { threads: 2, sizes: Sizes::default() };
    let mut counts = Counts::default();
    scan(Inputs::new(paths), detector, options, &mut counts)?;
    Ok(counts)
}

#[allow(dead_code)] // a test takes `run` alone
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let counts = run(std::env::args_os().skip(1).map(PathBuf::from).collect())?;
    for (rule, count) in &counts.alerts {
        println!("{count:6} {rule}");
    }
    for problem in &counts.problems {
        eprintln!("{problem}");
    }
    Ok(())
}
