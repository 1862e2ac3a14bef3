//! In: an event. Out: the severity, risk score and name that a rule's overrides give to its alert.
//!
//! As in Elastic's detection engine: of the severity mappings whose field has exactly the value the
//! gravest wins; a risk score or name is read from the first field that has one.

use super::table::Table;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, FieldId, Fields, Value};
use crate::query::notice::Notice;
use crate::rule::Severity;
use crate::rule::diagnostic::Diagnostic;
use crate::rule::keys::Keys;

/// What a rule reads from the event instead of its own metadata.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    severities: Vec<SeverityMapping>,
    risk_scores: Vec<FieldId>,
    name: Option<FieldId>,
}

#[derive(Debug, Clone)]
struct SeverityMapping {
    field: FieldId,
    value: String,
    severity: Severity,
}

impl Overrides {
    /// Reads `severity_mapping`, `risk_score_mapping` and `rule_name_override` of a rule.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn read(
        rule: &Table<'_, '_>,
        vocabulary: Vocabulary,
        fields: &mut Fields,
        out: &mut Vec<Diagnostic>,
    ) -> Overrides {
        let mut overrides = Overrides::default();
        for mapping in rule.tables("severity_mapping", out) {
            let field = mapping.required("field", "the field to compare", out);
            let value = mapping.required("value", "the value that the field must have", out);
            let severity = super::severity(&mapping, out);
            if let (Some(field), Some(value), Some(severity)) = (field, value, severity) {
                let (field, value) = (fields.want(vocabulary, field), value.to_owned());
                overrides.severities.push(SeverityMapping { field, value, severity });
            }
        }
        for mapping in rule.tables("risk_score_mapping", out) {
            let field = mapping.required("field", "the field that holds the score", out);
            overrides.risk_scores.extend(field.map(|field| fields.want(vocabulary, field)));
        }
        overrides.name =
            rule.text("rule_name_override", out).map(|field| fields.want(vocabulary, field));
        for key in ["severity_mapping", "risk_score_mapping"] {
            for mapping in rule.tables(key, out) {
                let operator = mapping.text("operator", out).unwrap_or("equals");
                if operator != "equals" {
                    let message = format!("`{operator}` isn't an operator of overrides");
                    let notice = Notice::error("rule-override-operator", 0..0, message);
                    let range = mapping.place_in("operator", 0..operator.len());
                    mapping.say(range, notice.hint("write `operator = \"equals\"`"), out);
                }
            }
        }
        overrides
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.severities.is_empty() && self.risk_scores.is_empty() && self.name.is_none()
    }

    /// The severity that the event asks for.
    pub(crate) fn severity(&self, event: &Event<'_>) -> Option<Severity> {
        let asked = self.severities.iter().filter(|mapping| {
            event.any(mapping.field, &mut |value| {
                value.text().is_some_and(|text| text == mapping.value.as_str())
            })
        });
        asked.map(|mapping| mapping.severity).max()
    }

    /// The risk score that the event holds, 0 to 100.
    pub(crate) fn risk_score(&self, event: &Event<'_>) -> Option<u8> {
        self.risk_scores.iter().find_map(|field| {
            let mut score = None;
            event.any(*field, &mut |value| {
                score = score_of(value);
                score.is_some()
            });
            score
        })
    }

    /// The name that the event gives to the alert.
    pub(crate) fn name(&self, event: &Event<'_>) -> Option<String> {
        let mut name = None;
        event.any(self.name?, &mut |value| {
            name = value.text().map(|text| text.into_owned()).filter(|text| !text.is_empty());
            name.is_some()
        });
        name
    }
}

/// A number from 0 to 100, rounded down.
fn score_of(value: &Value<'_>) -> Option<u8> {
    let number: f64 = value.text()?.trim().parse().ok()?;
    if (0.0..=100.0).contains(&number) { Some(number as u8) } else { None }
}
