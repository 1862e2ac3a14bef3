//! In: rules and records. Out: whether a rule that the index leaves out would have selected the record.

use proptest::prelude::*;

use super::*;
use crate::detect::RuleSet;
use crate::event::Event;
use crate::event::capture::Duplicates;
use crate::event::view::Shape;
use crate::rule::load::StoredDocument;

#[path = "../../../tests/support/generated.rs"]
mod generated;

fn set(documents: &[(String, String)]) -> RuleSet {
    let kept = |(name, text): &(String, String)| StoredDocument {
        name: name.clone().into(),
        text: text.clone().into(),
    };
    let (set, diagnostics) =
        RuleSet::load(documents.iter().map(kept).collect(), &tocsin_wire::Options::default());
    assert_eq!(set.rules.len(), documents.len(), "{diagnostics:?}");
    set
}

/// The ids of the rules that a record is worth, and of those that select it in some reading.
fn judged<'s>(set: &'s RuleSet, record: &str) -> (Vec<&'s str>, Vec<&'s str>) {
    let mut captures = Captures::default();
    captures.read(&set.fields.layout, record.as_bytes(), 0).unwrap();
    let worth = set.index.worth(&captures, record.as_bytes());
    let worth = worth.of(&set.rules).map(|rule| rule.id.as_str()).collect();
    let mut selecting = Vec::new();
    for rule in &set.rules {
        let selects = |(shape, duplicates)| {
            let (text, captures, fields) = (record.as_bytes(), &captures, &set.fields);
            rule.query.selects(&Event { text, captures, fields, shape, duplicates })
        };
        let orders = [Duplicates::Last, Duplicates::First];
        let readings = [Shape::Raw, Shape::Normalised].map(|shape| orders.map(|one| (shape, one)));
        if readings.into_iter().flatten().any(selects) {
            selecting.push(rule.id.as_str());
        }
    }
    (worth, selecting)
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
            let (worth, selecting) = judged(&set, record.trim_end());
            for rule in selecting {
                prop_assert!(worth.contains(&rule), "{} {:?} {}", rule, documents, record);
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
fn a_record_is_worth_the_rules_that_ask_for_its_values() {
    let set = set(&[
        kql("stop", "event.provider: c.example and event.action: (StopLogging or DeleteTrail)"),
        kql("login", "event.action: ConsoleLogin and not source.ip: 10.0.0.0/8"),
        kql("trail", "event.action: DeleteTrail and event.outcome: success"),
        kql("denied", "aws.cloudtrail.error_code: AccessDenied"),
        kql("either", "event.action: ConsoleLogin or user_agent.original: curl*"),
        kql("number", "event.action: 17"),
    ]);
    let always = ["either", "number"];
    for (record, expected) in [
        (r#"{"eventName":"GetObject"}"#, &[][..]),
        (r#"{"eventName":"StopLogging"}"#, &["stop"]),
        (r#"{"eventName":"DeleteTrail"}"#, &["stop", "trail"]),
        (r#"{"eventName":"Stop\u004cogging"}"#, &["stop"]),
        (r#"{"eventName":"ConsoleLogin","errorCode":"AccessDenied"}"#, &["login", "denied"]),
        (r#"{"eventName":["DeleteTrail",["ConsoleLogin"]]}"#, &["stop", "login", "trail"]),
        (r#"{"eventName":"ConsoleLogin","eventName":"StopLogging"}"#, &["stop", "login"]),
        (r#"{"event":{"action":"StopLogging"}}"#, &["stop"]),
        (r#"{"event.action":"StopLogging"}"#, &["stop"]),
        (r#"{"requestParameters":{"eventName":"StopLogging"}}"#, &[]),
        (r#"{"eventName":null,"errorCode":{"a":"AccessDenied"}}"#, &[]),
    ] {
        let mut found = judged(&set, record).0;
        found.retain(|rule| !always.contains(rule));
        assert_eq!(found, expected, "{record}");
    }
    let ids: Vec<&str> = set.index.always.of(&set.rules).map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, always);
}
