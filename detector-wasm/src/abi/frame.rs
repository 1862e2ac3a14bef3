//! In: the bytes of an answer to a batch. Out: its lines, and what each says, as ranges of the same bytes.
//!
//! The keys are looked for where the detector writes them: quotes inside its texts have a backslash before
//! them, so no text of a record or rule can look like one.

use std::ops::Range;

/// What a line says.
pub(super) enum Line {
    /// The alert.
    Alert(Range<usize>),
    /// What a record's error says, as JSON.
    Error(Range<usize>),
    /// Errors without frames of their own.
    Errors,
    /// What the batch held, as JSON.
    Summary(Range<usize>),
}

/// The line that begins at an offset, without its end.
pub(super) fn line(text: &[u8], start: usize) -> Option<Range<usize>> {
    let length = memchr::memchr(b'\n', text.get(start..)?)?;
    Some(start..start + length)
}

/// What a line of an answer says.
pub(super) fn frame(text: &[u8], line: Range<usize>) -> Option<Line> {
    let bytes = text.get(line.clone())?;
    let inside = line.end.checked_sub(1)?;
    let behind = |rest: &[u8]| Some(line.end.checked_sub(rest.len())?..inside);
    if let Some(says) = bytes.strip_prefix(b"{\"summary\":") {
        return Some(Line::Summary(behind(says)?));
    }
    if bytes.starts_with(b"{\"errors\":") {
        return Some(Line::Errors);
    }
    let rest = bytes.strip_prefix(b"{\"record\":")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..)?;
    if let Some(says) = rest.strip_prefix(b",\"error\":") {
        return Some(Line::Error(behind(says)?));
    }
    let key = b",\"alert\":";
    let place = rest.windows(key.len()).position(|window| window == key)?;
    Some(Line::Alert(behind(rest.get(place + key.len()..)?)?))
}
