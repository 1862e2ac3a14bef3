//! Bytes of JSON in, the places where values, lists and their elements end out.
//!
//! This reads structure alone: strings, brackets, commas. Whether a token is well formed is for the
//! detector to say; here the point is to find where a record ends even if it is broken, and never to
//! take the record after a broken one for a part of it. It keeps one bit a level of nesting and reads
//! in pieces of any size.

use std::sync::Arc;

use memchr::{memchr, memchr3};
use tocsin_boundary::{Nesting, begins_object};
use tocsin_wire::RecordKeys;

use super::list_keys::{Key, LEVELS, is_list};

/// Levels of nesting beyond which brackets aren't followed (8 MiB of bits).
const DEPTH: usize = 1 << 26;

/// What was found, right before the position that comes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A document is complete. A line that isn't JSON counts as one.
    ValueEnd,
    /// The document has been broken off; what follows begins on a line of its own.
    Broken,
    /// A list of records begins.
    ListStart,
    /// An element of the list is complete.
    ElementEnd,
    /// A comma between elements of the list.
    Comma,
    /// The list is complete, and if it was the document, that too.
    ListEnd,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between tokens.
    Between,
    /// In a string; `escaped` if the last byte was a backslash that counts.
    String { escaped: bool },
    /// In a number or word.
    Scalar,
    /// In a line that isn't JSON.
    Garbage,
}

/// The token before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Open,
    Comma,
    Colon,
    Value,
    Close,
}

/// Follows the structure of a stream.
pub(super) struct Scanner {
    state: State,
    last: Last,
    /// A line end came since the last token.
    newline: bool,
    /// No line end came since the document began.
    first_line: bool,
    /// The document ends with its first line, whatever its brackets say.
    one_line: bool,
    nesting: Nesting,
    /// The keys of the lists that are looked for, if any are.
    lists: Option<Arc<RecordKeys>>,
    /// The depth of the list that is open.
    list: Option<usize>,
    /// The last key of each object that is open, from the document on.
    keys: [Key; LEVELS],
    in_key: bool,
}

impl Scanner {
    /// Reports the ends of documents.
    pub(super) fn of_documents() -> Scanner {
        Scanner {
            state: State::Between,
            last: Last::Nothing,
            newline: true,
            first_line: true,
            one_line: false,
            nesting: Nesting::default(),
            lists: None,
            list: None,
            keys: [Key::default(); LEVELS],
            in_key: false,
        }
    }

    /// Reports the ends of documents, and lists of records and their elements.
    pub(super) fn of_lists(known: &Arc<RecordKeys>) -> Scanner {
        Scanner { lists: Some(Arc::clone(known)), ..Scanner::of_documents() }
    }

    /// Whether a document has begun and not ended.
    pub(super) fn is_inside(&self) -> bool {
        self.nesting.depth() > 0 || self.state != State::Between
    }

    /// From now on, a document that has come on one line so far ends with that line. A writer that puts
    /// on one line what is too large to be judged doesn't go on on the next.
    pub(super) fn end_with_line(&mut self, end: bool) {
        self.one_line = end;
    }

    /// Between two elements of the list of records under these keys.
    pub(super) fn of_elements(keys: &[Key], known: &Arc<RecordKeys>) -> Scanner {
        let mut scanner = Scanner { last: Last::Comma, ..Scanner::behind_list(keys, known) };
        let _ = scanner.nesting.push(false); // the outermost take no memory
        scanner.list = Some(scanner.nesting.depth());
        scanner
    }

    /// In a document, behind the list of records under these keys.
    pub(super) fn behind_list(keys: &[Key], known: &Arc<RecordKeys>) -> Scanner {
        let mut scanner = Scanner { last: Last::Close, newline: false, ..Scanner::of_lists(known) };
        for (slot, key) in scanner.keys.iter_mut().zip(keys) {
            *slot = *key;
            let _ = scanner.nesting.push(true); // the outermost take no memory
        }
        scanner
    }

