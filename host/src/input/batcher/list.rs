//! Inside a list of records: bytes in, runs of whole elements out, between brackets of their own.
//!
//! Elements are found by `tocsin_boundary`, whose rules the module follows, too: a broken one costs itself,
//! and lies in its run as it is, for the module to say what is wrong.

use std::io::Read;
use std::ops::Range;

use memchr::memchr;
use tocsin_boundary::{Element, element};
use tocsin_wire::RecordKeys;

use super::list_keys::Key;
use super::structure::Scanner;
use super::{Batch, Batcher, Filled, HEAD, Lines, Next, Piece, State};
use crate::input::{BatchBuffer, BufferError};

/// What ends a list and the objects around it.
const CLOSING: &[u8] = b"]}}";

/// A list of records that is being read.
pub(super) struct List {
    /// The keys that hold it, from the document on; none if the list is the document.
    keys: Vec<Key>,
    /// Whether its elements stand on several lines.
    over_lines: bool,
    /// Whether one of them couldn't be read, so that what closes it may be another array's bracket.
    torn: bool,
}

/// What ends a search for elements.
enum Stop {
    /// More bytes are needed.
    More,
    /// The list ends before this offset.
    ListEnd(usize),
    /// The list is cut off, with its line, at this offset.
    Unclosed(usize),
}

/// Elements in the buffer that go away together.
struct Run {
    start: usize,
    /// The end of the last complete element.
    end: Option<usize>,
    /// Where the next one is looked for.
    next: usize,
    /// Whether rows of plain records are looked for.
    rows: bool,
}

impl List {
    pub(super) fn new(keys: &[Key]) -> List {
        List { keys: keys.to_vec(), over_lines: false, torn: false }
    }

    /// What stands before a run of its elements, and behind it.
    pub(super) fn frame(&self) -> Brackets {
        let mut opening = Vec::new();
        for key in &self.keys {
            opening.extend([b"{\"", key.bytes(), b"\":"].concat());
        }
        opening.push(b'[');
        (opening, CLOSING.get(..=self.keys.len()).unwrap_or(CLOSING))
    }

    /// The elements of the list whose inside begins at an offset of a text that is all there is.
    pub(super) fn elements(
        &mut self,
        text: &[u8],
        at: usize,
        known: &RecordKeys,
    ) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = at;
        loop {
            let blanks = Blanks::at(text, at);
            self.over_lines |= blanks.lines;
            let start = at + blanks.length - blanks.behind_comma;
            at += blanks.length;
            let ends = match text.get(at) {
                Some(b']') => self.ends(text, at, true) == Some(true),
                byte => byte.is_none(),
            };
            if ends {
                return found;
            }
            let (end, next) = match element(text, at, self.over_lines, known) {
                Element::Ends(end) => (end, end),
                Element::Broken(next) => {
                    self.torn = true;
                    (without_comma(text, next), next)
                }
                Element::ListBroken(_) | Element::Incomplete => (text.len(), text.len()),
            };
            found.push(start..end);
            at = next;
        }
    }

    /// Whether the closing bracket at an offset is this list's. None if what follows has to show it.
    fn ends(&self, data: &[u8], at: usize, is_all: bool) -> Option<bool> {
        match self.torn {
            true => ends_line(data, at).or(is_all.then_some(true)),
            false => Some(true),
        }
    }

    /// Extends a run by the elements that are complete. `is_all`: nothing follows the data.
    fn extend(&mut self, data: &[u8], is_all: bool, run: &mut Run, known: &RecordKeys) -> Stop {
        loop {
            let blanks = Blanks::at(data, run.next);
            let one_line = !self.over_lines && run.end.is_some();
            self.over_lines |= blanks.lines;
            let at = run.next + blanks.length;
            let Some(byte) = data.get(at) else { return Stop::More };
            if one_line && blanks.lines && !blanks.comma && matches!(byte, b'{' | b'[') {
                return Stop::Unclosed(run.next);
            }
            if run.end.is_none() {
                run.start = at - blanks.behind_comma;
            }
            if *byte == b']' {
                match self.ends(data, at, is_all) {
                    Some(true) => return Stop::ListEnd(at + 1),
                    Some(false) => {}
                    None => return Stop::More,
                }
            }
            if run.rows {
                let row = tocsin_boundary::row(data, at, known);
                // Each could be searched up to the buffer's end otherwise.
                run.rows = row.end.is_some() && !row.to_the_end;
                if let Some(end) = row.end {
                    (run.next, run.end) = (end, Some(end));
                    continue;
                }
            }
            match element(data, at, self.over_lines, known) {
                Element::Ends(end) => (run.next, run.end) = (end, Some(end)),
                Element::Broken(next) => {
                    self.torn = true;
                    (run.next, run.end) = (next, Some(without_comma(data, next)));
                }
                Element::ListBroken(end) => {
                    run.end = Some(end);
                    return Stop::Unclosed(end);
                }
                Element::Incomplete => return Stop::More,
            }
        }
    }
}

