//! A batch in, where plain records lie in it out: what plainly is one of CloudTrail's own records, told
//! by its ends, without reading it.
//!
//! The module and its hosts must see that alike, so that a record is passed over everywhere or nowhere;
//! this is the one place that says it. The module can do it for itself; a host does it faster, with the
//! processor's wide instructions, which the module doesn't have.
#![forbid(unsafe_code)]

mod edges;
mod feeds;
mod lanes;
mod survey;

use edges::{Edge, Edges};
use memchr::memchr;
use tocsin_wire::limits::RECORD_BYTES;

pub use survey::{END, IN_LIST, Survey};

/// Plain records that stand in a list, nothing but a comma between them, and all on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The end of the last of them; none if there isn't one.
    pub end: Option<usize>,
    /// Whether the rest of the text has been searched for the end of what follows.
    pub to_the_end: bool,
}

/// The row of plain records that begins at an offset in a list.
pub fn row(text: &[u8], at: usize) -> Row {
    let mut edges = Edges::new(text, at);
    let mut end = None;
    let (mut expected, mut start) = (at, at);
    let to_the_end = loop {
        match edges.next() {
            Some(Edge::Start(at)) if at == expected => start = at,
            Some(Edge::End(at)) if is_record(text.get(start..at).unwrap_or_default()) => {
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
    let one_line = |end: &usize| memchr(b'\n', text.get(at..*end).unwrap_or_default()).is_none();
    Row { end: end.filter(one_line), to_the_end }
}

/// Whether a text begins as a plain record: with a key that only CloudTrail's own records have at their top,
/// so that it is one record whatever else it holds.
fn begins(text: &[u8]) -> bool {
    // Of known length, they are compared as two words.
    text.first_chunk() == Some(b"{\"eventVersion\"")
        || text.first_chunk() == Some(b"{\"eventName\"")
}

/// Whether a text is a plain record, if it is one value.
fn is_record(text: &[u8]) -> bool {
    begins(text) && ends(text)
}

/// Whether a text that begins as a plain record is one, if it is one value.
fn ends(text: &[u8]) -> bool {
    text.last() == Some(&b'}') && text.len() <= RECORD_BYTES
}

#[cfg(test)]
mod tests {
    use super::row;

    /// `#` stands for the begin of a plain record, `|` for where the row ends.
    #[test]
    fn records_in_a_row() {
        for text in [
            "#}|",
            "#}|]",
            "#},#}|, #}]",
            "#},#}|,{},#}]",
            "#},#}|,#",
            "#,\"a\":[{\"b\":[]}]},#,\"a\":\"}]\"}|]",
        ] {
            let text = text.replace('#', "{\"eventVersion\":\"1.08\"");
            let end = text.find('|');
            assert_eq!(row(text.replace('|', "").as_bytes(), 0).end, end, "{text}");
        }
        for text in ["", "{}", "#", "#]", " #}", "#\n},#}"] {
            let text = text.replace('#', "{\"eventVersion\":\"1.08\"");
            assert_eq!(row(text.as_bytes(), 0).end, None, "{text}");
        }
    }
}
