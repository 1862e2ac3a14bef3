//! All rules' executions, in the order of their time.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::rule_run::{Arrival, RuleRun};

/// When a rule is executed. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// From one execution to the next; at least 1.
    pub interval: i64,
    /// How far an execution looks back.
    pub lookback: i64,
    /// The most alerts that an execution raises.
    pub max_signals: usize,
}

/// An alert that awaits an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The alert's id.
    pub id: String,
    /// The alert, as it will be printed.
    pub text: Vec<u8>,
}

/// A digest that a log's writer can't make collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) const MIN: Digest = Digest([0; 32]);
    pub(super) const MAX: Digest = Digest([0xff; 32]);

    fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }
}

impl Pending {
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + 2 * self.id.len() + 64
    }

    /// The digests of the id and of the alert itself. A record's writer may choose its eventID, and so the
    /// id: it must not be able to keep another record's alert back by that.
    pub(super) fn digests(&self) -> (Digest, Digest) {
        (Digest::of(self.id.as_bytes()), Digest::of(&self.text))
    }
}

/// What happens in an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An alert is raised.
    Alert(Pending),
    /// An execution found more than it may raise.
    Truncated {
        /// The rule's id.
        rule: String,
        /// When the execution was, in milliseconds since 1970.
        execution: i64,
        /// How many alerts it raised.
        raised: usize,
        /// How many it cut.
        cut: usize,
        /// How many of those no later execution looks at.
        lost: usize,
    },
}

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of alerts.
    pub bytes: usize,
}

impl Default for Budget {
    /// 64 MiB.
    fn default() -> Budget {
        Budget { bytes: 64 << 20 }
    }
}

/// Counts that are reported at the end of the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Alerts left out because the same alert had been raised or waited already.
    pub repeated: u64,
    /// Alerts raised beside others with the same id that say something else.
    pub differing: u64,
    /// Alerts that came after all executions that would have found them.
    pub missed: u64,
    /// Alerts raised at once, because their events have no time that an execution could look for.
    pub untimed: u64,
}

/// A replay of several rules' executions.
#[derive(Debug)]
pub struct Replay {
    runs: Vec<RuleRun>,
    /// The runs by their rules' ids.
    places: BTreeMap<String, usize>,
    /// When the next execution of each run that waits for one happens, with the run's place.
    next: BTreeSet<(i64, usize)>,
    budget: Budget,
    waiting_bytes: usize,
    arrivals: u64,
    totals: Totals,
}

impl Replay {
    /// A replay of rules, each by its id. Executions at the same time happen in the rules' order.
    pub fn new(rules: impl IntoIterator<Item = (String, Schedule)>, budget: Budget) -> Replay {
        let runs: Vec<RuleRun> = rules
            .into_iter()
            .map(|(rule, schedule)| {
                let (interval, max_signals) =
                    (schedule.interval.max(1), schedule.max_signals.max(1));
                RuleRun::new(rule, Schedule { interval, max_signals, ..schedule })
            })
            .collect();
        let mut places = BTreeMap::new();
        for (place, run) in runs.iter().enumerate() {
            places.entry(run.rule.clone()).or_insert(place);
        }
        let (waiting_bytes, arrivals, totals) = (0, 0, Totals::default());
        Replay { runs, places, next: BTreeSet::new(), budget, waiting_bytes, arrivals, totals }
    }

