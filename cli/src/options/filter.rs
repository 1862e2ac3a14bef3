//! The options that say which alerts are wanted in; which rules run, and which alerts are shown, out.

use anyhow::Context;
use clap::Args;
use glob::{MatchOptions, Pattern};
use tocsin_host::detector::{Facts, RuleInfo};

use super::moment::{Moment, moment};
use super::rule_name;
use super::severity::{AlertSeverity, SeverityRange};

/// Which alerts are wanted. Several values of one option: any of them; several options: all of them.
#[derive(Args, Default)]
#[command(next_help_heading = "Filters")]
pub(crate) struct Filter {
    /// Alerts of these severities: `high..` (and above), `..medium`, `low..high`, `critical`
    #[arg(long, value_name = "RANGE")]
    severity: Option<SeverityRange>,
    /// Alerts of this rule: its id, its name, or a beginning that only one has; may be given several times
    #[arg(long, value_name = "ID|NAME")]
    rule: Vec<String>,
    /// Alerts of rules with this tag; `*` stands for anything; may be given several times
    #[arg(long, value_name = "TAG", value_parser = pattern)]
    tag: Vec<Pattern>,
    /// Events from this time on: a day, a time in UTC, or how long ago (`24h`, `7d`)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Moment>,
    /// Events up to this time; a day is meant with all its hours
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    /// Alerts of this account; `*` stands for anything; may be given several times
    #[arg(long, value_name = "ACCOUNT", value_parser = pattern)]
    account: Vec<Pattern>,
    /// Alerts about this user: a user's name, or an assumed role's `ROLE`, `SESSION` or `ROLE/SESSION`; `*`
    /// stands for anything; may be given several times
    #[arg(long, value_name = "USER", value_parser = pattern)]
    user: Vec<Pattern>,
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::new(text).map_err(|error| format!("`{text}`: {error}"))
}

impl Filter {
    /// The range that holds if the line gives none.
    pub(crate) fn default_severity(&mut self, range: &str) -> Result<(), String> {
        let range = range.parse()?;
        self.severity.get_or_insert(range);
        Ok(())
    }

    /// The ids of the rules that can raise a wanted alert; none if all of them can.
    pub(crate) fn rules(&self, rules: &[RuleInfo]) -> anyhow::Result<Option<Vec<String>>> {
        let mut wanted = Vec::new();
        for name in &self.rule {
            wanted.push(rule_name::find(name, rules).context("--rule")?.id.to_string());
        }
        let is_wanted = |rule: &&RuleInfo| {
            let by_name = wanted.is_empty() || wanted.iter().any(|id| **id == *rule.id);
            let by_tag = self.tag.is_empty() || rule.tags.iter().any(|tag| matches(&self.tag, tag));
            // A record may raise or lower what the rule says.
            by_name && by_tag && (rule.overrides || self.has_severity(rule.severity.as_deref()))
        };
        let left: Vec<String> =
            rules.iter().filter(is_wanted).map(|rule| rule.id.to_string()).collect();
        if left.is_empty() && !rules.is_empty() {
            anyhow::bail!("no rule is left by --severity, --rule and --tag");
        }
        Ok((left.len() < rules.len()).then_some(left))
    }

    /// Whether alerts must be looked at one by one.
    pub(crate) fn looks_at_alerts(&self) -> bool {
        let Filter { severity, since, until, account, user, .. } = self;
        severity.is_some()
            || since.is_some()
            || until.is_some()
            || !account.is_empty()
            || !user.is_empty()
    }

    /// Whether what is asked is a matter of the event rather than of the rule.
    pub(crate) fn looks_at_events(&self) -> bool {
        let Filter { since, until, account, user, .. } = self;
        since.is_some() || until.is_some() || !account.is_empty() || !user.is_empty()
    }

    /// Whether times matter.
    pub(crate) fn looks_at_times(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether an alert is wanted. One without a time that can be read passes: a record mustn't hide by it.
    pub(crate) fn admits(&self, facts: &Facts, time: Option<i64>) -> bool {
        let after = |time: i64| self.since.is_none_or(|since| time >= since.begin());
        let before = |time: i64| self.until.is_none_or(|until| time <= until.end());
        self.has_severity(Some(&facts.severity))
            && time.is_none_or(|time| after(time) && before(time))
            && holds(&self.account, facts.account.as_deref())
            && self.has_user(facts.user.as_deref())
    }

    fn has_severity(&self, name: Option<&str>) -> bool {
        let Some(range) = self.severity else { return true };
        // What has no severity that is known can't be said to be too mild.
        let known: Option<AlertSeverity> = name.and_then(|name| name.parse().ok());
        known.is_none_or(|severity| range.contains(severity))
    }

    fn has_user(&self, user: Option<&str>) -> bool {
        holds(&self.user, user)
            || user.is_some_and(|user| user.split('/').any(|part| matches(&self.user, part)))
    }
}

fn holds(wanted: &[Pattern], value: Option<&str>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| matches(wanted, value))
}

fn matches(wanted: &[Pattern], text: &str) -> bool {
    let options = MatchOptions { case_sensitive: false, ..MatchOptions::default() };
    wanted.iter().any(|pattern| pattern.matches_with(text, options))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        filter: Filter,
    }

    fn filter(arguments: &[&str]) -> Filter {
        Line::try_parse_from([&["x"], arguments].concat()).unwrap().filter
    }

    #[test]
    fn alerts_are_wanted_by_what_they_are_about() {
        let facts = Facts {
            severity: "high".into(),
            user: Some("Deployer/alice@example.com".into()),
            account: Some("111122223333".into()),
            ..Facts::default()
        };
        for (arguments, admits) in [
            (&[][..], true),
            (&["--severity", "high.."], true),
            (&["--severity", "critical"], false),
            (&["--user", "deployer"], true),
            (&["--user", "alice@*"], true),
            (&["--user", "Deployer/alice@example.com"], true),
            (&["--user", "alice"], false),
            (&["--user", "alice", "--user", "*"], true),
            (&["--account", "1111*"], true),
            (&["--account", "2*"], false),
            (&["--since", "1970-01-02"], false),
            (&["--until", "1970-01-01"], true),
            (&["--since", "1970-01-01", "--until", "1970-01-01", "--account", "2*"], false),
        ] {
            assert_eq!(filter(arguments).admits(&facts, Some(1)), admits, "{arguments:?}");
        }
        assert!(filter(&["--since", "1970-01-02"]).admits(&facts, None), "it has no time");
        let nobody = Facts::default();
        assert!(!filter(&["--user", "*"]).admits(&nobody, None));
    }
}