    /// The keys that hold the open list, from the document on; none if the list is the document.
    pub(super) fn list_keys(&self) -> &[Key] {
        let levels = self.list.map_or(0, |depth| depth.saturating_sub(1));
        self.keys.get(..levels).unwrap_or_default()
    }

    /// Reads on at `from`; gives the position it came to, and what it found right before it. Without
    /// a find, the position is the end of `data`.
    pub(super) fn next(&mut self, data: &[u8], from: usize) -> (usize, Option<Mark>) {
        let mut at = from;
        while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
            let (taken, mark) = match self.state {
                State::Between => self.between(rest),
                State::String { escaped } => self.string(rest, escaped),
                State::Scalar => self.scalar(rest),
                State::Garbage => self.garbage(rest),
            };
            at += taken;
            if mark.is_some() {
                return (at, mark);
            }
        }
        (at, None)
    }

    fn between(&mut self, rest: &[u8]) -> (usize, Option<Mark>) {
        let blank = rest.len() - rest.trim_ascii_start().len();
        if blank > 0 {
            if let Some(at) = rest.get(..blank).and_then(|blank| memchr(b'\n', blank)) {
                if self.one_line && self.first_line && self.is_inside() {
                    return (at + 1, Some(self.broken()));
                }
                self.newline = true;
                self.first_line &= !self.is_inside();
            }
            return (blank, None);
        }
        let Some(&byte) = rest.first() else { return (0, None) };
        let mark = match byte {
            b'{' | b'[' => return self.open(rest),
            _ if self.nesting.depth() == 0 => {
                self.state = State::Garbage;
                return (0, None);
            }
            b'}' | b']' => self.close(byte == b'}'),
            b'"' => {
                self.begin_string();
                None
            }
            b',' => {
                self.last = Last::Comma;
                (self.list == Some(self.nesting.depth())).then_some(Mark::Comma)
            }
            b':' => {
                self.last = Last::Colon;
                None
            }
            _ => {
                self.state = State::Scalar;
                None
            }
        };
        self.newline = false;
        (1, mark)
    }

    fn open(&mut self, rest: &[u8]) -> (usize, Option<Mark>) {
        let object = rest.first() == Some(&b'{');
        if self.nesting.depth() > 0 && self.is_misplaced() {
            // Behind a list it may be an element of that, which has seemed to end.
            let behind_list = self.lists.is_some() && self.list.is_none();
            if self.newline || behind_list && begins_object(rest, 0) {
                return (0, Some(self.broken()));
            }
            // `,{` inside an object: the element before has lost its end.
            if let (Some(list), Last::Comma) = (self.list, self.last)
                && self.nesting.depth() > list
            {
                self.nesting.truncate(list);
                return (0, Some(Mark::ElementEnd));
            }
        }
        let depth = self.nesting.depth();
        let is_list = !object && self.list.is_none() && self.begins_list();
        if depth >= DEPTH || !self.nesting.push(object) {
            *self = Scanner {
                lists: self.lists.take(),
                state: State::Garbage,
                ..Scanner::of_documents()
            };
            return (1, None);
        }
        if depth == 0 {
            self.first_line = true;
        }
        self.last = Last::Open;
        self.newline = false;
        if is_list {
            self.list = Some(self.nesting.depth());
            return (1, Some(Mark::ListStart));
        }
        (1, None)
    }

    /// Whether an array that opens here would be a list of records.
    fn begins_list(&self) -> bool {
        let Some(known) = &self.lists else { return false };
        match self.nesting.depth() {
            0 => true,
            levels => {
                self.last == Last::Colon
                    && self.keys.get(..levels).is_some_and(|keys| is_list(keys, known))
            }
        }
    }

    /// Whether no value may stand here: after another one, or where an object has a key.
    fn is_misplaced(&self) -> bool {
        match self.last {
            Last::Value | Last::Close => true,
            Last::Open | Last::Comma => self.nesting.in_object(),
            Last::Colon | Last::Nothing => false,
        }
    }

    fn close(&mut self, object: bool) -> Option<Mark> {
        let floor = self.list.map_or(0, |list| list - 1);
        // Without an opening bracket this one means nothing; the detector will say so.
        let depth = self.nesting.matching(object, floor)?;
        self.nesting.truncate(depth);
        self.last = Last::Close;
        match self.list {
            Some(list) if depth + 1 == list => {
                self.list = None;
                Some(if depth == 0 { self.ended(Mark::ListEnd) } else { Mark::ListEnd })
            }
            Some(list) if depth == list => Some(Mark::ElementEnd),
            None if depth == 0 => Some(self.ended(Mark::ValueEnd)),
            _ => None,
        }
    }

    fn begin_string(&mut self) {
        self.state = State::String { escaped: false };
        self.in_key = (1..=LEVELS).contains(&self.nesting.depth())
            && self.nesting.in_object()
            && matches!(self.last, Last::Open | Last::Comma);
        if let Some(key) = self.key() {
            key.clear();
        }
    }

    fn string(&mut self, rest: &[u8], escaped: bool) -> (usize, Option<Mark>) {
        // A line end is never part of a string, not even after a backslash.
        if escaped && rest.first() != Some(&b'\n') {
            self.keep_key(rest, 1);
            self.state = State::String { escaped: false };
            return (1, None);
        }
        let Some(at) = memchr3(b'"', b'\\', b'\n', rest) else {
            self.keep_key(rest, rest.len());
            return (rest.len(), None);
        };
        match rest.get(at) {
            Some(b'\\') => {
                self.keep_key(rest, at + 1);
                self.state = State::String { escaped: true };
                (at + 1, None)
            }
            Some(b'"') => {
                self.keep_key(rest, at);
                (at + 1, self.value())
            }
            // On a document's first line this is a record that was cut off, on a later one a string
            // that lost its end.
            _ if self.first_line => (at + 1, Some(self.broken())),
            _ => {
                let mark = self.value();
                self.newline = true;
                (at + 1, mark)
            }
        }
    }

    fn scalar(&mut self, rest: &[u8]) -> (usize, Option<Mark>) {
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(byte, b',' | b':' | b'[' | b']' | b'{' | b'}' | b'"')
        };
        match rest.iter().position(ends) {
            Some(at) => (at, self.value()),
            None => (rest.len(), None),
        }
    }

    fn garbage(&mut self, rest: &[u8]) -> (usize, Option<Mark>) {
        match memchr(b'\n', rest) {
            Some(at) => (at + 1, Some(self.ended(Mark::ValueEnd))),
            None => (rest.len(), None),
        }
    }

    /// A string or scalar is complete.
    fn value(&mut self) -> Option<Mark> {
        self.state = State::Between;
        self.last = Last::Value;
        self.newline = false;
        self.in_key = false;
        (self.list == Some(self.nesting.depth())).then_some(Mark::ElementEnd)
    }

    fn broken(&mut self) -> Mark {
        self.ended(Mark::Broken)
    }

    fn ended(&mut self, mark: Mark) -> Mark {
        *self = Scanner { lists: self.lists.take(), ..Scanner::of_documents() };
        mark
    }

    fn keep_key(&mut self, rest: &[u8], length: usize) {
        if let Some(key) = self.key() {
            key.add(rest.get(..length).unwrap_or(rest));
        }
    }

    /// The key that is being read.
    fn key(&mut self) -> Option<&mut Key> {
        self.keys.get_mut(self.nesting.depth().wrapping_sub(1)).filter(|_| self.in_key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::known_keys;
    use super::{Mark, Scanner};

    fn of_lists() -> Scanner {
        Scanner::of_lists(&known_keys())
    }

    fn marks(mut scanner: Scanner, text: &str, piece: usize) -> Vec<(usize, Mark)> {
        let mut found = Vec::new();
        let mut at = 0;
        for end in (0..=text.len()).step_by(piece).skip(1).chain([text.len()]) {
            loop {
                let (position, mark) = scanner.next(&text.as_bytes()[..end], at);
                at = position;
                match mark {
                    Some(mark) => found.push((position, mark)),
                    None => break,
                }
            }
        }
        found
    }

    fn check(scanner: fn() -> Scanner, text: &str, expected: &[(usize, Mark)]) {
        for piece in 1..=text.len() {
            assert_eq!(marks(scanner(), text, piece), expected, "{text:?} in pieces of {piece}");
        }
    }

    #[test]
    fn documents_end_where_their_brackets_do() {
        use Mark::{Broken, ValueEnd};
        let cases: [(&str, &[(usize, Mark)]); 12] = [
            ("{}", &[(2, ValueEnd)]),
            ("{}{} []\n", &[(2, ValueEnd), (4, ValueEnd), (7, ValueEnd)]),
            ("{\"a\":[1,{}],\"b\":\"}\\\"}\"}\n", &[(23, ValueEnd)]),
            ("not json\n{}\n", &[(9, ValueEnd), (11, ValueEnd)]),
            ("{\n \"a\": {\n }\n}\n{}", &[(14, ValueEnd), (17, ValueEnd)]),
            ("{\"a\":\"b\n{}\n", &[(8, Broken), (10, ValueEnd)]),
            ("{\"a\":\"b\\\n{}\n", &[(9, Broken), (11, ValueEnd)]),
            ("{\"a\":1\n{}\n", &[(7, Broken), (9, ValueEnd)]),
            ("{\"a\":1,\n{}\n", &[(8, Broken), (10, ValueEnd)]),
            ("{\"a\":\n{}\n{}\n", &[(9, Broken), (11, ValueEnd)]),
            ("{\n\"a\": \"lost\n}\n{}", &[(14, ValueEnd), (17, ValueEnd)]),
            ("{\"a\":[1}\n{}", &[(8, ValueEnd), (11, ValueEnd)]),
        ];
        for (text, expected) in cases {
            check(Scanner::of_documents, text, expected);
        }
    }

    #[test]
    fn lists_and_their_elements_are_found() {
        use Mark::{Comma, ElementEnd, ListEnd, ListStart, ValueEnd};
        check(
            of_lists,
            "[{\"a\":[1]}, 2,\"x\"]",
            &[
                (1, ListStart),
                (10, ElementEnd),
                (11, Comma),
                (13, ElementEnd),
                (14, Comma),
                (17, ElementEnd),
                (18, ListEnd),
            ],
        );
        check(
            of_lists,
            "{\"x\":[{}],\"Records\":[{\"Records\":[{}]}]}\n",
            &[(21, ListStart), (37, ElementEnd), (38, ListEnd), (39, ValueEnd)],
        );
        check(of_lists, "{\"Recordsets\":[{}]}", &[(19, ValueEnd)]);
        check(of_lists, "{\"a\":{\"Records\":[{}]}}", &[(22, ValueEnd)]);
        check(
            of_lists,
            "{\"took\":1,\"hits\":{\"total\":{\"hits\":[{}]},\"hits\":[{}],\"x\":1},\"y\":[]}",
            &[(48, ListStart), (50, ElementEnd), (51, ListEnd), (66, ValueEnd)],
        );
        check(of_lists, "{\"a\":{\"hits\":[{}]},\"hits\":[{}]}", &[(31, ValueEnd)]);
        check(of_lists, "{\"hits\":[{\"hits\":[{}]}]}", &[(24, ValueEnd)]);
    }

    #[test]
    fn a_broken_element_does_not_take_its_neighbours_along() {
        use Mark::{Broken, Comma, ElementEnd, ListEnd, ListStart};
        check(
            of_lists,
            "[{\"a\":[1},{}]",
            &[(1, ListStart), (9, ElementEnd), (10, Comma), (12, ElementEnd), (13, ListEnd)],
        );
        check(
            of_lists,
            "[{\"a\":{\"b\":1},{}]",
            &[(1, ListStart), (14, ElementEnd), (16, ElementEnd), (17, ListEnd)],
        );
        check(
            of_lists,
            "[{\"a\":\"b\n[{}]",
            &[(1, ListStart), (9, Broken), (10, ListStart), (12, ElementEnd), (13, ListEnd)],
        );
    }
}
