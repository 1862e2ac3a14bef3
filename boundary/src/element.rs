//! An offset in a list in, where the element that begins there ends out: for a host, which has of a large
//! list only a part.

use crate::edges::{Edge, Edges};
use crate::json;
use crate::recovery::{Resumed, ends_element, failed_at, line_goes_on, resume};
use tocsin_wire::RecordKeys;

/// What became of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// It ends before this offset.
    Ends(usize),
    /// It can't be read; the list goes on at this offset.
    Broken(usize),
    /// It can't be read, and the list ends with its line, at this offset.
    ListBroken(usize),
    /// The text ends first.
    Incomplete,
}

/// The element of a list that begins at an offset. `over_lines`: the list is written over several lines.
///
/// No whole record is parted: where a broken element ends by its brackets alone, no record that begins
/// inside of it goes on behind that place.
pub fn element(text: &[u8], at: usize, over_lines: bool, keys: &RecordKeys) -> Element {
    if text.get(at) == Some(&b'{') {
        let mut edges = Edges::new(text, at);
        if let (Some(Edge::Start(_)), Some(Edge::End(end))) = (edges.next(), edges.next())
            && edges.is_sound(at, end)
            && ends_element(text, end) == Some(true)
        {
            return Element::Ends(end);
        }
    }
    let is_container = matches!(text.get(at), Some(b'{' | b'['));
    let failed = match json::value_end(text, at) {
        Ok(end) if is_container && end < text.len() => return Element::Ends(end),
        // What a text, a number or a word is, what stands behind it says.
        Ok(end) => match text.get(end..).unwrap_or_default().trim_ascii_start().first() {
            None => return Element::Incomplete,
            Some(b',' | b']') => return Element::Ends(end),
            Some(_) => end,
        },
        Err(fault) if fault.cut_off => return Element::Incomplete,
        Err(fault) => fault.offset,
    };
    let mut resumed = resume(text, failed_at(text, at, failed), over_lines, keys);
    if let Resumed::Ended(end) = resumed
        && !over_lines
        && line_goes_on(text, end)
    {
        resumed = resume(text, end, true, keys);
    }
    match resumed {
        Resumed::Element(next) => Element::Broken(next),
        Resumed::Ended(end) => Element::ListBroken(end),
        Resumed::Unknown => Element::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, element};
    use crate::sample::KEYS;

    /// `|` stands where the element ends, or where the list goes on behind it.
    #[test]
    fn elements_end_by_their_brackets_or_where_the_next_one_begins() {
        for text in
            [r#"{"a":[{}]}|,{"b":1}"#, r#"{}|]"#, "[[1]]|,2", r#""a"|,"#, r#"{"a":"},{\""}|]"#]
        {
            let end = text.find('|').unwrap();
            let found = element(text.replace('|', "").as_bytes(), 0, false, &KEYS);
            assert_eq!(found, Element::Ends(end), "{text}");
        }
        for text in [
            r#"{"a:"b","c":{"d":1}},|{"e":2}"#,
            r#"{"a":"b,|{"e":"}]}"}]}"#,
            r#"{"a"{"b":[{"c":1},{"d":2}]},|{"e":2}"#,
            "{\"a\":\"b\nc\"},|{\"d\":1}",
            "{\"a\":\"b\nc,\"d\":1},|{\"e\":2}",
        ] {
            let end = text.find('|').unwrap();
            let found = element(text.replace('|', "").as_bytes(), 0, false, &KEYS);
            assert_eq!(found, Element::Broken(end), "{text}");
        }
        for text in ["{\"a\":\"b|\n{\"c\":1}\n", "{\"a\":x|\n\nmore\n{\"c\":1},{\"d\":1}\n"] {
            let end = text.find('|').unwrap();
            let found = element(text.replace('|', "").as_bytes(), 0, false, &KEYS);
            assert_eq!(found, Element::ListBroken(end), "{text}");
        }
        for text in ["{\"a\":1", "{\"a\":1}", "{\"a\"x", "12", "{\"a\"x\n"] {
            assert_eq!(element(text.as_bytes(), 0, false, &KEYS), Element::Incomplete, "{text}");
        }
    }
}
