//! In: a text of any accepted shape. Out: where its values begin, one at a time.
//!
//! The caller reads the value and says how far it went or why it failed; that decides where the next
//! one is looked for. So every byte is read once, by whoever needs it, and a broken value costs as
//! little of its surroundings as can be told.

use super::json::{Container, Fault, JsonError, Reader, Scalar, Token};

/// Keys whose array holds records, where they are the first of a document: its elements are then
/// taken one at a time, so that a broken one costs itself alone.
pub(crate) const CONTAINER_KEYS: [&str; 4] = ["Records", "logEvents", "Events", "Messages"];

/// How often in one text a value that never ends is given up and its inside searched for records.
const REWINDS: u32 = 16;

/// How deep arrays of arrays, and documents in them, may be stacked.
const ARRAY_DEPTH: usize = 16;

/// A place where a value begins, and the end of the text that it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    pub(crate) limit: usize,
}

/// What to do after a value that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// It may go on beyond its line: read it again with this candidate.
    Retry(Candidate),
    /// Report it; the next candidate lies behind it.
    Report,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
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
    /// The record array of the document that begins at this offset with one of [`CONTAINER_KEYS`].
    Document { start: usize, other_keys: bool },
}

/// The position in a text, and how it got there.
#[derive(Debug)]
pub(crate) struct Frames {
    at: usize,
    end: usize,
    inside: Vec<Inside>,
    /// Lines before this offset have been tried as one value and are taken one by one now.
    lines_until: usize,
    rewinds: u32,
}

impl Frames {
    /// The values of `text[at..end]`.
    pub(crate) fn new(at: usize, end: usize) -> Frames {
        Frames { at, end, inside: Vec::new(), lines_until: 0, rewinds: 0 }
    }

    /// The next place that holds something; nothing at the end of the text.
    pub(crate) fn next(&mut self, text: &[u8]) -> Option<Found> {
        let text = text.get(..self.end).unwrap_or(text);
        loop {
            self.skip_separators(text);
            let start = self.at;
            let Some(byte) = text.get(start) else { return self.unclosed() };
            match byte {
                b'[' => {
                    if self.inside.len() >= ARRAY_DEPTH {
                        self.skip_line(text);
                        self.inside.clear();
                        return Some(broken(start, "arrays are nested too deep around the record"));
                    }
                    self.inside.push(Inside::Array);
                    self.at += 1;
                }
                b']' if !self.inside.is_empty() => {
                    self.at += 1;
                    if let Some(Inside::Document { start, other_keys }) = self.inside.pop() {
                        match self.rest_of_document(text, start, other_keys) {
                            Ok(true) => return Some(Found::Around(start, self.at)),
                            Ok(false) => {}
                            Err(error) => {
                                self.resync(text, error.offset);
                                return Some(Found::Broken(error));
                            }
                        }
                    }
                }
                b'{' if self.inside.len() < ARRAY_DEPTH && self.document(text) => {}
                b'{' | b'"' => {
                    let limit =
                        if self.inside.is_empty() { line_end(text, start) } else { text.len() };
                    return Some(Found::Value(Candidate { start, limit }));
                }
                _ => {
                    self.resync(text, start);
                    return Some(broken(start, "expected a JSON object"));
                }
            }
        }
    }

    /// The value of the last candidate ended at `end`.
    pub(crate) fn done(&mut self, end: usize) {
        self.at = end;
    }

    /// The value of the last candidate could not be read.
    pub(crate) fn failed(&mut self, text: &[u8], tried: Candidate, error: JsonError) -> Recovery {
        let text = text.get(..self.end).unwrap_or(text);
        if self.inside.is_empty() {
            if error.fault == Fault::CutOff
                && error.offset >= tried.limit
                && tried.limit < text.len()
                && tried.start >= self.lines_until
            {
                return Recovery::Retry(Candidate { start: tried.start, limit: text.len() });
            }
            let first_line = line_end(text, tried.start);
            if tried.limit > first_line {
                // The value isn't one over several lines either. Only its first line is lost; what
                // follows is taken line by line up to where the attempt broke, so that no byte is
                // read more than twice.
                self.lines_until = error.offset;
                self.at = next_opening_line(text, first_line, error.offset);
            } else {
                self.at = first_line;
            }
            return Recovery::Report;
        }
        let cut_off = matches!(error.fault, Fault::CutOff);
        let from = if cut_off && self.rewinds < REWINDS {
            self.rewinds += 1;
            tried.start + 1
        } else {
            error.offset
        };
        self.resync(text, from);
        Recovery::Report
    }

    /// Blanks, and the commas between elements; also a byte order mark and the record separators of
    /// JSON text sequences.
    fn skip_separators(&mut self, text: &[u8]) {
        if self.at == 0 && text.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        while let Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | 0x1e) = text.get(self.at) {
            self.at += 1;
        }
    }

    /// The end of the text: said once for arrays that are still open.
    fn unclosed(&mut self) -> Option<Found> {
        if self.inside.is_empty() {
            return None;
        }
        self.inside.clear();
        Some(broken(self.at, "the text ends before the array of records is closed"))
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
        // A list of other things under such a name doesn't make a document of records.
        if !matches!(reader.next(), Ok(Some(Token::Open(Container::Object) | Token::Close(_)))) {
            return false;
        }
        let start = self.at;
        self.at = reader.token_start();
        self.inside.push(Inside::Document { start, other_keys: false });
        true
    }

    /// Behind a document's record array: its other keys, among which may be another record array.
    /// True at the end of a document that has other keys.
    fn rest_of_document(
        &mut self,
        text: &[u8],
        start: usize,
        mut other_keys: bool,
    ) -> Result<bool, JsonError> {
        loop {
            self.skip_blanks(text);
            match text.get(self.at) {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(other_keys);
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
                && CONTAINER_KEYS.iter().any(|known| name.equals(known))
            {
                self.at = value.position();
                self.inside.push(Inside::Document { start, other_keys });
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

    /// Goes to the next place at or behind `from` where an element or a line may begin: a `{` behind
    /// a comma inside an array, or a line that begins with `{` or `[`.
    fn resync(&mut self, text: &[u8], from: usize) {
        if self.inside.is_empty() {
            self.at = line_end(text, from);
            return;
        }
        let mut before = b' ';
        let mut new_line = false;
        let mut at = from.max(self.at);
        while let Some(byte) = text.get(at) {
            match byte {
                b'{' if before == b',' || new_line => break,
                b'[' if new_line => break,
                b'\n' => new_line = true,
                b' ' | b'\t' | b'\r' => {}
                other => {
                    before = *other;
                    new_line = false;
                }
            }
            at += 1;
        }
        if new_line && text.get(at).is_some() && before != b',' {
            // A line of its own, not an element: the array it seemed to be in never was one.
            self.inside.clear();
        }
        if at >= text.len() {
            self.inside.clear();
        }
        self.at = at;
    }
}

fn broken(offset: usize, what: &'static str) -> Found {
    Found::Broken(JsonError { offset, fault: Fault::Expected(what) })
}

/// The offset of the line's end at or behind `from`: of its `\n`, or of the text's end.
fn line_end(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| from + length)
}

/// The first line behind `from` that begins with `{` or `[`, or the line's end at or behind `until`.
fn next_opening_line(text: &[u8], from: usize, until: usize) -> usize {
    let mut at = from;
    while at < until {
        if let Some(b'{' | b'[') = text.get(at + 1) {
            return at;
        }
        at = line_end(text, at + 1);
    }
    at.min(text.len())
}
