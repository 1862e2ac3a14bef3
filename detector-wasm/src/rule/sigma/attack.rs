//! In: a rule's tags, such as `attack.t1562.001`. Out: what they say about MITRE ATT&CK.
//!
//! Sigma lists tactics and techniques side by side. A technique goes to those of the rule's tactics that
//! it serves by ATT&CK's matrix; one that isn't in the table goes to the first.

use crate::rule::Threat;
use crate::rule::threat::{Subtechnique, Tactic, Technique};

/// Id, name, and tag of each tactic of the enterprise matrix.
const TACTICS: &[(&str, &str, &str)] = &[
    ("TA0043", "Reconnaissance", "reconnaissance"),
    ("TA0042", "Resource Development", "resource-development"),
    ("TA0001", "Initial Access", "initial-access"),
    ("TA0002", "Execution", "execution"),
    ("TA0003", "Persistence", "persistence"),
    ("TA0004", "Privilege Escalation", "privilege-escalation"),
    ("TA0005", "Defense Evasion", "defense-evasion"),
    ("TA0006", "Credential Access", "credential-access"),
    ("TA0007", "Discovery", "discovery"),
    ("TA0008", "Lateral Movement", "lateral-movement"),
    ("TA0009", "Collection", "collection"),
    ("TA0011", "Command and Control", "command-and-control"),
    ("TA0010", "Exfiltration", "exfiltration"),
    ("TA0040", "Impact", "impact"),
];

/// Id, name, and tactics of the techniques that rules for clouds name most.
const TECHNIQUES: &[(&str, &str, &[&str])] = &[
    ("T1021", "Remote Services", &["TA0008"]),
    ("T1021.007", "Cloud Services", &[]),
    ("T1046", "Network Service Discovery", &["TA0007"]),
    ("T1048", "Exfiltration Over Alternative Protocol", &["TA0010"]),
    ("T1059", "Command and Scripting Interpreter", &["TA0002"]),
    ("T1059.009", "Cloud API", &[]),
    ("T1069", "Permission Groups Discovery", &["TA0007"]),
    ("T1069.003", "Cloud Groups", &[]),
    ("T1070", "Indicator Removal", &["TA0005"]),
    ("T1078", "Valid Accounts", &["TA0005", "TA0003", "TA0004", "TA0001"]),
    ("T1078.001", "Default Accounts", &[]),
    ("T1078.004", "Cloud Accounts", &[]),
    ("T1087", "Account Discovery", &["TA0007"]),
    ("T1087.004", "Cloud Account", &[]),
    ("T1098", "Account Manipulation", &["TA0003", "TA0004"]),
    ("T1098.001", "Additional Cloud Credentials", &[]),
    ("T1098.003", "Additional Cloud Roles", &[]),
    ("T1098.004", "SSH Authorized Keys", &[]),
    ("T1110", "Brute Force", &["TA0006"]),
    ("T1119", "Automated Collection", &["TA0009"]),
    ("T1136", "Create Account", &["TA0003"]),
    ("T1136.003", "Cloud Account", &[]),
    ("T1190", "Exploit Public-Facing Application", &["TA0001"]),
    ("T1199", "Trusted Relationship", &["TA0001"]),
    ("T1204", "User Execution", &["TA0002"]),
    ("T1204.003", "Malicious Image", &[]),
    ("T1484", "Domain or Tenant Policy Modification", &["TA0005", "TA0004"]),
    ("T1485", "Data Destruction", &["TA0040"]),
    ("T1486", "Data Encrypted for Impact", &["TA0040"]),
    ("T1489", "Service Stop", &["TA0040"]),
    ("T1490", "Inhibit System Recovery", &["TA0040"]),
    ("T1496", "Resource Hijacking", &["TA0040"]),
    ("T1498", "Network Denial of Service", &["TA0040"]),
    ("T1525", "Implant Internal Image", &["TA0003"]),
    ("T1526", "Cloud Service Discovery", &["TA0007"]),
    ("T1528", "Steal Application Access Token", &["TA0006"]),
    ("T1530", "Data from Cloud Storage", &["TA0009"]),
    ("T1531", "Account Access Removal", &["TA0040"]),
    ("T1537", "Transfer Data to Cloud Account", &["TA0010"]),
    ("T1538", "Cloud Service Dashboard", &["TA0007"]),
    ("T1548", "Abuse Elevation Control Mechanism", &["TA0005", "TA0004"]),
    ("T1548.005", "Temporary Elevated Cloud Access", &[]),
    ("T1550", "Use Alternate Authentication Material", &["TA0005", "TA0008"]),
    ("T1550.001", "Application Access Token", &[]),
    ("T1552", "Unsecured Credentials", &["TA0006"]),
    ("T1552.005", "Cloud Instance Metadata API", &[]),
    ("T1552.007", "Container API", &[]),
    ("T1555", "Credentials from Password Stores", &["TA0006"]),
    ("T1555.006", "Cloud Secrets Management Stores", &[]),
    ("T1556", "Modify Authentication Process", &["TA0005", "TA0006", "TA0003"]),
    ("T1556.006", "Multi-Factor Authentication", &[]),
    ("T1562", "Impair Defenses", &["TA0005"]),
    ("T1562.001", "Disable or Modify Tools", &[]),
    ("T1562.007", "Disable or Modify Cloud Firewall", &[]),
    ("T1562.008", "Disable or Modify Cloud Logs", &[]),
    ("T1563", "Remote Service Session Hijacking", &["TA0008"]),
    ("T1566", "Phishing", &["TA0001"]),
    ("T1578", "Modify Cloud Compute Infrastructure", &["TA0005"]),
    ("T1578.001", "Create Snapshot", &[]),
    ("T1578.002", "Create Cloud Instance", &[]),
    ("T1578.003", "Delete Cloud Instance", &[]),
    ("T1580", "Cloud Infrastructure Discovery", &["TA0007"]),
    ("T1606", "Forge Web Credentials", &["TA0006"]),
    ("T1619", "Cloud Storage Object Discovery", &["TA0007"]),
    ("T1621", "Multi-Factor Authentication Request Generation", &["TA0006"]),
    ("T1648", "Serverless Execution", &["TA0002"]),
    ("T1651", "Cloud Administration Command", &["TA0002"]),
];

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
        let serves = TECHNIQUES.iter().find(|row| row.0 == parent).map_or(&[][..], |row| row.2);
        if threats.is_empty() {
            let row = TACTICS.iter().find(|row| serves.first() == Some(&row.0));
            threats.push(threat(row));
        }
        let fits = |threat: &Threat| serves.contains(&threat.tactic.id.as_str());
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
    TECHNIQUES.iter().find(|row| row.0 == id).map_or(id, |row| row.1).to_owned()
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
            ("attack.impact attack.t1999.002", "Impact[T1999/T1999.002]"),
            ("attack.t1999", "[T1999/]"),
            ("attack.s0005 cve.2020.1 attack.t12 attack.t1562.1 T1562", ""),
            ("attack.TA0040", "Impact[]"),
        ] {
            assert_eq!(show(tags), expected, "{tags}");
        }
    }

    #[test]
    fn every_technique_names_known_tactics() {
        for (id, _, tactics) in TECHNIQUES {
            assert_eq!(id.contains('.'), tactics.is_empty(), "{id}");
            assert!(
                tactics.iter().all(|tactic| TACTICS.iter().any(|row| row.0 == *tactic)),
                "{id}"
            );
            let parent = id.split('.').next().unwrap();
            assert!(TECHNIQUES.iter().any(|row| row.0 == parent), "{id}");
        }
    }
}
