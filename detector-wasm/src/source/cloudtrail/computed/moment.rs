//! In: texts that say a time. Out: the time, in a form that compares.

use super::{Inputs, Visit, made};
use crate::event::time;
use crate::event::value::Value;

/// When a record's event was: the end of a digest's time, else the event's own.
pub(super) fn of_record<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let digest = |value: &Value<'a>| value.text().and_then(|text| time::milliseconds(&text));
    let mut end = None;
    inputs.singles(0, &mut |value| {
        end = digest(&value).map(|_| value);
        end.is_some()
    });
    match end {
        Some(end) => visit(end),
        None => inputs.singles(1, visit),
    }
}

/// A time in ISO 8601, with or without signs between its parts; nothing else.
pub(super) fn compact<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| {
        let text = value.text().unwrap_or_default();
        if time::milliseconds(&text).is_some() {
            return visit(value);
        }
        let spread = spread(&text).filter(|text| time::milliseconds(text).is_some());
        spread.is_some_and(|text| visit(made(text)))
    })
}

/// `20260304T050000Z` as `2026-03-04T05:00:00Z`.
fn spread(text: &str) -> Option<String> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (clock, fraction) = clock.split_at_checked(6)?;
    let millis = fraction.strip_prefix('.').unwrap_or_default();
    let whole = date.len() == 8 && digits(date) && digits(clock);
    let fraction_fits = fraction.is_empty() || millis.len() == 3 && digits(millis);
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    (whole && fraction_fits).then_some(())?;
    Some(format!(
        "{}-{}-{}T{}:{}:{}{fraction}Z",
        part(date, 0, 4)?,
        part(date, 4, 6)?,
        part(date, 6, 8)?,
        part(clock, 0, 2)?,
        part(clock, 2, 4)?,
        part(clock, 4, 6)?,
    ))
}

/// A digest's time, as the pipeline writes it.
pub(super) fn in_digest<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    inputs.singles(0, &mut |value| {
        let time = value.text().and_then(|text| time::milliseconds(&text));
        time.is_some_and(|time| visit(made(time::with_milliseconds(time))))
    })
}
