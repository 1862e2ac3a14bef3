//! Bytes in, a place between two records out, found without reading the records.
//!
//! In JSON a value that ends with a bracket is followed, inside an object or array, by a comma or a
//! closing bracket. So where a closing bracket is followed by nothing but space with a line end in
//! it and then by an opening bracket, both brackets stand outside of everything: the line end lies
//! between two documents. It can't lie in a string either, as these hold no raw line ends. That makes
//! one look at a line end enough, however large the records are.

use memchr::memrchr;

/// The last place between two documents at or after `from`: right behind a line end.
pub(super) fn last(data: &[u8], from: usize) -> Option<usize> {
    let mut end = data.len();
    while let Some(newline) = memrchr(b'\n', data.get(from..end)?).map(|at| from + at) {
        let before = data.get(..newline)?.trim_ascii_end();
        let after = data.get(newline..)?.trim_ascii_start();
        if matches!(before.last(), Some(b'}' | b']')) && matches!(after.first(), Some(b'{' | b'['))
        {
            return Some(newline + 1);
        }
        // The whole of this blank stretch is decided; go on before it.
        end = before.len().max(from);
    }
    None
}

/// How much of `data` needs no second look by [`last`] when more bytes follow: all but the blank
/// stretch at its end.
pub(super) fn decided(data: &[u8]) -> usize {
    data.trim_ascii_end().len()
}

#[cfg(test)]
mod tests {
    use super::{decided, last};

    #[test]
    fn only_a_line_end_between_closing_and_opening_brackets_is_a_place_to_cut() {
        let cases: [(&str, Option<usize>); 12] = [
            ("", None),
            ("{}", None),
            ("{}\n", None),
            ("{}\n{}", Some(3)),
            ("{}\r\n{}\r\n{", Some(8)),
            ("{}\n\n \n {}", Some(6)),
            ("[\n{},\n{}\n]", None),
            ("[{}\n,{}\n,{}]", None),
            ("{\"a\":\n{\n}\n}\n", None),
            ("{\"a\":\n{\n}\n}\n[{", Some(12)),
            ("{} {} {}", None),
            ("{\"cut\":\"off\n{}\n{\"c\n", Some(15)),
        ];
        for (text, expected) in cases {
            assert_eq!(last(text.as_bytes(), 0), expected, "{text:?}");
        }
    }

    #[test]
    fn a_search_goes_on_where_the_last_one_ended() {
        let text = b"{\"a\":1}\n\n";
        assert_eq!(decided(text), 7);
        assert_eq!(last(b"{\"a\":1}\n\n{", 7), Some(9));
        assert_eq!(last(b"{}\n{} \n", 3), None, "what was before isn't found again");
    }
}
