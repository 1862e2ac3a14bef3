//! Alerts in, how many there are of each kind, and when, out.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use tocsin_wire::Facts;

use crate::detector::RuleInfo;
use crate::scan::AlertInfo;
use tocsin_wire::calendar::rfc3339;

/// How many values of a kind are counted one by one: whoever writes records may write any number of them.
const DISTINCT: usize = 10_000;

const HOUR: i64 = 3_600_000;

/// What came of alerts, as `docs/triage.md` describes it. Lists begin with what there is most of, hours with the
/// first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// How many alerts.
    pub alerts: u64,
    /// How many of them have no time that can be read.
    pub untimed: u64,
    /// The time of the first event.
    pub first_seen: Option<String>,
    /// The time of the last event.
    pub last_seen: Option<String>,
    /// By rule.
    pub by_rule: Vec<RuleCount>,
    /// By severity.
    pub by_severity: Vec<Count>,
    /// By tactic of MITRE ATT&CK; a rule may have several.
    pub by_tactic: Vec<Count>,
    /// By who called.
    pub by_user: Vec<Count>,
    /// By account.
    pub by_account: Vec<Count>,
    /// By region.
    pub by_region: Vec<Count>,
    /// By where the call came from.
    pub by_address: Vec<Count>,
    /// By the hour, in UTC, that begins there.
    pub by_hour: Vec<Count>,
    /// How many alerts of each list aren't in it, because it has 10,000 values already.
    pub not_listed: NotListed,
}

/// Alerts with one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Count {
    /// The value; none where the record has none.
    pub value: Option<String>,
    /// How many alerts.
    pub count: u64,
    /// The time of the first event.
    pub first_seen: Option<String>,
    /// The time of the last event.
    pub last_seen: Option<String>,
}

/// Alerts of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleCount {
    /// The rule's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its severity, without what records may override.
    pub severity: Option<String>,
    /// How many alerts, and when.
    #[serde(flatten)]
    pub seen: Seen,
}

/// How many, and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// How many alerts.
    pub count: u64,
    /// The time of the first event.
    pub first_seen: Option<String>,
    /// The time of the last event.
    pub last_seen: Option<String>,
}

/// Alerts that lists don't hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the lists' own names
pub struct NotListed {
    pub by_user: u64,
    pub by_account: u64,
    pub by_region: u64,
    pub by_address: u64,
    pub by_hour: u64,
}

/// Counts alerts.
#[derive(Debug)]
pub struct Summing {
    rules: HashMap<String, Rule>,
    all: Cell,
    untimed: u64,
    by_rule: Column,
    by_severity: Column,
    by_tactic: Column,
    by_user: Column,
    by_account: Column,
    by_region: Column,
    by_address: Column,
    by_hour: HashMap<i64, u64>,
    hours_not_listed: u64,
}

#[derive(Debug)]
struct Rule {
    name: String,
    severity: Option<String>,
    tactics: Vec<String>,
}

/// What is counted of one value.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    count: u64,
    first: Option<i64>,
    last: Option<i64>,
}

#[derive(Debug, Default)]
struct Column {
    cells: HashMap<String, Cell>,
    none: Cell,
    not_listed: u64,
}

impl Summing {
    /// Counts nothing yet. Of the rules it takes names and tactics.
    pub fn new(rules: &[RuleInfo]) -> Summing {
        let rules = rules.iter().map(|rule| {
            let tactic =
                |threat: &Value| Some(threat.get("tactic")?.get("name")?.as_str()?.to_owned());
            let known = Rule {
                name: rule.name.to_string(),
                severity: rule.severity.as_deref().map(str::to_owned),
                tactics: rule.threat.iter().filter_map(tactic).collect(),
            };
            (rule.id.to_string(), known)
        });
        Summing {
            rules: rules.collect(),
            all: Cell::default(),
            untimed: 0,
            by_rule: Column::default(),
            by_severity: Column::default(),
            by_tactic: Column::default(),
            by_user: Column::default(),
            by_account: Column::default(),
            by_region: Column::default(),
            by_address: Column::default(),
            by_hour: HashMap::new(),
            hours_not_listed: 0,
        }
    }

    /// Counts an alert, by its facts if it has any.
    pub fn add(&mut self, alert: &AlertInfo) {
        let time = alert.time;
        self.all.add(time);
        self.by_rule.add(Some(&alert.rule), time);
        match self.rules.get(&alert.rule).map(|rule| rule.tactics.as_slice()) {
            None | Some([]) => self.by_tactic.add(None, time),
            Some(tactics) => tactics.iter().for_each(|name| self.by_tactic.add(Some(name), time)),
        }
        let none = Facts::default();
        let facts = alert.facts.as_deref().unwrap_or(&none);
        self.by_severity.add(Some(&*facts.severity).filter(|text| !text.is_empty()), time);
        self.by_user.add(facts.user.as_deref(), time);
        self.by_account.add(facts.account.as_deref(), time);
        self.by_region.add(facts.region.as_deref(), time);
        self.by_address.add(facts.address.as_deref(), time);
        let Some(time) = time else {
            self.untimed += 1;
            return;
        };
        let hour = time.div_euclid(HOUR);
        if self.by_hour.len() < DISTINCT || self.by_hour.contains_key(&hour) {
            *self.by_hour.entry(hour).or_default() += 1;
        } else {
            self.hours_not_listed += 1;
        }
    }

