//! Alerts of a scan in; what a scheduler would raise of them, as lines, out.

use tocsin_host::calendar::rfc3339;
use tocsin_host::detector::RuleInfo;
use tocsin_host::scan::AlertInfo;
use tocsin_host::schedule::{Budget, Event, Pending, Replay, Schedule};

use super::printable;

/// A scheduler of alerts' lines.
pub(crate) struct Scheduled {
    replay: Replay,
    /// Whether a line is for a person rather than JSON.
    text: bool,
}

impl Scheduled {
    /// Schedules the rules as they ask for it.
    pub(crate) fn new(rules: &[RuleInfo], text: bool) -> Scheduled {
        let milliseconds =
            |seconds: u64| i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
        let scheduled = rules.iter().filter_map(|rule| {
            let schedule = rule.schedule?;
            let schedule = Schedule {
                interval: milliseconds(schedule.interval_seconds),
                lookback: milliseconds(schedule.lookback_seconds),
                max_signals: schedule.max_signals as usize,
            };
            Some((rule.id.to_string(), schedule))
        });
        Scheduled { replay: Replay::new(scheduled, Budget::default()), text }
    }

    /// Takes an alert, and appends the lines of what is due by then.
    pub(crate) fn add(&mut self, info: &AlertInfo, line: Vec<u8>, lines: &mut Vec<u8>) {
        let (alert, text) = (Pending { id: info.id.clone(), text: line }, self.text);
        self.replay.add(&info.rule, info.time, alert, &mut |event| write(event, text, lines));
    }

    /// Runs what is left, and says what the schedule has kept back.
    pub(crate) fn finish(self, lines: &mut Vec<u8>) {
        let totals = self.replay.finish(&mut |event| write(event, self.text, lines));
        for (count, what) in [
            (totals.repeated, "alerts left out: the same alert had been raised already"),
            (
                totals.differing,
                "alerts raised with the id of another one: their records have the same eventID and differ",
            ),
            (
                totals.missed,
                "alerts missed: they came after every execution that looks at their time",
            ),
            (totals.untimed, "alerts raised outside any execution: their events have no time"),
        ] {
            if count > 0 {
                super::say(&format!("schedule: {count} {what}"));
            }
        }
    }
}

/// Appends an event's line; `docs/alerts.md` describes that of a truncated execution.
fn write(event: Event, text: bool, lines: &mut Vec<u8>) {
    let (rule, execution, raised, cut, lost) = match event {
        Event::Alert(alert) => {
            lines.extend_from_slice(&alert.text);
            return;
        }
        Event::Truncated { rule, execution, raised, cut, lost } => {
            (rule, rfc3339(execution), raised, cut, lost)
        }
    };
    let line = if text {
        format!(
            "{execution} alerts truncated: {}: {raised} raised, {cut} cut, {lost} of them for good",
            printable(&rule)
        )
    } else {
        serde_json::json!({ "alerts_truncated": {
            "rule": rule, "execution": execution, "raised": raised, "cut": cut, "lost": lost,
        } })
        .to_string()
    };
    lines.extend_from_slice(line.as_bytes());
    lines.push(b'\n');
}
