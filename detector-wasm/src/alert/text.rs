//! In: an alert. Out: one line for a person, as a JSON string.

use super::{Alert, message};
use crate::record::write;

/// Appends `TIME SEVERITY RULE: MESSAGE`. Control characters from the record are shown as spaces, so
/// that a record can't write lines of its own or take over a terminal.
pub(super) fn write(alert: &Alert<'_>, out: &mut Vec<u8>) {
    let time = alert.time();
    let line = format!(
        "{} {} {}: {}",
        time.as_deref().unwrap_or("-"),
        alert.rule.severity.name(),
        alert.rule.name,
        message::message(alert),
    );
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    write::text(&line, out);
}
