//! In: a rule's tags, such as `attack.t1562.001`. Out: what they say about MITRE ATT&CK.
//!
//! Sigma lists tactics and techniques side by side. A technique goes to those of the rule's tactics that
//! it serves by ATT&CK's matrix; one that isn't in the table goes to the first.

use std::cmp::Ordering;

use crate::rule::Threat;
use crate::rule::threat::{Subtechnique, Tactic, Technique};

/// Id, name, and tag of each tactic of the enterprise matrix, and of the one that version 19 split in two.
const TACTICS: &[(&str, &str, &str)] = &[
    ("TA0043", "Reconnaissance", "reconnaissance"),
    ("TA0042", "Resource Development", "resource-development"),
    ("TA0001", "Initial Access", "initial-access"),
    ("TA0002", "Execution", "execution"),
    ("TA0003", "Persistence", "persistence"),
    ("TA0004", "Privilege Escalation", "privilege-escalation"),
    ("TA0005", "Stealth", "stealth"),
    ("TA0005", "Defense Evasion", "defense-evasion"),
    ("TA0112", "Defense Impairment", "defense-impairment"),
    ("TA0006", "Credential Access", "credential-access"),
    ("TA0007", "Discovery", "discovery"),
    ("TA0008", "Lateral Movement", "lateral-movement"),
    ("TA0009", "Collection", "collection"),
    ("TA0011", "Command and Control", "command-and-control"),
    ("TA0010", "Exfiltration", "exfiltration"),
    ("TA0040", "Impact", "impact"),
];

/// A line a technique, ascending by id: id, the tactics that it serves (for a subtechnique they are its
/// technique's), name; between them a tab.
const TECHNIQUES: &str = include_str!("attack/techniques.tsv");

/// A technique or subtechnique.
#[derive(Debug, Clone, Copy)]
struct Row {
    tactics: &'static str,
    name: &'static str,
}

impl Row {
    /// The row of an id.
    fn of(id: &str) -> Option<Row> {
        let (mut from, mut to) = (0, TECHNIQUES.len());
        while from < to {
            let middle = from.midpoint(to);
            let before = TECHNIQUES.as_bytes().get(from..middle)?;
            let start =
                before.iter().rposition(|byte| *byte == b'\n').map_or(from, |at| from + at + 1);
            let rest = TECHNIQUES.get(start..to)?;
            let line = rest.split('\n').next().unwrap_or(rest);
            let mut cells = line.split('\t');
            match cells.next().unwrap_or_default().cmp(id) {
                Ordering::Less => from = (start + line.len() + 1).min(to),
                Ordering::Greater => to = start,
                Ordering::Equal => {
                    let tactics = cells.next().unwrap_or_default();
                    return Some(Row { tactics, name: cells.next().unwrap_or_default() });
                }
            }
        }
        None
    }

    fn tactics(self) -> impl Iterator<Item = &'static str> {
        self.tactics.split(' ').filter(|tactic| !tactic.is_empty())
    }
}

/// How many techniques of a rule are looked at.
const MOST: usize = 100;

/// The tactics that the tags name, each with its techniques.
pub(super) fn threats(tags: &[String]) -> Vec<Threat> {
    let tags: Vec<String> = tags
        .iter()
        .filter_map(|tag| tag.strip_prefix("attack."))
        .map(|tag| tag.to_lowercase().replace('_', "-"))
        .take(MOST)
        .collect();
    let mut threats: Vec<Threat> = Vec::new();
    for tag in &tags {
        let row = TACTICS.iter().find(|row| row.2 == tag || row.0.eq_ignore_ascii_case(tag));
        if let Some(row) = row.filter(|row| threats.iter().all(|threat| threat.tactic.id != row.0))
        {
            threats.push(threat(Some(row)));
        }
    }
    for id in tags.iter().filter_map(|tag| technique_id(tag)) {
        let (parent, sub) = match id.split_once('.') {
            Some((parent, _)) => (parent, Some(id.as_str())),
            None => (id.as_str(), None),
        };
        let serves = || Row::of(parent).into_iter().flat_map(Row::tactics);
        if threats.is_empty() {
            let row = TACTICS.iter().find(|row| serves().next() == Some(row.0));
            threats.push(threat(row));
        }
        let fits = |threat: &Threat| serves().any(|tactic| tactic == threat.tactic.id);
        let some_fit = threats.iter().any(fits);
        for (place, threat) in threats.iter_mut().enumerate() {
            if if some_fit { fits(threat) } else { place == 0 } {
                add(threat, parent, sub);
            }
        }
    }
    threats
}

