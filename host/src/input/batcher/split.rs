//! A batch that can't be judged in, its halves out: for finding the one record that is to blame.

use std::ops::Range;
use std::sync::Arc;

use tocsin_wire::RecordKeys;

use super::boundary;
use super::list::List;
use super::structure::{Mark, Scanner};

/// A half of a batch: bytes of its text, and what stands around them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Stands before.
    pub opening: Vec<u8>,
    /// The bytes.
    pub body: Range<usize>,
    /// Stands behind.
    pub closing: &'static [u8],
}

/// Parts a batch between two of its records, near the middle; `None` if it is a single one.
pub fn split(text: &[u8], known: &Arc<RecordKeys>) -> Option<(Half, Half)> {
    if let Some(middle) = line(text) {
        let plain = |body| Half { opening: Vec::new(), body, closing: b"" };
        return Some((plain(0..middle), plain(middle..text.len())));
    }
    let documents = documents(text);
    if documents.len() > 1 {
        let plain = |body| Half { opening: Vec::new(), body, closing: b"" };
        let (left, right) = halves(&documents)?;
        return Some((plain(left), plain(right)));
    }
    let (elements, opening, closing) = elements(text, known);
    let (left, right) = halves(&elements)?;
    let framed = |body| Half { opening: opening.clone(), body, closing };
    Some((framed(left), framed(right)))
}

/// How many records a batch holds, as far as its structure shows.
pub fn count(text: &[u8], known: &Arc<RecordKeys>) -> u64 {
    documents(text)
        .into_iter()
        .map(|document| {
            let (elements, opening, _) = elements(text.get(document).unwrap_or_default(), known);
            if opening.is_empty() { 1 } else { elements.len() as u64 }
        })
        .sum()
}

/// Cuts a row of ranges where the bytes on both sides are nearest to equal.
fn halves(ranges: &[Range<usize>]) -> Option<(Range<usize>, Range<usize>)> {
    let (first, last) = (ranges.first()?, ranges.last()?);
    let middle = first.start + (last.end - first.start) / 2;
    let pairs = ranges.iter().zip(ranges.iter().skip(1));
    let (left, right) = pairs.min_by_key(|(_, right)| right.start.abs_diff(middle))?;
    Some((first.start..left.end, right.start..last.end))
}

fn documents(text: &[u8]) -> Vec<Range<usize>> {
    let mut scanner = Scanner::of_documents();
    let mut found = Vec::new();
    let mut start = 0;
    while let (end, Some(_)) = scanner.next(text, start) {
        found.push(start..end);
        start = end;
    }
    if !text.get(start..).unwrap_or_default().trim_ascii().is_empty() {
        found.push(start..text.len());
    }
    found
}

/// The line end between two documents that is nearest to the middle from before it, or else the last one.
fn line(text: &[u8]) -> Option<usize> {
    let half = text.get(..text.len() / 2)?;
    boundary::last(half, 0).or_else(|| boundary::last(text, 0))
}

/// The elements of the first list, and what stands around them.
fn elements(text: &[u8], known: &Arc<RecordKeys>) -> (Vec<Range<usize>>, Vec<u8>, &'static [u8]) {
    let mut scanner = Scanner::of_lists(known);
    let (start, Some(Mark::ListStart)) = scanner.next(text, 0) else {
        return (Vec::new(), Vec::new(), b"");
    };
    let mut list = List::new(scanner.list_keys());
    let (opening, closing) = list.frame();
    (list.elements(text, start, known), opening, closing)
}

#[cfg(test)]
mod tests {
    use super::super::tests::known_keys;
    use super::{count, split};

    fn texts(text: &str) -> Option<(String, String)> {
        let whole = |half: super::Half| {
            let parts = [&half.opening, &text.as_bytes()[half.body], half.closing].concat();
            String::from_utf8(parts).unwrap()
        };
        split(text.as_bytes(), &known_keys()).map(|(left, right)| (whole(left), whole(right)))
    }

    #[test]
    fn batches_are_parted_between_records() {
        let cases: [(&str, Option<(&str, &str)>); 7] = [
            ("{\"a\":1}\n", None),
            ("{}\n{}\n", Some(("{}\n", "{}\n"))),
            ("{\n}\n{\n}\n{\"long\": 12345}\n", Some(("{\n}\n{\n}\n", "{\"long\": 12345}\n"))),
            ("[{},{}]", Some(("[{}]", "[{}]"))),
            (
                "{\"x\":1,\"Records\":[{},{}],\"y\":2}",
                Some(("{\"Records\":[{}]}", "{\"Records\":[{}]}")),
            ),
            ("{\"Records\":[{}]}", None),
            ("{\"broken\n{}\n", Some(("{\"broken\n", "{}"))),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(left, right)| (left.to_owned(), right.to_owned()));
            assert_eq!(texts(text), expected, "{text:?}");
        }
    }

    #[test]
    fn records_are_counted_by_structure() {
        assert_eq!(count(b"{}\n[{},{}]\nnot json\n{\"Records\":[{},{},{}]}", &known_keys()), 7);
    }
}
