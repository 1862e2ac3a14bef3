//! A batch in; out where its records begin and end, found without reading them.
//!
//! The module and its hosts must agree on this, so that a record is passed over everywhere or nowhere, and
//! a damaged one costs itself alone wherever it is read. The rules stand here alone.
//!
//! # How records are found in damaged text
//!
//! 1. A value ends where its brackets say, if it can be read up to there.
//! 2. A line end is never inside a string. Outside of a value over several lines that can be read to its
//!    end, it is where what stands on the line ends, and nothing on the line moves that.
//! 3. A brace, a quote and the first letter of a key begin an object, wherever they stand, the brace perhaps at the end
//!    of a line: a quote inside a string is escaped, and behind one that ends a string no letter stands. A reader that
//!    has taken them for a part of a string has lost a quote before them.
//! 4. Behind a value that can't be read, the next one is sought from where reading failed, on the same
//!    line: an object by rule 3. In a list one behind a comma is its next element. Any other may be a part of
//!    what is broken: it counts if it is a record by its keys, or, unless it is the value of a key or the first of
//!    an array, if it ends its line. A colon behind anything but a quote makes no key.
//! 5. Objects inside of what could be read before that count if they are records by their keys, and ended
//!    just where reading failed, or stand in an element of a list: a record was cut off, and has taken others
//!    for its own. The same holds for a line inside of a value over several lines that is a whole record.
//!    So do objects on the same line behind where such a list seems to end, and in the other keys of a document
//!    that breaks off: its end may be another array's. What stands beside another value on its line, or behind a
//!    comma, is an element without a list.
//! 6. A list on one line goes on on the next one if that has an element behind a comma, is indented, or begins with a
//!    comma or a closing bracket, or if the broken line ends with a comma; otherwise the list ends with its line, and a
//!    line that begins with an object or a list is a document of its own. A list in a list has lines of its own.
//!
//! # What is passed over unread
//!
//! A *plain* record: one that leads to a [record's key](RecordKeys) within its first kilobyte, or to a text that does
//! and ends with a brace itself, ends with `}`, and ends there for certain, no line end inside one of its strings.
//!
//! - As the whole of a line it does if the next line doesn't begin with a comma or a closing bracket: behind a brace and a
//!   line end, only these go on with a value.
//! - As an element of a list it ends where its brackets do, if from there only commas, closing brackets and
//!   blanks come before a line end, the text's end, or an object by rule 3. If the element can be read
//!   that is its end. If it can't, brackets may have been counted in its strings; but no record that begins
//!   inside of it and is whole goes on behind that place. At the place behind it that record would be
//!   outside of strings (it is there at the line end or the object, and no quote stands between), and so
//!   is the counting; both have seen the same quotes since the record's first brace, so both were outside
//!   there, and have counted the same brackets since. The record's own brace would still be open.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![forbid(unsafe_code)]

mod edges;
mod element;
mod feeds;
mod json;
mod keys;
mod lanes;
mod nesting;
mod recovery;
#[cfg(test)]
mod sample;
mod survey;

use edges::{Edge, Edges};
use keys::Begin;
use tocsin_wire::RecordKeys;
use tocsin_wire::limits::RECORD_BYTES;

pub use element::{Element, element};
pub use json::{Fault, value_end};
pub use keys::begins_record;
pub use nesting::Nesting;
pub use recovery::{
    ObjectStart, Resumed, begins_object, failed_at, goes_on, line_goes_on, next_object, resume,
};
pub use survey::{END, IN_LIST, Survey};

/// Plain records that stand in a list, nothing but a comma between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The end of the last of them; none if there isn't one.
    pub end: Option<usize>,
    /// Whether the rest of the text has been searched for the end of what follows.
    pub to_the_end: bool,
}

/// The row of plain records that begins at an offset in a list.
pub fn row(text: &[u8], at: usize, keys: &RecordKeys) -> Row {
    let mut edges = Edges::new(text, at);
    let mut end = None;
    let (mut expected, mut start) = (at, at);
    let to_the_end = loop {
        match edges.next() {
            Some(Edge::Start(at)) if at == expected => start = at,
            // Where the text ends is no end: it may go on.
            Some(Edge::End(at))
                if edges.is_sound(start, at) && is_element(text, start, at, keys) == Some(true) =>
            {
                end = Some(at);
                if text.get(at) != Some(&b',') {
                    break false;
                }
                expected = at + 1;
            }
            Some(_) => break false,
            None => break true,
        }
    };
    Row { end, to_the_end }
}

/// Whether an element is a plain record that ends for certain where its brackets say. `None` if the text
/// ends before that is known.
fn is_element(text: &[u8], start: usize, end: usize, keys: &RecordKeys) -> Option<bool> {
    let element = text.get(start..end).unwrap_or_default();
    match keys::begin(element, keys) {
        Some(begin) if ends(element, begin, keys) => recovery::ends_element(text, end),
        _ => Some(false),
    }
}

/// Whether a text that begins as a plain record is one, if it is one value.
fn ends(text: &[u8], begin: Begin, keys: &RecordKeys) -> bool {
    let is_whole = match begin {
        Begin::Record => true,
        Begin::Text(inside) => keys::text_ends(text, inside, keys),
    };
    is_whole && text.last() == Some(&b'}') && text.len() <= RECORD_BYTES
}

#[cfg(test)]
mod tests {
    use super::row;
    use crate::sample::KEYS;

    /// `#` stands for the begin of a plain record, `|` for where the row ends.
    #[test]
    fn records_in_a_row() {
        for text in [
            "#}|\n",
            "#}|]}\n",
            "#},#}|, #}]",
            "#}|,#},{},#}]",
            "#},#}|,#",
            "#,\"a\":[{\"b\":[]}]},#,\"a\":\"}]\"}|] \n",
        ] {
            let text = text.replace('#', "{\"eventVersion\":\"1.08\"");
            let end = text.find('|');
            assert_eq!(row(text.replace('|', "").as_bytes(), 0, &KEYS).end, end, "{text}");
        }
        for text in
            ["", "{}", "#", "#]", "#}", "#}]", " #}\n", "#},{}", "#,\"a\":\",{\"b\":\"}]}\"}"]
        {
            let text = text.replace('#', "{\"eventVersion\":\"1.08\"");
            assert_eq!(row(text.as_bytes(), 0, &KEYS).end, None, "{text}");
        }
    }
}
