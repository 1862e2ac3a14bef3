//! In: ranges of a rule's text, such as its query. Out: where they stand in the rule's document.

use std::ops::Range;

use super::position::escape;

/// Where the pieces of a rule's text stand in its document.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceMap {
    /// In the text's order.
    pieces: Vec<Piece>,
}

/// What reaches up to the next piece.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it begins in the text.
    text: u32,
    /// Where it begins in the document.
    document: u32,
    /// How many bytes of the document stand for all of it; 0 if it stands there byte for byte.
    whole: u32,
}

impl SourceMap {
    /// A text that stands in the document byte for byte.
    pub(super) fn verbatim(at: usize) -> SourceMap {
        SourceMap { pieces: vec![Piece { text: 0, document: at as u32, whole: 0 }] }
    }

    /// The value of a TOML string, which stands in the document from one quote to the other.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn of_toml_string(document: &str, token: Range<usize>) -> SourceMap {
        let raw = document.get(token.clone()).unwrap_or_default();
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let body = raw.get(quotes..raw.len().saturating_sub(quotes)).unwrap_or_default();
        // A line end right after three quotes isn't part of the value.
        let skipped = match body.as_bytes() {
            [b'\n', ..] if quotes == 3 => 1,
            [b'\r', b'\n', ..] if quotes == 3 => 2,
            _ => 0,
        };
        let base = token.start + quotes + skipped;
        let body = body.get(skipped..).unwrap_or_default();
        if !raw.starts_with('"') || !body.contains('\\') {
            return SourceMap::verbatim(base);
        }
        SourceMap { pieces: unescaped(body, base) }
    }

    /// From here on the text stands for a range of the document without being it.
    pub(super) fn append(&mut self, text: usize, document: &Range<usize>) {
        let piece = Piece {
            text: text as u32,
            document: document.start as u32,
            whole: document.len().max(1) as u32,
        };
        self.pieces.push(piece);
    }

    /// The range of the document that a range of the text stands for.
    pub(crate) fn range(&self, text: &Range<usize>) -> Option<Range<usize>> {
        let start = self.piece(text.start)?;
        let start = match start.whole {
            0 => start.document as usize + text.start.saturating_sub(start.text as usize),
            _ => start.document as usize,
        };
        if text.is_empty() {
            return Some(start..start);
        }
        let last = self.piece(text.end - 1)?;
        let end = match last.whole {
            0 => last.document as usize + text.end.saturating_sub(last.text as usize),
            whole => last.document as usize + whole as usize,
        };
        Some(start..end.max(start))
    }

    /// The piece that a place of the text lies in.
    fn piece(&self, at: usize) -> Option<Piece> {
        let behind = self.pieces.partition_point(|piece| piece.text as usize <= at);
        self.pieces.get(behind.checked_sub(1)?).copied()
    }
}

/// The pieces of a basic string's value: one for each escape, and one for what stands between two of them.
/// None if there is no room for so many.
fn unescaped(body: &str, base: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let most = body.bytes().filter(|byte| *byte == b'\\').count().saturating_mul(2);
    if pieces.try_reserve_exact(most.saturating_add(2)).is_err() {
        return Vec::new();
    }
    let (mut at, mut text) = (0_usize, 0_usize);
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        if plain > 0 {
            pieces.push(Piece { text: text as u32, document: (base + at) as u32, whole: 0 });
        }
        (at, text) = (at + plain, text + plain);
        let Some(rest) = rest.get(plain..).filter(|rest| !rest.is_empty()) else { break };
        let (taken, given) = escape(rest);
        let taken = taken.min(rest.len()).max(1);
        if given > 0 {
            let whole = taken as u32;
            pieces.push(Piece { text: text as u32, document: (base + at) as u32, whole });
        }
        (at, text) = (at + taken, text + given);
    }
    // Where the text ends.
    pieces.push(Piece { text: text as u32, document: (base + at) as u32, whole: 0 });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_strings_of_every_form() {
        for (document, token, text, expected) in [
            ("q = 'abc'", 4..9, 1..2, "b"),
            ("q = '''\nabc\n'''", 4..15, 0..1, "a"),
            ("q = '''\r\na\\b'''", 4..15, 1..3, "\\b"),
            ("q = \"a\\\"bc\"", 4..11, 1..3, "\\\"b"),
            ("q = \"a\\\"\\\\c\"", 4..12, 1..2, "\\\""),
            ("q = \"a\\\"\\\\c\"", 4..12, 2..3, "\\\\"),
            ("q = \"\"\"\\\n   a\\u00e9b\"\"\"", 4..23, 0..1, "a"),
            ("q = \"\"\"\\\n   a\\u00e9b\"\"\"", 4..23, 1..4, "\\u00e9b"),
            ("q = \"\"\"\\\n   a\\u00e9b\"\"\"", 4..23, 3..4, "b"),
            ("q = \"a \\\n   or b\"", 4..17, 2..4, "or"),
            ("q = \"ü\\tü\"", 4..12, 3..5, "ü"),
            ("q = \"a\\t\"", 4..9, 2..2, ""),
        ] {
            let map = SourceMap::of_toml_string(document, token);
            let found = map.range(&text).unwrap();
            assert_eq!(&document[found], expected, "{document} {text:?}");
        }
        // What is missing at the end is missing behind the last escape.
        let map = SourceMap::of_toml_string("q = \"a\\t\"", 4..9);
        assert_eq!(map.range(&(2..2)), Some(8..8));
    }

    #[test]
    fn what_is_appended_stands_for_its_whole_range() {
        let mut map = SourceMap::verbatim(10);
        map.append(5, &(40..60));
        assert_eq!(map.range(&(0..5)), Some(10..15));
        assert_eq!(map.range(&(6..9)), Some(40..60));
    }
}
