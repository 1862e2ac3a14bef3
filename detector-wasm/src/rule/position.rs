//! In: byte offsets into a document, or into a TOML string's value. Out: where that is in the file.

use std::ops::Range;

use super::source_map::SourceMap;

/// A place in a text, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The position of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = floor(text, offset);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() as u32 + 1;
    Position { line, column }
}

/// The text of the line that a byte offset lies in.
pub(super) fn line_at(text: &str, offset: usize) -> &str {
    let before = floor(text, offset);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default();
    line.split('\n').next().unwrap_or_default().trim_end_matches('\r')
}

/// The text before an offset, or before the character that the offset lies in.
fn floor(text: &str, offset: usize) -> &str {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    text.get(..at).unwrap_or_default()
}

/// The range of the file that a range of a TOML string's value comes from. `token` is where the
/// string stands in the file, quotes included.
pub(super) fn in_toml_string(file: &str, token: Range<usize>, value: Range<usize>) -> Range<usize> {
    SourceMap::of_toml_string(file, token.clone()).range(&value).unwrap_or(token)
}

/// How many bytes an escape takes in the source, and how many it gives in the value.
pub(super) fn escape(rest: &str) -> (usize, usize) {
    let code = |digits: usize| {
        let number = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        (2 + digits, number.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match rest.as_bytes().get(1) {
        Some(b'x') => code(2),
        Some(b'u') => code(4),
        Some(b'U') => code(8),
        // A backslash at a line's end swallows all blanks up to the next character.
        Some(b'\n' | b'\r' | b' ' | b'\t') => {
            let blank = rest.get(1..).unwrap_or_default();
            (1 + blank.len() - blank.trim_start().len(), 0)
        }
        _ => (2, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = "a\nüb\n";
        assert_eq!(position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(position(text, 4), Position { line: 2, column: 2 });
        assert_eq!(position(text, 3), Position { line: 2, column: 1 }, "inside the ü");
        assert_eq!(position(text, 99), Position { line: 3, column: 1 });
        assert_eq!(line_at(text, 4), "üb");
    }
}
