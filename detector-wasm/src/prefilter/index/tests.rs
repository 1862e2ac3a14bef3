//! In: rules and records. Out: whether a rule that the index leaves out would have selected the record.

use proptest::prelude::*;

use super::*;
use crate::detect::RuleSet;
use crate::event::Event;
use crate::event::capture::Duplicates;
use crate::event::view::Shape;
use crate::rule::load::StoredDocument;
use crate::rule::sources::Marks;

#[path = "../../../tests/support/generated.rs"]
mod generated;

fn set(documents: &[(String, String)]) -> RuleSet {
    let kept = |(name, text): &(String, String)| StoredDocument {
        name: name.clone().into(),
        text: text.clone().into(),
        list: 0,
    };
    let (set, diagnostics) =
        RuleSet::load(documents.iter().map(kept).collect(), &tocsin_wire::Options::default());
    assert_eq!(set.rules.len(), documents.len(), "{diagnostics:?}");
    set
}

/// The ids of a record's candidates, and of the rules that select it in some reading.
fn judged<'s>(set: &'s RuleSet, record: &str) -> (Vec<&'s str>, Vec<&'s str>) {
    let mut captures = Captures::default();
    let text = record.as_bytes();
    captures.read(&set.fields.layout, text, 0).unwrap();
    let candidates =
        set.indexes.of(Marks::KINDS[0]).unwrap().candidates(&captures, text, (0, text.len()));
    let ids = candidates.of(&set.rules).map(|(_, rule)| rule.id.as_str()).collect();
    let orders = match captures.has_duplicates() {
        true => vec![Duplicates::Last, Duplicates::First],
        false => vec![Duplicates::Last],
    };
    let mut selecting = Vec::new();
    for (place, rule) in (0..).zip(&set.rules) {
        let mut selects = false;
        for shape in [Shape::Raw, Shape::Normalised] {
            for duplicates in orders.iter().copied() {
                let (captures, fields) = (&captures, &set.fields);
                let event = Event { text, captures, fields, shape, duplicates };
                let known = |node| candidates.clause(place, node);
                assert_eq!(
                    rule.query.selects_knowing(&event, &known),
                    rule.query.selects(&event),
                    "{} {shape:?} {duplicates:?} {record}",
                    rule.id
                );
                selects |= rule.query.selects(&event);
            }
        }
        if selects {
            selecting.push(rule.id.as_str());
        }
    }
    (ids, selecting)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_rule_is_left_out_that_selects_the_record(
        documents in generated::documents(),
        mut plans in proptest::collection::vec(generated::plan(), 1..6),
    ) {
        let set = set(&documents);
        for plan in &mut plans {
            // Each record for itself, without an envelope.
            (plan.shape, plan.ending) = (plan.shape % 2, 9);
            let record = generated::batch(std::slice::from_ref(plan));
            let (candidates, selecting) = judged(&set, record.trim_end());
            for rule in selecting {
                prop_assert!(candidates.contains(&rule), "{} {:?} {}", rule, documents, record);
            }
        }
    }
}

fn kql(id: &str, query: &str) -> (String, String) {
    let text = format!(
        "[rule]\nname = \"{id}\"\nrule_id = \"{id}\"\ntype = \"query\"\nlanguage = \"kuery\"\nseverity = \"low\"\nrisk_score = 1\nquery = '''{query}'''\n"
    );
    (format!("{id}.toml"), text)
}

#[test]
fn values_lead_to_the_rules_that_ask_for_them() {
    let set = set(&[
        kql("stop", "event.provider: c.example and event.action: (StopLogging or DeleteTrail)"),
        kql("login", "event.action: ConsoleLogin and not source.ip: 10.0.0.0/8"),
        kql("trail", "event.action: DeleteTrail and event.outcome: success"),
        kql("denied", "aws.cloudtrail.error_code: AccessDenied"),
        kql("either", "event.action: ConsoleLogin or user_agent.original: curl*"),
        kql("number", "event.action: 17"),
    ]);
    for (record, expected) in [
        (r#"{"eventName":"GetObject"}"#, &["number"][..]),
        (r#"{"userAgent":"curl/8","x":1}"#, &["either"]),
        (r#"{"eventName":"StopLogging"}"#, &["number"]),
        (r#"{"eventName":"StopLogging","eventSource":"c.example"}"#, &["stop", "number"]),
        (r#"{"eventName":"DeleteTrail"}"#, &["trail", "number"]),
        (r#"{"eventName":"Stop\u004cogging","eventSource":"c.example"}"#, &["stop", "number"]),
        (
            r#"{"eventName":"ConsoleLogin","errorCode":"AccessDenied"}"#,
            &["login", "denied", "either", "number"],
        ),
        (
            r#"{"eventName":["DeleteTrail",["ConsoleLogin"]]}"#,
            &["login", "trail", "either", "number"],
        ),
        (
            r#"{"eventName":"ConsoleLogin","eventName":"StopLogging","eventSource":"c.example"}"#,
            &["stop", "login", "either", "number"],
        ),
        (r#"{"event":{"action":"StopLogging","provider":"c.example"}}"#, &["stop", "number"]),
        (r#"{"event.action":"StopLogging","event.provider":"c.example"}"#, &["stop", "number"]),
        (r#"{"requestParameters":{"eventName":"StopLogging"}}"#, &[]),
        (r#"{"eventName":null,"errorCode":{"a":"AccessDenied"}}"#, &["number"]),
    ] {
        assert_eq!(judged(&set, record).0, expected, "{record}");
    }
}
