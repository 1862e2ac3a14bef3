//! In: a text of any accepted shape. Out: where its values begin, one at a time.
//!
//! The caller reads the value and says how far it went or why it failed; that decides where the next
//! one is looked for. So every byte is read once, by the caller that needs it, and a broken value costs as
//! little of its surroundings as possible: `tocsin_boundary` has the rules, `broken` follows them.

mod broken;
mod recovery;

use super::json::{Container, Fault, JsonError, Reader, Scalar, Token};
use super::lines::line_end;
use super::seek::{begins_objects, behind_object, end_of_text};
use broken::Broken;

/// Keys whose array holds records, where they are the first of a document: its elements are then
/// taken one at a time, so that a broken one costs itself alone.
pub(crate) use crate::source::{LIST_KEYS as CONTAINER_KEYS, RECORD_KEYS};

/// The same where a document can't be read whole.
use crate::source::{LIST_IN_OBJECT, OTHER_LIST_KEYS};

/// How many bytes of a text may be read again to find records that a broken value has swallowed: so
/// many times its length, and some more for short ones. After that each line counts for itself.
const REREADS: (usize, usize) = (4, 1 << 16);

/// Bytes within which most records end.
const NEAR: usize = 1 << 14;

/// U+FEFF in UTF-8; files that begin with it may have been joined.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How deep arrays of arrays, and documents in them, may be stacked.
const ARRAY_DEPTH: usize = 16;

/// A place where a value begins, and the end of the text that it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    pub(crate) limit: usize,
    /// Whether it may be a part of broken text around it.
    pub(crate) doubt: Doubt,
}

/// Whether a value may be a part of what is broken around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It stands where a value should.
    No,
    /// It is one, unless it is a record by its keys or ends its line.
    UnlessLineEnds,
    /// It is one, unless it is a record by its keys.
    Yes,
    /// It is one, unless it is a record by its keys, and neither a comma nor a brace follows on its line.
    UnlessRecordEndsLine,
}

/// What to do after a value that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// It may go on beyond its line: read it again with this candidate.
    Retry(Candidate),
    /// It is a document with records inside, which are taken one at a time: go on.
    Entered,
    /// Report this; the next candidate lies behind it.
    Report(JsonError),
    /// It is a part of what has been reported.
    Reported,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A list of records begins; already entered.
    List,
    /// A value to read.
    Value(Candidate),
    /// Something that is no value; already passed over.
    Broken(JsonError),
    /// A document, from its start to its end, whose array of records has been taken, and which has
    /// other keys as well: they may make it a record itself.
    Around(usize, usize),
}

/// What surrounds the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// A bare array.
    Array,
    /// The record array, whose inside begins at `list`, of the document that begins at `start`, in so many objects.
    Document { start: usize, other_keys: bool, list: usize, levels: usize },
}

/// The position in a text, and how it got there.
#[derive(Debug)]
pub(crate) struct Frames {
    at: usize,
    end: usize,
    /// The arrays around it, each with whether the one around that goes over lines.
    inside: Vec<(Inside, bool)>,
    /// Whether the innermost array goes over the end of the line that it began on.
    over_lines: bool,
    /// Lines before this offset have been read as parts of a value once.
    lines_until: usize,
    /// How many bytes may still be read again.
    rereads: usize,
    /// Where a line's end was looked for last, and where it is.
    line: (usize, usize),
    /// The text from the position on is broken.
    broken: Option<Broken>,
    /// In broken text: an object before the position that may be a record.
    nested: Option<usize>,
    /// The last value that was read, if nothing has come since.
    last: Option<(usize, usize)>,
    /// A value ends at the position.
    behind: bool,
    /// The line has ended on which a list began, and the list hasn't.
    line_ended: bool,
    /// The value at hand is read over the end of its line.
    tries_lines: bool,
    /// Something in the list could not be read, so that where it ends is uncertain.
    torn: bool,
    /// The end of the line up to which what stands behind such a list may still be its elements: that on which it
    /// seems to end and those that go on with an object, or the one behind a line that breaks off.
    torn_until: usize,
    /// Where the insides of lists of the document stand whose end was found last.
    lists: Vec<(usize, usize)>,
}

impl Frames {
    /// The values of `text[at..end]`.
    pub(crate) fn new(at: usize, end: usize) -> Frames {
        let (times, more) = REREADS;
        Frames {
            at,
            end,
            inside: Vec::new(),
            over_lines: false,
            lines_until: 0,
            rereads: end.saturating_sub(at).saturating_mul(times).saturating_add(more),
            // No line's end is known: the range is empty.
            line: (1, 0),
            broken: None,
            nested: None,
            last: None,
            behind: false,
            line_ended: false,
            tries_lines: false,
            torn: false,
            torn_until: 0,
            lists: Vec::new(),
        }
    }

