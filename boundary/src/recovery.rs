//! A place where text is broken in, the place where records go on out: the rules that the crate's page
//! lists, for the module and its hosts.

use memchr::{memchr, memchr2};

use crate::json;
use tocsin_wire::RecordKeys;

/// Whether an object certainly begins at an offset: with a brace, a quote, and what can't stand behind a
/// string. No string can hold that unescaped, wherever it stands.
pub fn begins_object(text: &[u8], at: usize) -> bool {
    if text.get(at) != Some(&b'{') {
        return false;
    }
    let quote = blanks_end(text, at + 1);
    text.get(quote) == Some(&b'"')
        && !matches!(
            text.get(quote + 1),
            None | Some(b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')
        )
}

/// Whether an element that ends by its brackets at an offset ends there for certain: nothing follows
/// that could be the inside of a string, up to a place that no string spans. `None` if the text ends first.
pub(crate) fn ends_element(text: &[u8], end: usize) -> Option<bool> {
    let mut at = end;
    loop {
        match text.get(at)? {
            b',' | b']' | b'}' | b' ' | b'\t' | b'\r' => at += 1,
            b'\n' => return Some(true),
            b'{' => return Some(begins_object(text, at)),
            _ => return Some(false),
        }
    }
}

/// Whether what follows a line can't belong to the object that it ends with.
pub(crate) fn ends_line(text: &[u8], end: usize) -> bool {
    let behind = text.get(end..).unwrap_or_default().trim_ascii_start();
    !matches!(behind.first(), Some(b',' | b']' | b'}'))
}

/// Where an object begins behind a place where reading failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectStart {
    /// At this offset, behind a comma.
    Element(usize),
    /// At this offset, as the value of what looks like a key.
    Member(usize),
    /// At this offset, as the first of what looks like an array.
    First(usize),
    /// At this offset, behind something else: glued to what was cut off, or behind text.
    Glued(usize),
    /// None does before the line ends, at this offset.
    LineEnd(usize),
}

/// Where reading failed, or the brace before it if an open string has taken the next object's begin for a part of
/// itself: it then ended at the first key of that, or with the line that ends with the brace.
pub fn failed_at(text: &[u8], start: usize, offset: usize) -> usize {
    let quote = offset.saturating_sub(1);
    let until = match text.get(offset) {
        Some(b'\n') => offset,
        _ if text.get(quote) == Some(&b'"') => quote,
        _ => return offset,
    };
    let before = text.get(..until).unwrap_or_default().trim_ascii_end();
    match before.split_last() {
        Some((b'{', brace))
            if brace.len() > start && (until == quote || begins_object(text, brace.len())) =>
        {
            brace.len()
        }
        _ => offset,
    }
}

/// The next place on its line, from an offset on, where an object begins.
pub fn next_object(text: &[u8], from: usize) -> ObjectStart {
    let mut at = from;
    while let Some(found) = memchr2(b'{', b'\n', text.get(at..).unwrap_or_default()) {
        at += found;
        if text.get(at) == Some(&b'\n') {
            return ObjectStart::LineEnd(at);
        }
        if begins_object(text, at) {
            let before = text.get(..at).unwrap_or_default().trim_ascii_end();
            return match before.split_last() {
                Some((b',', _)) => ObjectStart::Element(at),
                Some((b'[', _)) => ObjectStart::First(at),
                Some((b':', key)) if key.trim_ascii_end().ends_with(b"\"") => {
                    ObjectStart::Member(at)
                }
                _ => ObjectStart::Glued(at),
            };
        }
        at += 1;
    }
    ObjectStart::LineEnd(text.len())
}

/// Whether the line of an offset, on which a list is broken, goes on on the next one: it ends with a comma, or that
/// [goes on](goes_on) with it.
pub fn line_goes_on(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let end = at + memchr(b'\n', rest).unwrap_or(rest.len());
    text.get(..end).unwrap_or_default().trim_ascii_end().ends_with(b",") || goes_on(text, end + 1)
}

/// Whether a line that begins at an offset seems to go on with what the one before it holds: it is indented, or begins
/// with a comma or a closing bracket.
pub fn goes_on(text: &[u8], line: usize) -> bool {
    matches!(text.get(line), Some(b' ' | b'\t' | b'\r' | b',' | b'}' | b']'))
}

/// How a list goes on behind an element that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// With the element at this offset.
    Element(usize),
    /// Not at all: its line ends here, or one before the line that is another document.
    Ended(usize),
    /// The text ends before that is known.
    Unknown,
}

/// Finds the element with which a list goes on, from the offset where one couldn't be read. Whole objects
/// on the way belong to what is broken. `over_lines`: the list is written over several lines.
pub fn resume(text: &[u8], from: usize, over_lines: bool, keys: &RecordKeys) -> Resumed {
    let mut at = from;
    // The line that was broken; a list on one line goes on on the next one at most.
    let mut first: Option<usize> = None;
    loop {
        match next_object(text, at) {
            ObjectStart::Element(place) => return Resumed::Element(place),
            ObjectStart::Glued(place) | ObjectStart::Member(place) | ObjectStart::First(place) => {
                let is_record =
                    || text.get(place..).is_some_and(|text| crate::begins_record(text, keys));
                if let Some(first) = first.filter(|_| is_record()) {
                    return Resumed::Ended(first);
                }
                match json::value_end(text, place) {
                    Ok(end) => at = end,
                    Err(fault) if fault.cut_off => return Resumed::Unknown,
                    Err(fault) => at = failed_at(text, place, fault.offset).max(place + 1),
                }
            }
            ObjectStart::LineEnd(end) if end == text.len() => return Resumed::Unknown,
            ObjectStart::LineEnd(end) if over_lines => match begins_line(text, end) {
                Some(b'{') => return Resumed::Element(blanks_end(text, end)),
                _ => at = end + 1,
            },
            ObjectStart::LineEnd(end) => match (first, begins_line(text, end)) {
                (None, None) => return Resumed::Unknown,
                (None, Some(byte)) if !matches!(byte, b'{' | b'[') => {
                    first = Some(end);
                    at = end + 1;
                }
                _ => return Resumed::Ended(first.unwrap_or(end)),
            },
        }
    }
}

/// What the next line with anything on it begins with.
fn begins_line(text: &[u8], end: usize) -> Option<u8> {
    text.get(blanks_end(text, end)).copied()
}

fn blanks_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    at + rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len())
}