    /// Takes in an alert of a rule; `time` is its event's, in milliseconds since 1970. What happens
    /// because of that goes to `out`.
    pub fn add(
        &mut self,
        rule: &str,
        time: Option<i64>,
        alert: Pending,
        out: &mut dyn FnMut(Event),
    ) {
        let place = self.places.get(rule).copied();
        let run = place.and_then(|place| Some((place, self.runs.get_mut(place)?)));
        let (Some((place, run)), Some(time)) = (run, time) else {
            self.totals.untimed += 1;
            out(Event::Alert(alert));
            return;
        };
        let bytes = alert.bytes();
        self.arrivals += 1;
        let before = run.next();
        match run.add(time, self.arrivals, alert) {
            Arrival::Waits => self.waiting_bytes += bytes,
            Arrival::Differs => {
                self.waiting_bytes += bytes;
                self.totals.differing += 1;
            }
            Arrival::Repeated => self.totals.repeated += 1,
            Arrival::Missed => self.totals.missed += 1,
        }
        let after = run.next();
        self.plan(place, before, after);
        if self.waiting_bytes > self.budget.bytes {
            // To half of it, so that a full replay doesn't execute at each alert.
            self.run_until(self.budget.bytes / 2, out);
        }
    }

    /// Runs all executions that find anything.
    pub fn finish(mut self, out: &mut dyn FnMut(Event)) -> Totals {
        self.run_until(0, out);
        self.totals
    }

    /// Runs the oldest executions until no more than `bytes` wait.
    fn run_until(&mut self, bytes: usize, out: &mut dyn FnMut(Event)) {
        while let Some((now, place)) = self.next.first().copied() {
            if bytes > 0 && self.waiting_bytes <= bytes {
                return;
            }
            let Some(run) = self.runs.get_mut(place) else { return };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(run.execute(now, out));
            let after = run.next();
            self.plan(place, Some(now), after);
        }
    }

