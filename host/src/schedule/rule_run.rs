//! One rule's executions: which of its alerts each of them raises.

use std::collections::{BTreeMap, BTreeSet};

use super::replay::{Event, Pending, Schedule};

/// A rule's alerts that await an execution, and those it has had.
#[derive(Debug)]
pub(super) struct RuleRun {
    pub(super) rule: String,
    schedule: Schedule,
    /// By the event's time, then by arrival.
    waiting: BTreeMap<(i64, u64), Pending>,
    /// The ids of those that wait.
    waiting_ids: BTreeSet<String>,
    /// The ids of raised alerts, by the event's time, as long as an execution can look at it.
    raised: BTreeSet<(i64, String)>,
    raised_ids: BTreeSet<String>,
    /// The last execution that has been run.
    last: Option<i64>,
}

/// What became of an alert that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Waits,
    /// The same alert has been raised or waits already.
    Repeated,
    /// No execution that is still to come looks at its time.
    Missed,
}

impl RuleRun {
    pub(super) fn new(rule: String, schedule: Schedule) -> RuleRun {
        RuleRun {
            rule,
            schedule,
            waiting: BTreeMap::new(),
            waiting_ids: BTreeSet::new(),
            raised: BTreeSet::new(),
            raised_ids: BTreeSet::new(),
            last: None,
        }
    }

    /// Takes an alert in.
    pub(super) fn add(&mut self, time: i64, arrival: u64, alert: Pending) -> Arrival {
        if self.raised_ids.contains(&alert.id) || self.waiting_ids.contains(&alert.id) {
            return Arrival::Repeated;
        }
        if self.last.is_some_and(|last| time < self.window_start(self.after(last))) {
            return Arrival::Missed;
        }
        self.waiting_ids.insert(alert.id.clone());
        self.waiting.insert((time, arrival), alert);
        Arrival::Waits
    }

    /// When the next execution that finds anything happens.
    pub(super) fn next(&self) -> Option<i64> {
        let ((oldest, _), _) = self.waiting.first_key_value()?;
        let finds = self.at_or_after(*oldest);
        Some(self.last.map_or(finds, |last| finds.max(self.after(last))))
    }

    /// Runs the execution at `now`, which [`next`](Self::next) gave. Returns the freed alerts' bytes.
    pub(super) fn execute(&mut self, now: i64, out: &mut dyn FnMut(Event)) -> usize {
        self.last = Some(now);
        self.forget_before(self.window_start(now));
        let mut freed = 0;
        let in_window: Vec<(i64, u64)> =
            self.waiting.range(..=(now, u64::MAX)).map(|(key, _)| *key).collect();
        let (raised, cut) = in_window.split_at(in_window.len().min(self.schedule.max_signals));
        for key in raised {
            let Some(alert) = self.waiting.remove(key) else { continue };
            freed += alert.bytes();
            self.waiting_ids.remove(&alert.id);
            self.raised.insert((key.0, alert.id.clone()));
            self.raised_ids.insert(alert.id.clone());
            out(Event::Alert(alert));
        }
        if cut.is_empty() {
            return freed;
        }
        let horizon = self.window_start(self.after(now));
        let lost: Vec<(i64, u64)> = cut.iter().copied().filter(|key| key.0 < horizon).collect();
        for key in &lost {
            let Some(alert) = self.waiting.remove(key) else { continue };
            freed += alert.bytes();
            self.waiting_ids.remove(&alert.id);
        }
        out(Event::Truncated {
            rule: self.rule.clone(),
            execution: now,
            raised: raised.len(),
            cut: cut.len(),
            lost: lost.len(),
        });
        freed
    }

    fn forget_before(&mut self, time: i64) {
        while let Some((first, _)) = self.raised.first()
            && *first < time
        {
            if let Some((_, id)) = self.raised.pop_first() {
                self.raised_ids.remove(&id);
            }
        }
    }

    fn window_start(&self, execution: i64) -> i64 {
        execution.saturating_sub(self.schedule.lookback)
    }

    fn at_or_after(&self, time: i64) -> i64 {
        let interval = self.schedule.interval;
        let rest = time.rem_euclid(interval);
        if rest == 0 { time } else { time.saturating_add(interval - rest) }
    }

    fn after(&self, execution: i64) -> i64 {
        execution.saturating_add(self.schedule.interval)
    }
}
