//! Counts of alerts in, a page for a person or JSON for a program out.

use std::fmt::Write;

use serde::Serialize;
use tocsin_host::summary::{Count, Summary};

use super::Counts;
use crate::output::stats::{self, Stats};
use crate::output::{printable, style};

/// How many values of a kind a person is shown.
const SHOWN: usize = 10;

/// The most bars of a timeline.
const BARS: usize = 48;

const BAR: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

#[derive(Serialize)]
struct Document<'s> {
    #[serde(flatten)]
    summary: &'s Summary,
    scan: Stats,
}

/// One object, as `docs/triage.md` describes it.
pub(super) fn write_json(summary: &Summary, counts: &Counts, out: &mut Vec<u8>) {
    // Writing numbers and texts to memory can't fail.
    let _ = serde_json::to_writer(&mut *out, &Document { summary, scan: Stats::new(counts, None) });
    out.push(b'\n');
}

/// A few lines for each kind.
pub(super) fn write(summary: &Summary, counts: &Counts, is_coloured: bool, out: &mut Vec<u8>) {
    let mut text = String::new();
    let plural = if summary.alerts == 1 { "alert" } else { "alerts" };
    let _ = write!(text, "{} {plural} from {} records", summary.alerts, counts.totals.records);
    if let (Some(first), Some(last)) = (&summary.first_seen, &summary.last_seen) {
        let _ = write!(text, ", first seen {first}, last seen {last}");
    }
    text.push('\n');
    let by_source = stats::by_source(&counts.totals);
    if !by_source.is_empty() {
        let _ = writeln!(text, "records by source: {}", stats::shown(&by_source));
    }
    if summary.untimed > 0 {
        let _ = writeln!(text, "{} of them have no time that can be read", summary.untimed);
    }
    let rules: Vec<(u64, String)> = summary
        .by_rule
        .iter()
        .map(|rule| {
            let severity = rule.severity.as_deref().unwrap_or("-");
            (rule.seen.count, format!("{} ({severity}, {})", rule.name, rule.id))
        })
        .collect();
    section("Rule", &rules, 0, &mut text);
    let severities = values(&summary.by_severity);
    let coloured = |(count, name): (u64, String)| match is_coloured {
        true => (count, style::severity(&name, &name)),
        false => (count, name),
    };
    let severities: Vec<(u64, String)> = severities.into_iter().map(coloured).collect();
    plain_section("Severity", &severities, 0, &mut text);
    let left = &summary.not_listed;
    for (name, counts, not_listed) in [
        ("Tactic", &summary.by_tactic, 0),
        ("User", &summary.by_user, left.by_user),
        ("Account", &summary.by_account, left.by_account),
        ("Region", &summary.by_region, left.by_region),
        ("Address", &summary.by_address, left.by_address),
    ] {
        section(name, &values(counts), not_listed, &mut text);
    }
    timeline(&summary.by_hour, &mut text);
    out.extend_from_slice(text.as_bytes());
}

fn values(counts: &[Count]) -> Vec<(u64, String)> {
    let value = |count: &Count| count.value.clone().unwrap_or_else(|| "-".to_owned());
    counts.iter().map(|count| (count.count, value(count))).collect()
}

fn section(name: &str, rows: &[(u64, String)], not_listed: u64, text: &mut String) {
    let rows: Vec<(u64, String)> =
        rows.iter().map(|(count, value)| (*count, printable(value))).collect();
    plain_section(name, &rows, not_listed, text);
}

fn plain_section(name: &str, rows: &[(u64, String)], not_listed: u64, text: &mut String) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{name}");
    for (count, value) in rows.iter().take(SHOWN) {
        let _ = writeln!(text, "{count:>8}  {value}");
    }
    let more: u64 = rows.iter().skip(SHOWN).map(|(count, _)| count).sum::<u64>() + not_listed;
    if more > 0 {
        let values = rows.len().saturating_sub(SHOWN);
        let _ = writeln!(text, "{more:>8}  of {values} more values");
    }
}

/// One bar for an hour, or for several where there are many.
fn timeline(hours: &[Count], text: &mut String) {
    let at = |count: &Count| humantime::parse_rfc3339(count.value.as_deref()?).ok();
    let times: Vec<(u64, u64)> = hours
        .iter()
        .filter_map(|count| {
            let since = at(count)?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some((since.as_secs() / 3_600, count.count))
        })
        .collect();
    let (Some((first, _)), Some((last, _))) = (times.first(), times.last()) else { return };
    let hours_a_bar = (last - first + 1).div_ceil(BARS as u64).max(1);
    let bars = (last - first) / hours_a_bar + 1;
    let mut counts = vec![0_u64; bars as usize];
    for (hour, count) in &times {
        if let Some(bar) = counts.get_mut(((hour - first) / hours_a_bar) as usize) {
            *bar += count;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let bar = |count: &u64| match count {
        0 => ' ',
        count => {
            let height = (count * BAR.len() as u64).div_ceil(most) as usize;
            BAR.get(height.saturating_sub(1)).copied().unwrap_or('█')
        }
    };
    let each = if hours_a_bar == 1 { "an hour".to_owned() } else { format!("{hours_a_bar} hours") };
    let value =
        |place: usize| hours.get(place).and_then(|count| count.value.clone()).unwrap_or_default();
    let _ = writeln!(text, "\nTime (a bar is {each}, the highest {most})");
    let _ = writeln!(
        text,
        "  {} |{}| {}",
        value(0),
        counts.iter().map(bar).collect::<String>(),
        value(hours.len() - 1)
    );
}
