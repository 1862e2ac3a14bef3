//! In: an alert. Out: its message: the rule's template filled in, or Elastic's reason sentence.

use super::Alert;
use super::bounded::{Bounded, MESSAGE};
use crate::event::FieldId;
use crate::rule::{Piece, Template};

/// What a template shows for a value that isn't there.
const MISSING: &str = "-";

/// Bytes that hold most messages.
const MOST: usize = 256;

/// The alert's message; a record can't make it longer than its bound.
pub(crate) fn message(alert: &Alert<'_>) -> String {
    match &alert.rule.message {
        Some(template) => fill(template, alert),
        None => reason(alert),
    }
}

fn fill(template: &Template, alert: &Alert<'_>) -> String {
    let query = &alert.rule.query;
    let mut message = Bounded::new(MESSAGE, MOST);
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => message.push(text),
            Piece::Name(name) => {
                let value = query.named(name).map(|operand| alert.value(operand));
                let text = value.as_ref().and_then(|value| value.as_text());
                message.push(text.as_deref().filter(|text| !text.is_empty()).unwrap_or(MISSING));
            }
        }
        if message.is_cut() {
            break;
        }
    }
    message.into_text()
}

/// The sentence that Elastic's detection engine makes for an alert: a part without a value, or with the
/// value `-`, is left out, several values are joined by commas, and a comma follows the port alone.
fn reason(alert: &Alert<'_>) -> String {
    let fields = alert.fields;
    let mut sentence = Bounded::new(MESSAGE, MOST);
    if let Some(category) = shown(alert, fields.category) {
        sentence.push(&category);
        sentence.push(" ");
    }
    sentence.push("event");
    let (address, port) = (shown(alert, fields.source_address), shown(alert, fields.source_port));
    if address.is_some() || port.is_some() {
        sentence.push(" with");
    }
    for (before, value, after) in [
        (" source ", address, ""),
        (":", port, ","),
        (" by ", shown(alert, fields.user), ""),
        (" on ", shown(alert, fields.host), ""),
    ] {
        if let Some(value) = value {
            sentence.push(before);
            sentence.push(&value);
            sentence.push(after);
        }
    }
    sentence.push(" created ");
    sentence.push(alert.severity().name());
    sentence.push(" alert ");
    sentence.push(&alert.name());
    sentence.push(".");
    sentence.into_text()
}

/// All values of a field in one text, of which each part of the sentence has its share.
fn shown(alert: &Alert<'_>, field: FieldId) -> Option<String> {
    let mut shown = Bounded::new(MESSAGE / 8, 0);
    alert.event.any(field, &mut |value| {
        if let Some(text) = value.text().filter(|text| !text.is_empty()) {
            if !shown.is_empty() {
                shown.push(", ");
            }
            shown.push(&text);
        }
        shown.is_cut()
    });
    Some(shown.into_text()).filter(|shown| !shown.is_empty() && shown != MISSING)
}
