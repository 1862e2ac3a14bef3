//! One rule's executions: which of its alerts each of them raises.

use std::collections::{BTreeMap, BTreeSet};

use super::replay::{Digest, Event, Pending, Schedule};

/// A rule's alerts that await an execution, and those it has had.
#[derive(Debug)]
pub(super) struct RuleRun {
    pub(super) rule: String,
    schedule: Schedule,
    /// By the event's time, then by arrival.
    waiting: BTreeMap<(i64, u64), Pending>,
    /// How many of them the last execution has looked at.
    left_over: usize,
    /// Raised alerts, by the event's time, as long as an execution can look at it.
    raised: BTreeSet<(i64, Digest, Digest)>,
    /// Those that wait and those that have been raised: the digests of their ids and of themselves.
    known: BTreeSet<(Digest, Digest)>,
    /// The last execution that has been run.
    last: Option<i64>,
}

/// What became of an alert that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    Waits,
    /// Another alert has its id: somebody has given two records one eventID. Both are raised.
    Differs,
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
            left_over: 0,
            raised: BTreeSet::new(),
            known: BTreeSet::new(),
            last: None,
        }
    }

    /// Takes an alert in.
    pub(super) fn add(&mut self, time: i64, arrival: u64, alert: Pending) -> Arrival {
        let (id, text) = alert.digests();
        if self.known.contains(&(id, text)) {
            return Arrival::Repeated;
        }
        if self.last.is_some_and(|last| time < self.window_start(self.after(last))) {
            return Arrival::Missed;
        }
        let differs = self.known.range((id, Digest::MIN)..=(id, Digest::MAX)).next().is_some();
        self.known.insert((id, text));
        self.left_over += usize::from(self.last.is_some_and(|last| time <= last));
        self.waiting.insert((time, arrival), alert);
        if differs { Arrival::Differs } else { Arrival::Waits }
    }

    /// When the next execution that finds anything happens.
    pub(super) fn next(&self) -> Option<i64> {
        let ((oldest, _), _) = self.waiting.first_key_value()?;
        let finds = self.at_or_after(*oldest);
        Some(self.last.map_or(finds, |last| finds.max(self.after(last))))
    }

    /// Runs the execution at `now`, which [`next`](Self::next) gave. Returns the freed alerts' bytes.
    pub(super) fn execute(&mut self, now: i64, out: &mut dyn FnMut(Event)) -> usize {
        // Each alert is counted once, by the first execution that looks at it: what the cap leaves over
        // isn't looked at again until it is raised or lost.
        let new = self.last.map_or((i64::MIN, 0), |last| (last.saturating_add(1), 0));
        let in_window = self.left_over + self.waiting.range(new..=(now, u64::MAX)).count();
        self.last = Some(now);
        self.forget_before(self.window_start(now));
        let (mut freed, mut raised, mut lost) = (0, 0, 0);
        while raised < in_window.min(self.schedule.max_signals)
            && let Some(((time, _), alert)) = self.waiting.pop_first()
        {
            freed += alert.bytes();
            raised += 1;
            let (id, text) = alert.digests();
            self.raised.insert((time, id, text));
            out(Event::Alert(alert));
        }
        let cut = in_window - raised;
        let horizon = self.window_start(self.after(now));
        while lost < cut
            && let Some(oldest) = self.waiting.first_entry()
            && oldest.key().0 < horizon
        {
            let alert = oldest.remove();
            freed += alert.bytes();
            lost += 1;
            self.known.remove(&alert.digests());
        }
        self.left_over = cut - lost;
        if cut > 0 {
            let rule = self.rule.clone();
            out(Event::Truncated { rule, execution: now, raised, cut, lost });
        }
        freed
    }

    fn forget_before(&mut self, time: i64) {
        while let Some((first, ..)) = self.raised.first()
            && *first < time
        {
            if let Some((_, id, text)) = self.raised.pop_first() {
                self.known.remove(&(id, text));
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
