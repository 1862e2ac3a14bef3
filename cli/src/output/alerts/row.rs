//! An alert in, a text for each column out.

use tocsin_host::calendar::rfc3339;

use super::Shown;

/// What a table shows of an alert, in order.
pub(super) const COLUMNS: [&str; 10] = [
    "time", "severity", "rule", "user", "call", "address", "account", "region", "outcome", "record",
];

/// The values of [`COLUMNS`], as the record and the rule have them; empty where there is none.
pub(super) fn row(shown: &Shown<'_>) -> [String; 10] {
    let facts = shown.info.facts.as_deref().cloned().unwrap_or_default();
    let (call, outcome) = (facts.call().unwrap_or_default(), facts.result().unwrap_or_default());
    let some = Option::unwrap_or_default;
    let id = &shown.info.rule;
    let rule = match (facts.name.is_empty(), shown.shares_name) {
        (true, _) => id.clone(),
        (false, true) => format!("{} [{id}]", facts.name),
        (false, false) => facts.name,
    };
    [
        time(shown.info.time),
        facts.severity,
        rule,
        some(facts.user),
        call,
        some(facts.address),
        some(facts.account),
        some(facts.region),
        outcome,
        place(shown),
    ]
}

/// A time in UTC, without milliseconds where there are none.
pub(super) fn time(time: Option<i64>) -> String {
    let text = time.map(rfc3339).unwrap_or_default();
    text.strip_suffix(".000Z").map(|whole| format!("{whole}Z")).unwrap_or(text)
}

/// `FILE:LINE`, and the number of the record where several stand on the line; empty if it isn't known.
pub(super) fn place(shown: &Shown<'_>) -> String {
    let Some(position) = shown.info.position else { return String::new() };
    match position.record.filter(|_| position.column > 1) {
        Some(record) => format!("{}:{} record {record}", shown.input, position.line),
        None => format!("{}:{}", shown.input, position.line),
    }
}
