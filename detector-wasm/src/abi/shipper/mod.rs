//! In: a log shipper's record, and the frames that the detector says of it. Out: the text that takes the
//! record's place in the shipper's stream (`docs/fluent-bit.md`).
//!
//! A shipper takes one JSON object for one, and what it can't read it may lose. So whatever comes out
//! of here is one valid object without a zero byte inside, a zero byte after it.
#![forbid(unsafe_code)]

mod collect;
mod fix_surrogates;
mod key;

use collect::{Collected, HEAD, collect};
use key::{KEY, Members};

use crate::{Answer, Status};

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It passes unchanged.
    AsItCame,
    /// It doesn't pass.
    Nothing,
    /// What stands in the text from this offset on takes its place.
    Text(usize),
    /// This takes its place.
    Fixed(&'static [u8]),
}

/// What stands for a record that didn't get into the module's memory.
pub(crate) const LOST_BY_ENRICH: &[u8] = b"{\"tocsin\":{\"alerts\":[],\"errors\":{\"count\":1,\"first\":{\"offset\":0,\"reason\":\"the record is lost: there was no room for it in the module's memory\"}}}}\0";
pub(crate) const LOST_BY_ALERTS: &[u8] = b"{\"alerts\":[],\"errors\":{\"count\":1,\"first\":{\"offset\":0,\"reason\":\"the record is lost: there was no room for it in the module's memory\"}}}\0";

/// The answer for a record if the memory has no room for its alerts or its error.
const FULL_BY_ENRICH: &[u8] = b"{\"tocsin\":{\"alerts\":[],\"errors\":{\"count\":1,\"first\":{\"offset\":0,\"reason\":\"the record and its alerts are lost: there was no room for them in the module's memory\"}}}}\0";
const FULL_BY_ALERTS: &[u8] = b"{\"alerts\":[],\"errors\":{\"count\":1,\"first\":{\"offset\":0,\"reason\":\"the record and its alerts are lost: there was no room for them in the module's memory\"}}}\0";

/// Every record passes; one with something to say of it gains the key [`KEY`].
pub(crate) fn enriched(record: &[u8], answer: Answer, text: &mut Vec<u8>) -> Reply {
    if is_silent(answer, text) {
        return Reply::AsItCame;
    }
    gain(record, answer, text).unwrap_or(Reply::Fixed(FULL_BY_ENRICH))
}

/// Only records with an alert or an error pass: one alert as it is, otherwise a list.
pub(crate) fn alerts(record: &[u8], answer: Answer, text: &mut Vec<u8>) -> Reply {
    if is_silent(answer, text) {
        return Reply::Nothing;
    }
    alerts_of(record, answer, text).unwrap_or(Reply::Fixed(FULL_BY_ALERTS))
}

/// Whether a record is nothing but a text that begins like JSON and doesn't end like it: a line that the
/// shipper has cut. What it has lost may be what a rule looks for, so that must not be asked.
pub(crate) fn is_cut_off(record: &[u8]) -> bool {
    let Some(text) = record.strip_suffix(b"\"}") else { return false };
    let Some(text) = text.strip_prefix(b"{\"log\":\"").or(text.strip_prefix(b"{\"message\":\""))
    else {
        return false;
    };
    let mut end = text;
    while let Some(rest) = [&b"\\n"[..], b"\\r", b" "].iter().find_map(|b| end.strip_suffix(*b)) {
        end = rest;
    }
    text.starts_with(b"{\\\"") && !end.ends_with(b"}")
}

/// Whether there is neither an alert nor an error: the frames are the summary alone.
fn is_silent(answer: Answer, text: &[u8]) -> bool {
    answer.status == Status::Ok
        && answer.count == 0
        && (text.is_empty() || text.starts_with(b"{\"summary\""))
}

/// `{RECORD,"tocsin":{"alerts":[...]}}`; nothing if memory runs out.
fn gain(record: &[u8], answer: Answer, text: &mut Vec<u8>) -> Option<Reply> {
    let mut found = collect(text);
    found.judge(answer.status);
    let members = Members::of(record);
    let mut front = Vec::new();
    match &members {
        Some(members) => {
            members.copy(record, &mut front)?;
            if !members.is_empty() {
                extend(&mut front, b",")?;
            }
        }
        None => {
            found.error("the record isn't one JSON object, and isn't kept beside its alerts");
            extend(&mut front, b"{")?;
        }
    }
    for part in ["\"", KEY, "\":"] {
        extend(&mut front, part.as_bytes())?;
    }
    close(text, &found)?;
    prepend(text, &front)?;
    finish(text, b"}}", 0)
}

/// The alert, or `{"alerts":[...]}`, with the record if something in it couldn't be judged; nothing if
/// memory runs out.
fn alerts_of(record: &[u8], answer: Answer, text: &mut Vec<u8>) -> Option<Reply> {
    let mut found = collect(text);
    found.judge(answer.status);
    if found.alerts == 1 && found.errors == 0 && text.get(HEAD.len()) == Some(&b'{') {
        return finish(text, b"", HEAD.len());
    }
    close(text, &found)?;
    if found.errors > 0
        && let Some(members) = Members::of(record)
    {
        extend(text, b",\"record\":")?;
        members.copy(record, text)?;
        extend(text, b"}")?;
    }
    finish(text, b"}", 0)
}

/// Ends the list of alerts, and says what couldn't be judged.
fn close(text: &mut Vec<u8>, found: &Collected) -> Option<()> {
    extend(text, b"]")?;
    if let Some(first) = &found.first_error {
        let count = found.errors.to_string();
        for part in [b",\"errors\":{\"count\":", count.as_bytes(), b",\"first\":", first, b"}"] {
            extend(text, part)?;
        }
    }
    Some(())
}

/// Ends the text and makes it safe for any reader of JSON.
fn finish(text: &mut Vec<u8>, end: &[u8], start: usize) -> Option<Reply> {
    extend(text, end)?;
    fix_surrogates::fix_surrogates(text);
    extend(text, b"\0")?;
    Some(Reply::Text(start))
}

/// Appends, if there is room.
fn extend(text: &mut Vec<u8>, more: &[u8]) -> Option<()> {
    text.try_reserve(more.len()).ok()?;
    text.extend_from_slice(more);
    Some(())
}

/// Puts something before what there is, if there is room.
fn prepend(text: &mut Vec<u8>, front: &[u8]) -> Option<()> {
    // With what is going to end it.
    text.try_reserve_exact(front.len().checked_add(8)?).ok()?;
    let length = text.len();
    text.resize(length + front.len(), 0);
    text.copy_within(..length, front.len());
    text.get_mut(..front.len())?.copy_from_slice(front);
    Some(())
}

#[cfg(test)]
mod tests;
