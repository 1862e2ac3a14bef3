//! Whatever the text, there is a query or a reason, in bounds of the text.

use proptest::prelude::*;

use super::{compiled, selects};
use crate::event::Fields;
use crate::query::notice::DiagnosticSeverity;

const RULE: &str = "detection:
  selection_a:
    eventSource: 'iam.amazonaws.com'
    eventName|startswith: [Create, \"Delete\", 7, null, true]
    requestParameters.userName|contains|all:
      - admin
      - '*\\?x'
  selection_b:
    - a|re|i: '^x+$'
    - b|cidr: 10.0.0.0/8
    - c|hour|gte: 5
    - d|fieldref: e
    - f|windash|base64offset|contains: -x
    - keyword
  filter_1: {g|exists: false, h|neq: 3}
  condition: 1 of selection_* and not (filter_1 or selection_b)
";

const RECORD: &str = r#"{"eventSource":"iam.amazonaws.com","a":["xx",1,{"b":null}],"b":"10.0.0.1","c":"2023-07-10T23:42:36Z","d":"q","e":"Q","h":4}"#;

/// Pieces of which rules are made.
const PIECES: [&str; 40] = [
    "detection:",
    "condition:",
    "selection",
    ":",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "|all",
    "|contains",
    "|re",
    "|cidr",
    "|base64",
    "|windash",
    "|gt",
    "|hour",
    "|exists",
    "*",
    "?",
    "\\",
    "not ",
    " and ",
    " or ",
    "(",
    ")",
    "1 of ",
    "all of ",
    "them",
    "null",
    "é",
    "&a ",
    "*a",
    "---\n",
];

fn check(text: &str) {
    let mut fields = Fields::new(&crate::source::SOURCE.mappings);
    let (query, notices) = compiled(text, &mut fields);
    for notice in &notices {
        assert!(text.get(notice.span.clone()).is_some(), "{notice:?} of {text:?}");
    }
    match query {
        Some(query) => {
            let _ = selects(&query, &fields, RECORD);
            assert!(query.predicate.clauses().all(|clause| clause.span.end <= text.len()));
        }
        None if text.contains("detection:") => {}
        None => {
            assert!(notices.iter().all(|notice| notice.severity != DiagnosticSeverity::Warning))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,80}|[\\x00-\\x7f]{0,80}") {
        check(&text);
        check(&format!("detection:\n  s: {{a: b}}\n  condition: {text}\n"));
        check(&format!("detection:\n  s: {{a|re: '{}'}}\n  condition: s\n", text.replace('\'', "''")));
    }

    #[test]
    fn pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        let text = pieces.concat();
        check(&text);
        check(&format!("detection:\n  s: {text}\n  condition: s\n"));
        check(&format!("detection:\n  s: {{a: b}}\n  condition: {text}\n"));
    }

    #[test]
    fn a_rule_with_pieces_put_in_and_cut_out(
        changes in prop::collection::vec((0..RULE.len(), 0..12usize, prop::sample::select(&PIECES[..])), 1..8)
    ) {
        let mut text = RULE.to_owned();
        for (at, cut, piece) in changes {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let end = (at..=(at + cut).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            text.replace_range(at..end, piece);
        }
        check(&text);
    }
}

#[test]
fn the_rule_itself_is_fine() {
    let (query, notices) = compiled(RULE, &mut Fields::new(&crate::source::SOURCE.mappings));
    assert!(query.is_none() && notices.iter().any(|notice| notice.code == "sigma-value"));
    let (query, notices) =
        compiled(&RULE.replace(", null", ""), &mut Fields::new(&crate::source::SOURCE.mappings));
    assert!(query.is_some(), "{notices:?}");
}
