//! In: a compiled query. Out: warnings where it asks for an event by a name in the wrong case.
//!
//! A log source writes each name in one way, and exact comparison takes case into account, so such a clause
//! never holds. Only names that the source's table knows are looked at: there are more, and any JSON
//! record may have names of its own.

use std::cmp::Ordering;

use crate::event::Fields;
use crate::query::accepted::Accepted;
use crate::query::notice::Notice;
use crate::query::{Operand, Query};
use crate::source::SOURCE;

/// How many such warnings a query gets.
const MOST: usize = 20;

/// Says where a query compares the event's name with a known one in the wrong case.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn check(query: &Query, fields: &Fields) -> Vec<Notice> {
    let names = &SOURCE.event_names;
    let mut notices = Vec::new();
    for clause in query.predicate.clauses() {
        let Operand::Field(id) = &clause.operand else { continue };
        if !fields.get(*id).is_some_and(|field| names.fields.contains(&field.name.as_str())) {
            continue;
        }
        let Accepted::Texts(texts) = clause.test.accepted() else { continue };
        for text in texts.cased() {
            let Some(name) = otherwise_spelt(text, names.known) else { continue };
            if notices.len() == MOST {
                return notices;
            }
            let message =
                format!("{} has no event `{text}`: case matters here", SOURCE.mappings.source);
            let notice = Notice::warning("rule-event-case", clause.span.clone(), message);
            notices.push(notice.hint(format!("write `{name}`")));
        }
    }
    notices
}

/// The known name that differs from a text in nothing but case.
fn otherwise_spelt(text: &str, known: &[&'static str]) -> Option<&'static str> {
    let at = known.binary_search_by(|known| ignoring_case(known, text)).ok()?;
    // Two services may spell one name in two ways.
    if known.contains(&text) { None } else { known.get(at).copied() }
}

fn ignoring_case(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.bytes(), other.bytes());
    one.map(|byte| byte.to_ascii_lowercase()).cmp(other.map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::RuleSet;
    use crate::rule::load::StoredDocument;
    use tocsin_wire::Options;

    /// Codes and hints about a rule with a query in a language.
    fn warnings(language: &str, query: &str) -> Vec<(String, Option<String>)> {
        let text = format!(
            "[rule]\nrule_id = \"r\"\nname = \"r\"\nlanguage = \"{language}\"\nseverity = \"low\"\nquery = '''{query}'''\n"
        );
        let kept = StoredDocument { name: "r.toml".into(), text: text.into(), list: 0 };
        let (_, found) = RuleSet::load(vec![kept], &Options::default());
        found
            .into_iter()
            .filter(|found| found.code == "rule-event-case")
            .map(|found| (format!("{}:{}", found.line, found.column), found.hint))
            .collect()
    }

    #[test]
    fn names_stand_in_order() {
        let out_of_order: Vec<_> = SOURCE
            .event_names
            .known
            .windows(2)
            .filter(|pair| {
                (pair[0].to_ascii_lowercase(), pair[0]) >= (pair[1].to_ascii_lowercase(), pair[1])
            })
            .collect();
        assert!(out_of_order.is_empty(), "{out_of_order:?}");
    }

    #[test]
    fn known_names_in_the_wrong_case_are_said() {
        let cases = [
            ("kuery", "event.action:stopLogging", &[("6:12", "StopLogging")][..]),
            ("kuery", "not event.action:STOPLOGGING", &[("6:16", "StopLogging")]),
            ("kuery", "event.action:(StopLogging or deleteTrail)", &[("6:12", "DeleteTrail")]),
            ("kuery", "event.action:\"consolelogin\"", &[("6:12", "ConsoleLogin")]),
            ("logpresso", "search event_name == \"stoplogging\"", &[("6:19", "StopLogging")]),
            ("logpresso", "search eventName == \"stoplogging\"", &[("6:19", "StopLogging")]),
            (
                "logpresso",
                "search in(event_name, \"DeleteTrail\", \"stoplogging\")",
                &[("6:19", "StopLogging")],
            ),
        ];
        for (language, query, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(place, name)| ((*place).to_owned(), Some(format!("write `{name}`"))))
                .collect();
            assert_eq!(warnings(language, query), expected, "{query}");
        }
    }

    #[test]
    fn sigma_ignores_case_unless_it_is_told_not_to() {
        let sigma = |name: &str, selection: &str| {
            let text = format!(
                "title: t\nid: t\nlevel: low\nlogsource:\n  {name}\ndetection:\n  s:\n    {selection}\n  condition: s\n"
            );
            let kept = StoredDocument { name: "r.yml".into(), text: text.into(), list: 0 };
            let (_, found) = RuleSet::load(vec![kept], &Options::default());
            found.iter().filter(|found| found.code == "rule-event-case").count()
        };
        let cloudtrail = "{product: aws, service: cloudtrail}";
        assert_eq!(sigma(cloudtrail, "eventName: stoplogging"), 0);
        assert_eq!(sigma(cloudtrail, "eventName|cased: StopLogging"), 0);
        assert_eq!(sigma(cloudtrail, "eventName|cased: stoplogging"), 1);
        assert_eq!(
            sigma(cloudtrail, "eventName|cased: [stoplogging, StopLogging, deletetrail]"),
            2
        );
        assert_eq!(sigma("{product: windows}", "eventName|cased: stoplogging"), 0);
    }

    #[test]
    fn what_may_be_meant_is_left_alone() {
        for (language, query) in [
            ("kuery", "event.action:StopLogging"),
            ("kuery", "event.action:stopmylogging"),
            ("kuery", "event.action:stoplog*"),
            ("kuery", "event.provider:stoplogging"),
            ("kuery", "event.action:(DeleteSSHPublicKey or DeleteSshPublicKey)"),
            ("logpresso", "search event_name == \"stoplog*\""),
            ("logpresso", "search event_name == user"),
        ] {
            assert_eq!(warnings(language, query), [], "{query}");
        }
    }

    #[test]
    fn a_long_list_gets_a_few_warnings() {
        let names: Vec<String> = SOURCE
            .event_names
            .known
            .iter()
            .take(50)
            .map(|name| name.to_ascii_lowercase())
            .collect();
        let query = format!("event.action:({})", names.join(" or "));
        assert_eq!(warnings("kuery", &query).len(), MOST);
    }
}
