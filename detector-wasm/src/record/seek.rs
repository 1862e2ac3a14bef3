//! In: a text and a place in it. Out: where a line, a record or the text before it begins or ends; for
//! finding the next record behind a broken one.

use memchr::memchr2;

use super::frame::RECORD_KEYS;
use super::json::{Container, Reader, Token};
use super::lines::line_end;
use tocsin_boundary::{ObjectStart, begins_object, begins_record, goes_on, next_object, value_end};

/// Whether an object stands among the elements of the array whose inside begins at an offset, or of arrays in it, or
/// the array is empty: a list of other things doesn't make a document of records. Behind what can't be read an object on
/// the same line is enough.
pub(crate) fn begins_objects(text: &[u8], at: usize) -> bool {
    let mut reader = Reader::new(text, at.saturating_sub(1));
    let (mut depth, mut empty) = (0_usize, true);
    loop {
        match reader.next() {
            Ok(Some(Token::Open(Container::Object))) => return true,
            Ok(Some(Token::Open(Container::Array))) => depth += 1,
            Ok(Some(Token::Close(_))) => match depth.checked_sub(1) {
                None | Some(0) => return empty,
                Some(outer) => (depth, empty) = (outer, false),
            },
            Ok(Some(Token::Scalar(_) | Token::Key(_))) => empty = false,
            Ok(None) => return false,
            Err(error) => {
                // Commas alone may take lines.
                let separator = |byte: &u8| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n');
                let rest = text.get(error.offset..).unwrap_or_default();
                let separators = rest.iter().take_while(|byte| separator(byte)).count();
                return leads_to_object(text, error.offset.saturating_add(separators));
            }
        }
    }
}

/// Whether an object may begin behind an offset: a brace stands on its line, or an object begins on one of those that
/// seem to go on with it.
fn leads_to_object(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let mut end = match memchr2(b'{', b'\n', rest) {
        Some(found) if rest.get(found) == Some(&b'\n') => at + found,
        found => return found.is_some(),
    };
    while goes_on(text, end + 1) {
        let ObjectStart::LineEnd(next) = next_object(text, end + 1) else { return true };
        end = next;
    }
    false
}

/// The lines of a value over several lines that hold a whole record each: a line that was cut off may have taken them
/// for a part of itself, with a bracket that comes later.
pub(crate) fn records_on_lines(text: &[u8], start: usize, end: usize) -> Vec<(usize, usize)> {
    let within = text.get(..end).unwrap_or(text);
    let mut found = Vec::new();
    let mut feed = line_end(within, start);
    while feed < within.len() {
        let begin = feed + 1;
        feed = line_end(within, begin);
        let line = within.get(begin..feed).unwrap_or_default();
        let whole = || value_end(line, 0).is_ok_and(|end| line.get(end..).is_some_and(is_blank));
        if begins_record(line, &RECORD_KEYS) && whole() && found.try_reserve(1).is_ok() {
            found.push((begin, feed));
        }
    }
    found
}

fn is_blank(text: &[u8]) -> bool {
    text.trim_ascii().is_empty()
}

/// The end of the line before the first one, among those between `line` and `until`, on which an
/// object begins that can't be a part of the broken value at `start`: because it stands as far left
/// as that, or, where `loose`, because the whole of it seems to stand on the line.
pub(super) fn sibling(
    text: &[u8],
    start: usize,
    line: usize,
    until: usize,
    loose: bool,
) -> Option<usize> {
    let before = text.get(..start).unwrap_or_default();
    let own = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let indent = blanks_end(text, own).saturating_sub(own);
    let mut end = line;
    while end < until {
        let begin = end + 1;
        let at = blanks_end(text, begin);
        let found = match text.get(at) {
            Some(b'{') => at - begin <= indent || loose && begins_object(text, at),
            Some(b'[') => at == begin && indent == 0,
            _ => false,
        };
        if found {
            return Some(end);
        }
        end = line_end(text, begin);
    }
    None
}

/// The end of the last line behind `line` that seems to be a part of a broken object over several
/// lines.
pub(super) fn behind_object(text: &[u8], line: usize, loose: bool) -> usize {
    let mut end = line;
    while end < text.len() {
        let begin = end + 1;
        let at = blanks_end(text, begin);
        let part = goes_on(text, begin) || at == text.len();
        let record = loose && begins_object(text, at);
        if !part || record {
            break;
        }
        end = line_end(text, begin);
    }
    end
}

/// The offset behind the blanks at an offset, line ends not among them.
pub(super) fn blanks_end(text: &[u8], offset: usize) -> usize {
    let mut at = offset;
    while let Some(b' ' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// The offset behind the last byte before an offset that is no blank.
pub(super) fn end_of_text(text: &[u8], offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).trim_ascii_end().len()
}
