//! What a scan has counted in, one figure a line out.

use std::fmt::Write;
use std::time::Duration;

use tocsin_host::scan::Totals;

/// The lines of `--stats`: a name, blanks, a number, maybe a unit.
pub(crate) fn stats(totals: &Totals, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    // Shown in whole units: a scan takes milliseconds at least.
    let rate = |amount: u64| if seconds > 0.0 { amount as f64 / seconds } else { 0.0 };
    let mut text = String::new();
    for (name, count) in [
        ("files", totals.files),
        ("empty", totals.empty),
        ("unread", totals.unread),
        ("bytes", totals.bytes),
        ("records", totals.records),
        ("matches", totals.matches),
        ("skipped", totals.skipped),
        ("failed", totals.failed),
    ] {
        let _ = writeln!(text, "{name:<10} {count}");
    }
    let _ = writeln!(text, "elapsed    {seconds:.3} s");
    let _ = writeln!(
        text,
        "throughput {:.1} MB/s, {:.0} records/s",
        rate(totals.bytes) / 1e6,
        rate(totals.records)
    );
    text
}