    /// What has been counted.
    pub fn summary(&self) -> Summary {
        let mut hours: Vec<(i64, u64)> = self.by_hour.iter().map(|(hour, n)| (*hour, *n)).collect();
        hours.sort_unstable();
        let hour = |(hour, count): (i64, u64)| Count {
            value: Some(seconds(hour.saturating_mul(HOUR))),
            count,
            first_seen: None,
            last_seen: None,
        };
        let by_rule = self.by_rule.counts().into_iter().map(|count| {
            let Count { value, count, first_seen, last_seen } = count;
            let id = value.unwrap_or_default();
            let known = self.rules.get(&id);
            RuleCount {
                name: known.map_or_else(|| id.clone(), |rule| rule.name.clone()),
                severity: known.and_then(|rule| rule.severity.clone()),
                seen: Seen { count, first_seen, last_seen },
                id,
            }
        });
        Summary {
            alerts: self.all.count,
            untimed: self.untimed,
            first_seen: self.all.first.map(seconds),
            last_seen: self.all.last.map(seconds),
            by_rule: by_rule.collect(),
            by_severity: self.by_severity.counts(),
            by_tactic: self.by_tactic.counts(),
            by_user: self.by_user.counts(),
            by_account: self.by_account.counts(),
            by_region: self.by_region.counts(),
            by_address: self.by_address.counts(),
            by_hour: hours.into_iter().map(hour).collect(),
            not_listed: NotListed {
                by_user: self.by_user.not_listed,
                by_account: self.by_account.not_listed,
                by_region: self.by_region.not_listed,
                by_address: self.by_address.not_listed,
                by_hour: self.hours_not_listed,
            },
        }
    }
}

impl Cell {
    fn add(&mut self, time: Option<i64>) {
        self.count += 1;
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.into_iter().chain(time).max();
    }

    fn counted(&self, value: Option<String>) -> Count {
        Count {
            value,
            count: self.count,
            first_seen: self.first.map(seconds),
            last_seen: self.last.map(seconds),
        }
    }
}

impl Column {
    fn add(&mut self, value: Option<&str>, time: Option<i64>) {
        let Some(value) = value else { return self.none.add(time) };
        let has_room = self.cells.len() < DISTINCT;
        match self.cells.get_mut(value) {
            Some(cell) => cell.add(time),
            None if has_room => self.cells.entry(value.to_owned()).or_default().add(time),
            None => self.not_listed += 1,
        }
    }

    /// The largest first; equal ones by their values, so that the order doesn't depend on chance.
    fn counts(&self) -> Vec<Count> {
        let mut counts: Vec<Count> =
            self.cells.iter().map(|(value, cell)| cell.counted(Some(value.clone()))).collect();
        counts.extend((self.none.count > 0).then(|| self.none.counted(None)));
        counts.sort_by(|one, other| {
            other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value))
        });
        counts
    }
}

/// A time in UTC, without its milliseconds where there are none.
fn seconds(milliseconds: i64) -> String {
    let text = rfc3339(milliseconds);
    text.strip_suffix(".000Z").map_or(text.clone(), |whole| format!("{whole}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(user: Option<&str>, time: Option<i64>) -> AlertInfo {
        let facts =
            Facts { severity: "high".into(), user: user.map(str::to_owned), ..Facts::default() };
        AlertInfo::new("r", "id", time, facts)
    }

    #[test]
    fn counts_begin_with_what_there_is_most_of() {
        let mut summing = Summing::new(&[]);
        for (user, time) in [
            (Some("b"), Some(3_600_000)),
            (Some("a"), Some(0)),
            (Some("b"), None),
            (None, Some(7_199_999)),
        ] {
            summing.add(&alert(user, time));
        }
        let summary = summing.summary();
        let users: Vec<_> =
            summary.by_user.iter().map(|one| (one.value.as_deref(), one.count)).collect();
        assert_eq!(users, [(Some("b"), 2), (None, 1), (Some("a"), 1)]);
        assert_eq!((summary.alerts, summary.untimed), (4, 1));
        assert_eq!(summary.first_seen.as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(summary.last_seen.as_deref(), Some("1970-01-01T01:59:59.999Z"));
        let hours: Vec<_> = summary.by_hour.iter().map(|one| one.count).collect();
        assert_eq!(hours, [1, 2]);
    }

    #[test]
    fn values_without_end_are_counted_together() {
        let mut summing = Summing::new(&[]);
        for number in 0..DISTINCT as i64 + 5 {
            summing.add(&alert(Some(&number.to_string()), Some(number * HOUR)));
        }
        let summary = summing.summary();
        assert_eq!((summary.by_user.len(), summary.by_hour.len()), (DISTINCT, DISTINCT));
        assert_eq!((summary.not_listed.by_user, summary.not_listed.by_hour), (5, 5));
    }
}
