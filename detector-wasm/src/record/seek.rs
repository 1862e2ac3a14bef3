//! In: a text and a place in it. Out: where a line, a record or the text before it begins or ends; for
//! finding the next record behind a broken one.

use super::json::{Container, Reader, Token};
use super::lines::line_end;
use tocsin_boundary::begins_object;

/// Whether an object stands among the elements of the array whose inside begins at an offset, or the
/// array is empty: a list of other things doesn't make a document of records.
pub(crate) fn begins_objects(text: &[u8], at: usize) -> bool {
    let mut at = at;
    let mut first = true;
    loop {
        let mut element = Reader::new(text, at);
        match element.next() {
            Ok(Some(Token::Open(Container::Object))) => return true,
            Ok(Some(Token::Open(Container::Array))) if element.skip_container().is_err() => {
                return false;
            }
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(error) => return first && text.get(error.offset) == Some(&b']'),
        }
        let behind = text.get(element.position()..).unwrap_or_default();
        at = text.len() - behind.trim_ascii_start().len();
        if text.get(at) != Some(&b',') {
            return false;
        }
        at += 1;
        first = false;
    }
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
/// lines: one that begins with a blank or a closing bracket.
pub(super) fn behind_object(text: &[u8], line: usize, loose: bool) -> usize {
    let mut end = line;
    while end < text.len() {
        let begin = end + 1;
        let at = blanks_end(text, begin);
        let part = at > begin || matches!(text.get(at), Some(b'}' | b']') | None);
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