impl<R: Read> Batcher<R> {
    /// The next run of elements. The carry begins inside the list.
    pub(super) fn next_in_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut list: List,
    ) -> Result<Next, BufferError> {
        let mut filled = self.restore(buffer)?;
        let mut run = Run { start: 0, end: None, next: 0, rows: true };
        // So many bytes there must be before it is worth looking at an incomplete element again.
        let mut enough = 0;
        loop {
            let data = filled.data(buffer)?;
            if data.len() >= enough || self.ended.is_some() {
                match list.extend(data, self.ended.is_some(), &mut run, &self.record_keys) {
                    Stop::More => {}
                    Stop::ListEnd(at) => return self.end_of_list(buffer, &filled, &run, at, list),
                    Stop::Unclosed(at) => {
                        let (opening, _) = list.frame();
                        let run = run.start..run.end.unwrap_or(run.start).max(run.start);
                        self.document = None;
                        return self.run(buffer, &filled, run, at, &(opening, b""));
                    }
                }
                enough = data.len() + (data.len() - run.next.min(data.len())).min(self.sizes.whole);
            }
            let pending = data.len() - run.start;
            if let Some(end) = run.end
                && (pending >= self.sizes.batch || self.live || self.ended.is_some())
            {
                let frame = list.frame();
                self.state = State::List(list);
                let kept = run.next;
                return self.run(buffer, &filled, run.start..end, kept, &frame);
            }
            if self.ended.is_some() {
                return self.end_of_cut_off_list(buffer, &filled, &run, &list);
            }
            if pending >= self.sizes.batch && is_blank(data, run.start) {
                self.pass(buffer, filled.have)?;
                self.state = State::List(list);
                return Ok(Next::Again);
            }
            if let Some(refusal) = self.grow(buffer, &mut filled)? {
                let mut scanner = Scanner::of_elements(&list.keys, &self.record_keys);
                let record = filled.data(buffer)?.get(run.start..).unwrap_or_default();
                scanner.next(record, 0);
                let state = State::Skip { scanner, list: Some(list) };
                return self.refuse(buffer, &filled, run.start, refusal, state);
            }
        }
    }

    /// The list is complete at `at`; the document may go on.
    fn end_of_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: &Run,
        at: usize,
        list: List,
    ) -> Result<Next, BufferError> {
        let frame = list.frame();
        if !list.keys.is_empty() {
            if let Some(document) = &mut self.document {
                document.push(b']');
            }
            self.state =
                State::AfterList { scanner: Scanner::behind_list(&list.keys, &self.record_keys) };
        }
        match run.end {
            Some(end) => self.run(buffer, filled, run.start..end, at, &frame),
            None => {
                self.keep(filled.data(buffer)?, at);
                self.pass(buffer, at)?;
                Ok(Next::Again)
            }
        }
    }

    /// The stream ends inside the list, maybe inside an element.
    fn end_of_cut_off_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: &Run,
        list: &List,
    ) -> Result<Next, BufferError> {
        let data = filled.data(buffer)?;
        self.document = None;
        if is_blank(data, run.start) {
            self.pass(buffer, filled.have)?;
            return Ok(self.list_cut_off());
        }
        let (opening, _) = list.frame();
        let end = data.len();
        self.run(buffer, filled, run.start..end, end, &(opening, b""))
    }

    /// Gives the elements in `run` away, and passes over what lies around them, up to `kept`.
    fn run(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: Range<usize>,
        kept: usize,
        (opening, closing): &Brackets,
    ) -> Result<Next, BufferError> {
        let data = filled.data(buffer)?;
        self.keep(data, kept);
        let before = Lines::of(data.get(..run.start).unwrap_or_default(), self.offset);
        let after_offset = self.offset + run.end as u64;
        let after = Lines::of(data.get(run.end..kept).unwrap_or_default(), after_offset);
        self.gap.join(before);

        let original = HEAD + run.start..HEAD + run.end;
        let range = original.start - opening.len()..original.end + closing.len();
        let buffer = buffer.reserve(range.end)?;
        if let Some(slot) = buffer.get_mut(range.start..original.start) {
            slot.copy_from_slice(opening);
        }
        if let Some(slot) = buffer.get_mut(original.end..range.end) {
            slot.copy_from_slice(closing);
        }
        let offset = self.offset + run.start as u64;
        self.offset += kept as u64;
        let chunk = self.chunk(Piece::Batch(Batch { range, original, offset }));
        self.gap = after;
        Ok(chunk)
    }
}

/// What begins and ends a batch of elements.
pub(super) type Brackets = (Vec<u8>, &'static [u8]);

/// The blanks and commas between two elements.
struct Blanks {
    length: usize,
    /// How much of it stands behind the last comma.
    behind_comma: usize,
    comma: bool,
    lines: bool,
}

impl Blanks {
    fn at(data: &[u8], from: usize) -> Blanks {
        let rest = data.get(from..).unwrap_or_default();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
        let length = rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
        let blanks = rest.get(..length).unwrap_or_default();
        let comma = blanks.iter().rposition(|byte| *byte == b',');
        let behind_comma = comma.map_or(length, |comma| length - comma - 1);
        Blanks {
            length,
            behind_comma,
            comma: comma.is_some(),
            lines: memchr(b'\n', blanks).is_some(),
        }
    }
}

/// Whether only closing brackets and blanks stand from an offset to its line's end. None if the data ends first.
fn ends_line(data: &[u8], at: usize) -> Option<bool> {
    let rest = data.get(at..).unwrap_or_default();
    let next = rest.iter().find(|byte| !matches!(byte, b']' | b'}' | b' ' | b'\t' | b'\r'))?;
    Some(*next == b'\n')
}

/// The end of what stands before an element and the comma before that.
fn without_comma(data: &[u8], next: usize) -> usize {
    let before = data.get(..next).unwrap_or_default().trim_ascii_end();
    before.strip_suffix(b",").unwrap_or(before).len()
}

fn is_blank(data: &[u8], from: usize) -> bool {
    let rest = data.get(from..).unwrap_or_default();
    rest.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b',')
}
