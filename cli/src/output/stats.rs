//! What a scan has counted in, one figure a line or one object out.

use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use super::alerts::Counts;

/// What a scan has counted. `docs/triage.md` explains the words.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Stats {
    files: u64,
    empty: u64,
    unopened: u64,
    bytes: u64,
    records: u64,
    matches: u64,
    alerts: u64,
    skipped: u64,
    failed: u64,
    untrusted: u64,
    unknown: u64,
    problems: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<f64>,
}

impl Stats {
    /// The figures, with the time that they took if that is given.
    pub(crate) fn new(counts: &Counts, elapsed: Option<Duration>) -> Stats {
        let totals = counts.totals;
        Stats {
            files: totals.files,
            empty: totals.empty,
            unopened: totals.unopened,
            bytes: totals.bytes,
            records: totals.records,
            matches: totals.matches,
            alerts: counts.alerts,
            skipped: totals.skipped,
            failed: totals.failed,
            untrusted: totals.untrusted,
            unknown: totals.unknown,
            problems: totals.problems,
            elapsed_seconds: elapsed.map(|elapsed| elapsed.as_secs_f64()),
        }
    }

    /// One object on a line.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The lines of `--stats`: a name, blanks, a number, maybe a unit.
    pub(crate) fn text(&self) -> String {
        let seconds = self.elapsed_seconds.unwrap_or_default();
        // Shown in whole units: a scan takes milliseconds at least.
        let rate = |amount: u64| if seconds > 0.0 { amount as f64 / seconds } else { 0.0 };
        let mut text = String::new();
        for (name, count) in [
            ("files", self.files),
            ("empty", self.empty),
            ("unopened", self.unopened),
            ("bytes", self.bytes),
            ("records", self.records),
            ("matches", self.matches),
            ("alerts", self.alerts),
            ("skipped", self.skipped),
            ("failed", self.failed),
        ] {
            let _ = writeln!(text, "{name:<10} {count}");
        }
        let _ = writeln!(text, "elapsed    {seconds:.3} s");
        let _ = write!(
            text,
            "throughput {:.1} MB/s, {:.0} records/s",
            rate(self.bytes) / 1e6,
            rate(self.records)
        );
        text
    }
}
