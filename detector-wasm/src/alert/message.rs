//! In: an alert. Out: its message: the rule's template filled in, or Elastic's reason sentence.

use super::Alert;
use crate::rule::{Piece, Template};

/// What a template shows for a value that isn't there.
const MISSING: &str = "-";

/// The alert's message.
pub(crate) fn message(alert: &Alert<'_>) -> String {
    match &alert.rule.message {
        Some(template) => fill(template, alert),
        None => reason(alert),
    }
}

fn fill(template: &Template, alert: &Alert<'_>) -> String {
    let query = &alert.rule.query;
    let mut message = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => message.push_str(text),
            Piece::Name(name) => {
                let value = query.named(name).map(|operand| query.value(operand, &alert.event));
                let text = value.as_ref().and_then(|value| value.as_text());
                message
                    .push_str(text.as_deref().filter(|text| !text.is_empty()).unwrap_or(MISSING));
            }
        }
    }
    message
}

/// The sentence that Elastic's detection engine makes for a rule; parts without a value are left out.
fn reason(alert: &Alert<'_>) -> String {
    let fields = alert.fields;
    let mut sentence = String::new();
    if let Some(category) = alert.text_of(fields.category) {
        sentence.push_str(&category);
        sentence.push(' ');
    }
    sentence.push_str("event");
    if let Some(address) = alert.text_of(fields.source_ip) {
        sentence.push_str(" with source ");
        sentence.push_str(&address);
        if let Some(port) = alert.text_of(fields.source_port) {
            sentence.push(':');
            sentence.push_str(&port);
        }
        sentence.push(',');
    }
    if let Some(user) = alert.text_of(fields.user) {
        sentence.push_str(" by ");
        sentence.push_str(&user);
    }
    if let Some(host) = alert.text_of(fields.host) {
        sentence.push_str(" on ");
        sentence.push_str(&host);
    }
    sentence.push_str(" created ");
    sentence.push_str(alert.rule.severity.name());
    sentence.push_str(" alert ");
    sentence.push_str(&alert.rule.name);
    sentence.push('.');
    sentence
}
