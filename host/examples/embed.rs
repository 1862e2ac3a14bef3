//! The detector in a program of one's own: records in, alerts out.
//!
//! `cargo run -p tocsin-host --example embed`

use tocsin_host::detector::Frame;
use tocsin_host::{Detector, Engine, Limits, Module};

/// What the built-in rules raise about two records, a line each.
pub fn run() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    // An engine for the program, a module for each set of rules, a detector for each thread.
    let engine = Engine::new()?;
    let module = Module::embedded(&engine)?;
    let mut detector = Detector::new(&module, Limits::default())?;

    let batch = br#"{"eventVersion":"1.08","eventTime":"2026-03-14T09:20:00Z","eventSource":"config.amazonaws.com","eventName":"StopConfigurationRecorder","recipientAccountId":"111122223333","eventID":"6f9c2f7e-1a51-4f5a-8c7f-0000000000d4"}
{"eventVersion":"1.08","eventName":
"#;
    let detection = detector.detect(batch)?;
    let lines = detection.frames.iter().filter_map(|frame| match frame {
        Frame::Alert { head, .. } => Some(format!("record {}: alert {}", head.record, head.rule)),
        // A record that can't be read costs itself alone, and is reported.
        Frame::Error { record, error } => Some(format!("record {record}: {}", error.reason)),
        // The summary, and what else an option asks for.
        _ => None,
    });
    Ok(lines.collect())
}

#[allow(dead_code)] // a test takes `run` alone
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in run()? {
        println!("{line}");
    }
    Ok(())
}