    /// The next place that holds something; nothing at the end of the text.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(crate) fn next(&mut self, text: &[u8]) -> Option<Found> {
        let text = text.get(..self.end).unwrap_or(text);
        self.tries_lines = false;
        loop {
            if let Some(broken) = self.broken {
                match self.next_in_broken(text, broken) {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            self.skip_separators(text);
            let start = self.at;
            if std::mem::take(&mut self.line_ended)
                && let Some(found) = self.unclosed(text)
            {
                return Some(found);
            }
            let Some(byte) = text.get(start) else {
                return self.unclosed(text);
            };
            match byte {
                b'[' => {
                    if self.inside.len() >= ARRAY_DEPTH && self.begins_line(text, start) {
                        // What is open before it can't keep a line from being read.
                        self.inside.clear();
                    }
                    if self.inside.len() >= ARRAY_DEPTH {
                        self.skip_line(text);
                        self.inside.clear();
                        return Some(broken(start, "arrays are nested too deep around the record"));
                    }
                    self.enter(Inside::Array);
                    self.at += 1;
                    return Some(Found::List);
                }
                b']' if !self.inside.is_empty() => {
                    (self.at, self.last, self.behind) = (start + 1, None, true);
                    if self.torn && self.torn_until < start {
                        let line = self.line_end(text, start);
                        self.torn_until = behind_object(text, line, true);
                    }
                    let Some((inside, over_lines)) = self.inside.pop() else { continue };
                    self.over_lines |= over_lines;
                    if let Inside::Document { start: outer, other_keys, list, levels } = inside {
                        self.lists.retain(|(from, _)| *from > outer);
                        if self.lists.try_reserve(1).is_ok() {
                            self.lists.push((list, start));
                        }
                        let start = outer;
                        let from = self.at;
                        // Where too much has been read again already, a line counts for itself.
                        let end =
                            if self.rereads > 0 { text.len() } else { self.line_end(text, from) };
                        let rest = text.get(..end).unwrap_or(text);
                        match self.rest_of_document(rest, start, other_keys, levels) {
                            Ok(true) => {
                                let end = self.at;
                                if self.torn {
                                    // What seems to be other keys may be elements.
                                    self.look_inside(from, end);
                                }
                                return Some(Found::Around(start, end));
                            }
                            Ok(false) => {}
                            Err(error) => {
                                let found = self.behind_document(text, start, from, error);
                                // What seems to be other keys may be elements.
                                self.look_inside(from, self.at);
                                return Some(found);
                            }
                        }
                    }
                }
                // What is left of a list that seemed to end before; that has been reported.
                b']' | b'}' if self.inside.is_empty() && start < self.torn_until => self.at += 1,
                b'{' if self.inside.len() < ARRAY_DEPTH && self.document(text) => {
                    return Some(Found::List);
                }
                b'{' | b'"' => {
                    let limit = self.limit(text, start);
                    return Some(Found::Value(Candidate { start, limit, doubt: Doubt::No }));
                }
                _ => {
                    (self.broken, self.last) = (Some(Broken::Line { members: true }), None);
                    self.torn |= !self.inside.is_empty();
                    if self.behind && !self.begins_line(text, start) {
                        // A value before it on its line may be one that ends too early.
                        self.torn_until = self.line_end(text, start);
                    }
                    return Some(broken(start, "expected a JSON object"));
                }
            }
        }
    }

    /// The position of the value that comes next, and whether it lies at the text's top and not in a list;
    /// nothing where text is broken.
    pub(crate) fn position(&mut self, text: &[u8]) -> Option<(usize, bool)> {
        if self.broken.is_some() {
            return None;
        }
        self.skip_separators(text);
        (!self.line_ended).then_some((self.at, self.inside.is_empty()))
    }

    /// Elements or lines up to `end` have been passed over, and between two elements perhaps a line's end.
    pub(crate) fn passed(&mut self, end: usize, over_lines: bool) {
        self.over_lines |= over_lines;
        self.done(end);
    }

    /// Values up to `end` need no other look.
    pub(crate) fn done(&mut self, end: usize) {
        (self.at, self.last, self.behind) = (end, None, true);
    }

    /// The value of a candidate ended at `end`.
    pub(crate) fn read(&mut self, candidate: Candidate, end: usize) {
        (self.at, self.behind) = (end, true);
        self.last = (candidate.doubt == Doubt::No).then_some((candidate.start, end));
    }

    /// Where the insides of the lists stand of the document that was found last.
    pub(crate) fn lists(&self) -> &[(usize, usize)] {
        &self.lists
    }

    /// Whether the value that was read last goes on behind the end of its line.
    pub(crate) fn is_over_lines(&self) -> bool {
        self.tries_lines
    }

    fn enter(&mut self, inside: Inside) {
        (self.last, self.behind) = (None, false);
        self.torn &= !self.inside.is_empty();
        self.inside.push((inside, std::mem::take(&mut self.over_lines)));
    }

    /// How far the value at an offset is read at first: up to its line's end, or less if that is far and
    /// not known yet.
    fn limit(&mut self, text: &[u8], start: usize) -> usize {
        let near = text.get(..start.saturating_add(NEAR)).unwrap_or(text);
        let (from, end) = self.line;
        if !(from..=end).contains(&start) {
            let end = line_end(near, start);
            if end == near.len() && end < text.len() {
                return end;
            }
            self.line = (start, end);
        }
        self.line.1
    }

    /// The end of the line that an offset lies in. It is looked for once a line.
    fn line_end(&mut self, text: &[u8], offset: usize) -> usize {
        let (from, end) = self.line;
        if !(from..=end).contains(&offset) {
            self.line = (offset, line_end(text, offset));
        }
        self.line.1
    }

    /// Blanks, and the commas between elements; also a byte order mark and the record separators of
    /// JSON text sequences.
    fn skip_separators(&mut self, text: &[u8]) {
        let one_line = self.behind && !self.inside.is_empty() && !self.over_lines;
        let mut comma = false;
        loop {
            match text.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | 0x1e) => self.at += 1,
                Some(b',') => (self.at, comma) = (self.at + 1, true),
                Some(b'\n') => {
                    self.over_lines = true;
                    self.at += 1;
                }
                Some(0xef) if text.get(self.at..self.at + 3) == Some(BYTE_ORDER_MARK) => {
                    self.at += 3
                }
                byte => {
                    // What begins the next line is no part of a list on one line that has no comma there.
                    let begins = byte.is_some_and(|byte| !matches!(byte, b']' | b'}'));
                    self.line_ended |= one_line && self.over_lines && !comma && begins;
                    break;
                }
            }
        }
    }

    /// The end of the text, or of a list's line: reported once for arrays that are still open.
    fn unclosed(&mut self, text: &[u8]) -> Option<Found> {
        if self.inside.is_empty() {
            return None;
        }
        self.inside.clear();
        let at = if self.at < text.len() { end_of_text(text, self.at) } else { self.at };
        if let Some((start, end)) = self.last.take() {
            // A value that was cut off in an array of its own has taken those behind it for elements of that.
            (self.at, self.broken) = (start + 1, Some(Broken::Inside { until: end, line: false }));
        }
        Some(broken(at, "the text ends before the array of records is closed"))
    }

    /// Enters a document whose first key holds an array of records.
    fn document(&mut self, text: &[u8]) -> bool {
        let mut reader = Reader::new(text, self.at);
        if !matches!(reader.next(), Ok(Some(Token::Open(Container::Object)))) {
            return false;
        }
        let Ok(Some(Token::Key(key))) = reader.next() else { return false };
        if !CONTAINER_KEYS.iter().any(|name| key.equals(name)) {
            return false;
        }
        if !matches!(reader.next(), Ok(Some(Token::Open(Container::Array)))) {
            return false;
        }
        if !begins_objects(text, reader.position()) {
            return false;
        }
        let start = self.at;
        self.at = reader.position();
        self.enter(Inside::Document { start, other_keys: false, list: self.at, levels: 1 });
        true
    }

    /// Behind a document's record array: its other keys, among which may be another record array.
    /// True at the end of a document that has other keys.
    fn rest_of_document(
        &mut self,
        text: &[u8],
        start: usize,
        mut other_keys: bool,
        mut levels: usize,
    ) -> Result<bool, JsonError> {
        loop {
            self.skip_blanks(text);
            match text.get(self.at) {
                Some(b'}') => {
                    self.at += 1;
                    levels = levels.saturating_sub(1);
                    if levels == 0 {
                        return Ok(other_keys);
                    }
                    continue;
                }
                Some(b',') => self.at += 1,
                None => return Err(JsonError { offset: self.at, fault: Fault::CutOff }),
                Some(_) => {
                    return Err(self.expected("expected `,` or `}` after an array of records"));
                }
            }
            self.skip_blanks(text);
            if text.get(self.at) != Some(&b'"') {
                return Err(self.expected("expected an object's key in quotes"));
            }
            let mut key = Reader::new(text, self.at);
            let token = key.next()?;
            self.at = key.position();
            self.skip_blanks(text);
            if text.get(self.at) != Some(&b':') {
                return Err(self.expected("expected `:` after an object's key"));
            }
            let mut value = Reader::new(text, self.at + 1);
            let first = value.next()?;
            let Some(Token::Scalar(Scalar::Text(name))) = token else { continue };
            if matches!(first, Some(Token::Open(Container::Array)))
                && levels == 1
                && CONTAINER_KEYS.iter().any(|known| name.equals(known))
            {
                self.at = value.position();
                self.enter(Inside::Document { start, other_keys, list: self.at, levels });
                return Ok(false);
            }
            other_keys = true;
            if matches!(first, Some(Token::Open(_))) {
                value.skip_container()?;
            }
            self.at = value.position();
        }
    }

    fn expected(&self, what: &'static str) -> JsonError {
        JsonError { offset: self.at, fault: Fault::Expected(what) }
    }

    fn skip_blanks(&mut self, text: &[u8]) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(self.at) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self, text: &[u8]) {
        self.at = line_end(text, self.at);
    }
}

fn broken(offset: usize, what: &'static str) -> Found {
    Found::Broken(JsonError { offset, fault: Fault::Expected(what) })
}