fn threat(tactic: Option<&(&str, &str, &str)>) -> Threat {
    let tactic = match tactic {
        Some((id, name, _)) => Tactic {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            reference: format!("https://attack.mitre.org/tactics/{id}/"),
        },
        None => Tactic { id: String::new(), name: String::new(), reference: String::new() },
    };
    Threat { framework: "MITRE ATT&CK".to_owned(), tactic, technique: Vec::new() }
}

/// The id of a technique's tag: `t1562` or `t1562.001`.
fn technique_id(tag: &str) -> Option<String> {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit())
    };
    let number = tag.strip_prefix('t')?;
    let fits = match number.split_once('.') {
        Some((number, sub)) => digits(number, 4) && digits(sub, 3),
        None => digits(number, 4),
    };
    fits.then(|| tag.to_uppercase())
}

fn add(threat: &mut Threat, parent: &str, sub: Option<&str>) {
    let known = threat.technique.iter().position(|technique| technique.id == parent);
    let place = known.unwrap_or(threat.technique.len());
    if known.is_none() {
        threat.technique.push(Technique {
            id: parent.to_owned(),
            name: name(parent),
            reference: reference(parent),
            subtechnique: Vec::new(),
        });
    }
    let (Some(sub), Some(technique)) = (sub, threat.technique.get_mut(place)) else { return };
    if technique.subtechnique.iter().all(|known| known.id != sub) {
        let (id, name, reference) = (sub.to_owned(), name(sub), reference(sub));
        technique.subtechnique.push(Subtechnique { id, name, reference });
    }
}

/// A technique's name, or its id if the table hasn't it.
fn name(id: &str) -> String {
    Row::of(id).map_or(id, |row| row.name).to_owned()
}

fn reference(id: &str) -> String {
    format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tactics and below them techniques, in a line.
    fn show(tags: &str) -> String {
        let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
        let show = |threat: Threat| {
            let techniques: Vec<String> = threat
                .technique
                .iter()
                .map(|technique| {
                    let subs: Vec<&str> =
                        technique.subtechnique.iter().map(|sub| sub.name.as_str()).collect();
                    format!("{}/{}", technique.name, subs.join("+"))
                })
                .collect();
            format!("{}[{}]", threat.tactic.name, techniques.join(" "))
        };
        threats(&tags).into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn techniques_go_to_the_tactics_that_they_serve() {
        for (tags, expected) in [
            (
                "attack.defense-evasion attack.t1562.001 attack.t1562.008",
                "Defense Evasion[Impair Defenses/Disable or Modify Tools+Disable or Modify Cloud Logs]",
            ),
            (
                "attack.t1531 attack.impact attack.defense_evasion attack.t1562",
                "Impact[Account Access Removal/] Defense Evasion[Impair Defenses/]",
            ),
            (
                "attack.persistence attack.privilege-escalation attack.t1078.004",
                "Persistence[Valid Accounts/Cloud Accounts] Privilege Escalation[Valid Accounts/Cloud Accounts]",
            ),
            ("attack.t1537", "Exfiltration[Transfer Data to Cloud Account/]"),
            (
                "attack.stealth attack.defense-impairment attack.t1685.002 attack.t1036.003",
                "Stealth[Masquerading/Rename Legitimate Utilities] Defense Impairment[Disable or Modify Tools/Disable or Modify Cloud Log]",
            ),
            (
                "attack.t1562.008",
                "Defense Impairment[Impair Defenses/Disable or Modify Cloud Logs]",
            ),
            ("attack.impact attack.t1999.002", "Impact[T1999/T1999.002]"),
            ("attack.t1999", "[T1999/]"),
            ("attack.s0005 cve.2020.1 attack.t12 attack.t1562.1 T1562", ""),
            ("attack.TA0040", "Impact[]"),
        ] {
            assert_eq!(show(tags), expected, "{tags}");
        }
    }

    #[test]
    fn every_technique_is_found_and_names_known_tactics() {
        let lines = TECHNIQUES.lines().filter(|line| !line.starts_with('#'));
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
        assert!(rows.len() > 700 && rows.is_sorted_by_key(|row| row[0]));
        for row in rows {
            let [id, tactics, name] = row[..] else { panic!("{row:?}") };
            assert_eq!(id.contains('.'), tactics.is_empty(), "{id}");
            let found = Row::of(id).unwrap();
            assert_eq!((found.tactics, found.name), (tactics, name));
            for tactic in found.tactics() {
                assert!(TACTICS.iter().any(|row| row.0 == tactic), "{id}");
            }
            assert!(Row::of(id.split('.').next().unwrap()).is_some(), "{id}");
        }
    }
}
