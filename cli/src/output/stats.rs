//! What a scan has counted in, one figure a line or one object out.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;
use tocsin_host::scan::Totals;

use super::alerts::Counts;

/// What a scan has counted. `docs/triage.md` explains the words.
#[derive(Debug, Clone, Serialize)]
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
    by_source: BTreeMap<String, u64>,
    problems: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<f64>,
}

impl Stats {
    /// The figures, with the time that they took if that is given.
    pub(crate) fn new(counts: &Counts, elapsed: Option<Duration>) -> Stats {
        let totals = &counts.totals;
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
            by_source: by_source(totals),
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
        let _ = writeln!(text, "{:<10} {}", "sources", shown(&self.by_source));
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

/// How many records came from which source, as far as their form tells.
pub(crate) fn by_source(totals: &Totals) -> BTreeMap<String, u64> {
    let Totals { normalised, wrapped, unread, skipped, unknown, .. } = totals;
    let others = normalised + wrapped + unread + skipped + unknown;
    let told: u64 = totals.sources.values().sum();
    let counts = [
        ("cloudtrail", totals.records.saturating_sub(others)),
        ("normalised", *normalised),
        ("wrapped", *wrapped),
        ("unread", unread + skipped),
        ("unknown", unknown.saturating_sub(told)),
    ];
    let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count));
    let counts = counts.chain(totals.sources.clone());
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Counts by source in one line.
pub(crate) fn shown(by_source: &BTreeMap<String, u64>) -> String {
    let shown: Vec<String> =
        by_source.iter().map(|(name, count)| format!("{name} {count}")).collect();
    shown.join(", ")
}
