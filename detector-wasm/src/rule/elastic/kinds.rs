//! In: a rule's type, language and maturity. Out: whether it runs here, and what is said where it doesn't or runs
//! otherwise than at Elastic.

use super::table::Table;
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::keys::Keys;
use crate::rule::{INACTIVE, Language};

/// Rule types that run: `query` whole, of the others the base query alone.
const TYPES: [&str; 3] = ["query", "threshold", "new_terms"];

/// Rule types that don't run.
const OTHER_TYPES: [&str; 5] = ["eql", "esql", "machine_learning", "saved_query", "threat_match"];

/// Languages that don't run.
const OTHER_LANGUAGES: [&str; 3] = ["eql", "esql", "lucene"];

/// Names that people give to Kibana's query language.
const KUERY_TOO: [&str; 2] = ["kql", "kibana"];

/// Whether rules of the type run; if not, a diagnostic says so.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn runs(table: &Table<'_, '_>, kind: &str, out: &mut Vec<Diagnostic>) -> bool {
    if TYPES.contains(&kind) {
        return true;
    }
    let hint = format!("these types run: {}", TYPES.join(", "));
    let known = TYPES.into_iter().chain(OTHER_TYPES);
    let meant = nearest(kind, known).filter(|_| !OTHER_TYPES.contains(&kind));
    let notice = match meant {
        Some(meant) => Notice::error("rule-type", 0..0, format!("there is no rule type `{kind}`"))
            .hint(format!("did you mean `{meant}`?")),
        None => {
            let message = format!("rules of the type `{kind}` don't run on single records");
            Notice::refused("rule-type", 0..0, message).hint(hint)
        }
    };
    table.say(table.span_at("type"), notice, out);
    false
}

/// Whether the author has set the rule aside, which is then reported.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn is_set_aside(
    root: &Table<'_, '_>,
    table: &Table<'_, '_>,
    out: &mut Vec<Diagnostic>,
) -> bool {
    let off = table.get("enabled").filter(|value| value.get_ref().as_bool() == Some(false));
    let metadata = root.get("metadata").and_then(|metadata| metadata.get_ref().as_table());
    let maturity = metadata.and_then(|metadata| metadata.get("maturity"));
    let old = maturity.filter(|value| value.get_ref().as_str() == Some("deprecated"));
    let (value, code, message) = match (off, old) {
        (Some(value), _) => (value, "rule-not-enabled", "the rule isn't enabled"),
        (None, Some(value)) => (value, "rule-deprecated", "the rule is deprecated"),
        (None, None) => return false,
    };
    table.say(value.span(), Notice::refused(code, 0..0, message).hint(INACTIVE), out);
    true
}

/// The language, if it is one that runs.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn language(
    table: &Table<'_, '_>,
    kind: &str,
    out: &mut Vec<Diagnostic>,
) -> Option<Language> {
    if kind != "query" {
        let message = format!("of this {kind} rule only the base query runs");
        let hint = "each record that the query selects raises an alert, without the rule's condition on several";
        let notice = Notice::warning("rule-base-query", 0..0, message).hint(hint);
        table.say(table.span_at("type"), notice, out);
    }
    let hint = "`kuery` for Elastic's rules, `logpresso` for Logpresso's";
    let name = table.required("language", hint, out)?;
    let known =
        [Language::Kuery, Language::Logpresso].into_iter().find(|known| known.name() == name);
    if known.is_some() {
        return known;
    }
    let names = [Language::Kuery.name(), Language::Logpresso.name()];
    let others = OTHER_LANGUAGES.contains(&name);
    let meant = match KUERY_TOO.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        true => Some(Language::Kuery.name()),
        false => nearest(name, names).filter(|_| !others),
    };
    let notice = match meant {
        Some(meant) => {
            let message = format!("there is no query language `{name}`");
            Notice::error("rule-language", 0..0, message).hint(format!("did you mean `{meant}`?"))
        }
        None => {
            let message = format!("queries in the language `{name}` can't be run");
            Notice::refused("rule-language", 0..0, message).hint(hint)
        }
    };
    table.say(table.span_at("language"), notice, out);
    None
}

/// Warns of what Elastic does with the rule's alerts and Tocsin doesn't.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn elsewhere(table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (key, code, message, hint) in ELSEWHERE {
        if let Some(value) = table.get(key) {
            table.say(value.span(), Notice::warning(code, 0..0, message).hint(hint), out);
        }
    }
}

/// Keys that change which alerts Elastic raises, and that aren't followed here.
const ELSEWHERE: [(&str, &str, &str, &str); 3] = [
    (
        "alert_suppression",
        "rule-suppression",
        "alerts of this rule aren't suppressed: each event that it selects raises one",
        "group them where alerts arrive, by the fields of `group_by`",
    ),
    (
        "exceptions_list",
        "rule-exceptions-elsewhere",
        "the rule's exception lists aren't in this file, so they hold no alert back",
        "export them and put them beside the rule, or under `[[exceptions]]`",
    ),
    (
        "saved_id",
        "rule-saved-query",
        "the saved query isn't in this file; the rule's own `query` runs",
        "write what the saved query asks into `query`",
    ),
];
