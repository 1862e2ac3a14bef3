//! In: a `[[rule.threat]]` of an Elastic rule. Out: the tactic and techniques of MITRE ATT&CK that it names.

use super::table::Table;
use crate::rule::Threat;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::keys::Keys;
use crate::rule::threat::{Subtechnique, Tactic, Technique};

#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn read(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Threat {
    let text = |table: &Table<'_, '_>, key: &str, out: &mut Vec<Diagnostic>| {
        table.text(key, out).unwrap_or_default().to_owned()
    };
    let tactic = table.table("tactic", out);
    let tactic = match &tactic {
        Some(tactic) => Tactic {
            id: text(tactic, "id", out),
            name: text(tactic, "name", out),
            reference: text(tactic, "reference", out),
        },
        None => Tactic { id: String::new(), name: String::new(), reference: String::new() },
    };
    let mut techniques = Vec::new();
    for technique in table.tables("technique", out) {
        let mut subtechniques = Vec::new();
        for subtechnique in technique.tables("subtechnique", out) {
            subtechniques.push(Subtechnique {
                id: text(&subtechnique, "id", out),
                name: text(&subtechnique, "name", out),
                reference: text(&subtechnique, "reference", out),
            });
        }
        techniques.push(Technique {
            id: text(&technique, "id", out),
            name: text(&technique, "name", out),
            reference: text(&technique, "reference", out),
            subtechnique: subtechniques,
        });
    }
    let framework = table.text("framework", out).unwrap_or("MITRE ATT&CK").to_owned();
    Threat { framework, tactic, technique: techniques }
}