    /// Moves a run from one execution to another.
    fn plan(&mut self, place: usize, before: Option<i64>, after: Option<i64>) {
        if before != after {
            if let Some(before) = before {
                self.next.remove(&(before, place));
            }
            self.next.extend(after.map(|after| (after, place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn replay(budget: usize, max_signals: usize) -> Replay {
        let schedule = Schedule { interval: 10 * MINUTE, lookback: 60 * MINUTE, max_signals };
        Replay::new([("r".to_owned(), schedule)], Budget { bytes: budget })
    }

    /// Runs alerts of one rule, `(minute, id)`, and shows what happens: `id`, or `T@MINUTE raised/cut/lost`.
    fn run(budget: usize, max_signals: usize, alerts: &[(f64, &str)]) -> (Vec<String>, Totals) {
        let mut shown = Vec::new();
        let mut show = |event| {
            shown.push(match event {
                Event::Alert(alert) => alert.id,
                Event::Truncated { execution, raised, cut, lost, .. } => {
                    format!("T@{} {raised}/{cut}/{lost}", execution / MINUTE)
                }
            });
        };
        let mut replay = replay(budget, max_signals);
        for (minute, id) in alerts {
            let time = (minute * MINUTE as f64) as i64;
            let alert = Pending { id: (*id).to_owned(), text: Vec::new() };
            replay.add("r", Some(time), alert, &mut show);
        }
        let totals = replay.finish(&mut show);
        (shown, totals)
    }

    const ALL: usize = usize::MAX;

    #[test]
    fn executions_raise_the_oldest_first_whatever_the_input_order() {
        let (shown, totals) = run(ALL, 100, &[(25.0, "c"), (3.0, "a"), (14.0, "b")]);
        assert_eq!(shown, ["a", "b", "c"]);
        assert_eq!(totals, Totals::default());
    }

    #[test]
    fn what_the_cap_cuts_may_alert_in_the_next_execution() {
        let (shown, _) = run(ALL, 2, &[(1.0, "a"), (2.0, "b"), (3.0, "c"), (4.0, "d"), (5.0, "e")]);
        assert_eq!(shown, ["a", "b", "T@10 2/3/0", "c", "d", "T@20 2/1/0", "e"]);
    }

    #[test]
    fn what_is_cut_in_its_last_execution_is_lost_and_said() {
        // One an execution: the window of T=10..60 holds minute 1; at T=70 it no longer does.
        let alerts: Vec<(f64, String)> = (0..8).map(|n| (1.0, format!("{n}"))).collect();
        let alerts: Vec<(f64, &str)> = alerts.iter().map(|(m, id)| (*m, id.as_str())).collect();
        let (shown, _) = run(ALL, 1, &alerts);
        assert_eq!(shown.last().map(String::as_str), Some("T@60 1/2/2"));
        assert_eq!(shown.iter().filter(|one| !one.starts_with('T')).count(), 6);
    }

    #[test]
    fn both_edges_of_the_window_belong_to_it() {
        // At minute 10 exactly: found by the execution at 10, and by those up to the one at 70.
        let alerts: Vec<(f64, String)> = (0..8).map(|n| (10.0, format!("{n}"))).collect();
        let alerts: Vec<(f64, &str)> = alerts.iter().map(|(m, id)| (*m, id.as_str())).collect();
        let (shown, _) = run(ALL, 1, &alerts);
        assert_eq!(shown.get(1).map(String::as_str), Some("T@10 1/7/0"));
        assert_eq!(shown.last().map(String::as_str), Some("T@70 1/1/1"));
    }

    #[test]
    fn the_same_alert_is_raised_once_and_takes_no_room_under_the_cap() {
        let (shown, totals) = run(ALL, 2, &[(1.0, "a"), (1.0, "a"), (2.0, "b"), (2.0, "a")]);
        assert_eq!(shown, ["a", "b"]);
        assert_eq!(totals.repeated, 2);
    }

    #[test]
    fn records_that_share_an_id_and_differ_are_all_raised() {
        let mut shown = Vec::new();
        let mut show = |event| {
            if let Event::Alert(alert) = event {
                shown.push(String::from_utf8(alert.text).unwrap());
            }
        };
        let mut replay = replay(ALL, 100);
        for text in ["harmless", "harmless", "the attack"] {
            let alert = Pending { id: "chosen".to_owned(), text: text.into() };
            replay.add("r", Some(MINUTE), alert, &mut show);
        }
        let totals = replay.finish(&mut show);
        assert_eq!(shown, ["harmless", "the attack"]);
        assert_eq!(totals, Totals { repeated: 1, differing: 1, ..Totals::default() });
    }

    #[test]
    fn what_waits_is_looked_at_once_however_many_executions_leave_it_over() {
        const MANY: usize = 100_000;
        let schedule = Schedule { interval: 1, lookback: 1 << 40, max_signals: 1 };
        let mut replay = Replay::new([("r".to_owned(), schedule)], Budget { bytes: ALL });
        let mut counts = Vec::new();
        for id in 0..MANY {
            let alert = Pending { id: id.to_string(), text: Vec::new() };
            replay.add("r", Some(0), alert, &mut |_| {});
        }
        let totals = replay.finish(&mut |event| match event {
            Event::Truncated { cut, lost, .. } => counts.push((cut, lost)),
            Event::Alert(_) => {}
        });
        assert_eq!(totals, Totals::default());
        let expected: Vec<_> = (1..MANY).rev().map(|cut| (cut, 0)).collect();
        assert_eq!(counts, expected);
    }

    #[test]
    fn a_full_replay_runs_the_oldest_executions_and_says_what_comes_too_late() {
        // Each alert counts 66 bytes here; more than three of them make the replay run.
        // The execution at 200 has happened when they come: that at 210 still looks at minute 160.
        let late = [(3.0, "missed"), (160.0, "late")];
        let alerts = [[(1.0, "a"), (2.0, "b")], [(200.0, "c"), (300.0, "d")], late].concat();
        let (shown, totals) = run(200, 100, &alerts);
        assert_eq!(shown, ["a", "b", "c", "late", "d"]);
        assert_eq!(totals.missed, 1);
    }

    #[test]
    fn an_alert_without_a_time_is_raised_at_once() {
        let mut shown = Vec::new();
        let mut replay = replay(ALL, 1);
        let alert = Pending { id: "x".into(), text: b"x".to_vec() };
        replay.add("r", None, alert.clone(), &mut |event| shown.push(event));
        assert_eq!(shown, [Event::Alert(alert)]);
    }
}
