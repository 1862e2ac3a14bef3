//! A stream of bytes in, batches that end between records out, in bounded memory.
//!
//! Three ways, tried in this order for what lies at the top of the stream:
//!
//! 1. A place between two documents (`boundary`) is found by one look at a line end. NDJSON never
//!    needs more.
//! 2. A rest that fits into [`Sizes::whole`] goes to the detector as it is; it knows all shapes.
//! 3. A larger document is followed by its `structure`: a `list` of records goes on in runs of whole
//!    elements, between the brackets of a list of their own, and what stands around it without it; anything
//!    else grows up to [`Sizes::record`], and is passed over beyond that.
//!
//! In a file of lines, a look at one place shows where the next batch ends, and the batch can be read
//! elsewhere (`positioned`).
//!
//! A text that comes into the buffer as a whole (`single`) goes on from there, where a stream of it would be
//! a single batch.
//!
//! Where text is broken, more of it goes into one batch rather than less: it is the detector that
//! decides what a record is and reports it.

mod batch;
mod boundary;
mod documents;
mod fill;
mod list;
mod list_keys;
mod positioned;
mod single;
mod split;
mod structure;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use tocsin_boundary::begins_object;
use tocsin_wire::RecordKeys;

pub use batch::{Batch, Chunk, Lines, Piece, Refusal};
pub use positioned::{Lost, PositionedBatch};
pub(super) use single::{is_lines, is_one_batch, space};
pub use split::{Half, count, split};

use super::{BatchBuffer, BufferError};
use fill::Filled;
use list::List;
use structure::{Mark, Scanner};

/// Room before a batch for the opening bracket of its list; so much that the batch is aligned as the buffer is.
const HEAD: usize = 64;

/// Room after a batch for the closing one.
const TAIL: usize = 8;

/// How large batches are, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A batch of many small records.
    pub batch: usize,
    /// A document that is still passed on whole.
    pub whole: usize,
    /// The largest record.
    pub record: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes { batch: 1 << 19, whole: 6 << 20, record: 64 << 20 }
    }
}

impl Sizes {
    /// Sizes for records of at most `record` bytes in a module's memory of `memory` bytes: besides a
    /// batch it must hold what is made of it.
    pub fn within(record: usize, memory: usize) -> Sizes {
        let usual = Sizes::default();
        let record = record.min(memory / 6).max(1);
        Sizes { batch: usual.batch.min(record), whole: usual.whole.min(record), record }
    }

    /// The same, for a module that takes no larger records and batches than these.
    #[must_use]
    pub fn at_most(self, record_bytes: u64, batch_bytes: u64) -> Sizes {
        let record = usize::try_from(record_bytes.min(batch_bytes)).unwrap_or(usize::MAX).max(1);
        Sizes {
            batch: self.batch.min(record),
            whole: self.whole.min(record),
            record: self.record.min(record),
        }
    }
}

/// Cuts one stream.
pub struct Batcher<R> {
    reader: R,
    /// Bytes come when somebody writes them: what is complete must not wait for more.
    live: bool,
    sizes: Sizes,
    record_keys: Arc<RecordKeys>,
    state: State,
    /// Bytes read and not yet given away.
    carry: Vec<u8>,
    /// The byte of the stream where `carry` begins.
    offset: u64,
    gap: Lines,
    /// What stands around the lists of the document at hand, in which it may be a record itself.
    document: Option<Vec<u8>>,
    /// The stream has ended, maybe too early.
    ended: Option<Result<(), io::Error>>,
}

enum State {
    /// All of the stream is in the buffer, so many bytes.
    Buffered(usize),
    /// Between documents.
    Top,
    /// In a list of records.
    List(List),
    /// Behind a list, in the rest of its document.
    AfterList { scanner: Scanner },
    /// Behind such a document, on the line that it ends on. `torn`: more stands there, so that it hasn't ended.
    AfterDocument { torn: bool },
    /// In a record that has been refused, maybe in a list.
    Skip { scanner: Scanner, list: Option<List> },
}

impl<R: Read> Batcher<R> {
    /// Cuts what `reader` gives. Its first byte is number `offset` of the stream.
    pub fn new(
        reader: R,
        offset: u64,
        live: bool,
        sizes: Sizes,
        record_keys: &Arc<RecordKeys>,
    ) -> Batcher<R> {
        Batcher {
            reader,
            live,
            sizes,
            record_keys: Arc::clone(record_keys),
            state: State::Top,
            carry: Vec::new(),
            offset,
            gap: Lines::default(),
            document: None,
            ended: None,
        }
    }

    /// Bytes of the stream that have been given away or passed over.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Line ends since the last piece.
    pub fn gap(&self) -> Lines {
        self.gap
    }

    /// Why the stream has ended too early, once it has.
    pub fn error(&self) -> Option<&io::Error> {
        self.ended.as_ref().and_then(|end| end.as_ref().err())
    }

    /// The next piece, read into `buffer`; `None` at the end of the stream.
    ///
    /// # Errors
    /// [`BufferError`] if the buffer breaks. The stream can't be read on then.
    pub fn next(&mut self, buffer: &mut impl BatchBuffer) -> Result<Option<Chunk>, BufferError> {
        loop {
            let piece = match std::mem::replace(&mut self.state, State::Top) {
                State::Buffered(length) => self.all(buffer, length)?,
                State::Top => self.next_at_top(buffer)?,
                State::List(list) => self.next_in_list(buffer, list)?,
                State::AfterList { scanner } => self.pass_document(buffer, scanner)?,
                State::AfterDocument { torn } => self.pass_line(buffer, torn)?,
                State::Skip { scanner, list } => self.pass_record(buffer, scanner, list)?,
            };
            match piece {
                Next::Chunk(chunk) => return Ok(Some(chunk)),
                Next::Again => {}
                Next::End => return Ok(None),
            }
        }
    }

    fn next_at_top(&mut self, buffer: &mut impl BatchBuffer) -> Result<Next, BufferError> {
        let mut filled = self.restore(buffer)?;
        let mut want = self.sizes.batch.max(filled.have);
        loop {
            self.fill(buffer, &mut filled, want)?;
            let data = filled.data(buffer)?;
            if data.trim_ascii_start().is_empty() {
                self.pass(buffer, filled.have)?;
                return Ok(if self.ended.is_some() { Next::End } else { Next::Again });
            }
            if self.ended.is_some() && data.len() <= self.sizes.whole {
                return self.batch(buffer, &filled, filled.have);
            }
            let boundary = boundary::last(data, filled.searched);
            if self.live && is_complete(data.get(boundary.unwrap_or(0)..).unwrap_or_default()) {
                return self.batch(buffer, &filled, filled.have);
            }
            if let Some(end) = boundary {
                return self.batch(buffer, &filled, end);
            }
            filled.searched = boundary::decided(data);
            if self.ended.is_some() || filled.have >= self.sizes.whole {
                return self.next_by_structure(buffer, filled);
            }
            if filled.have >= want {
                want = self.sizes.whole;
            }
        }
    }

    /// There is a large document, or lines that aren't documents at all.
    fn next_by_structure(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut filled: Filled,
    ) -> Result<Next, BufferError> {
        // So many bytes there must be before it is worth looking at an incomplete document again.
        let mut enough = 0;
        loop {
            let data = filled.data(buffer)?;
            if data.len() >= enough || self.ended.is_some() {
                let (end, broken) = documents::whole(data);
                if end > 0 {
                    return self.batch(buffer, &filled, end);
                }
                if enough == 0 {
                    let mut scanner = Scanner::of_lists(&self.record_keys);
                    if let (start, Some(Mark::ListStart)) = scanner.next(data, 0) {
                        let keys = scanner.list_keys();
                        let document = data.get(..start).unwrap_or_default().trim_ascii_start();
                        self.document = (!keys.is_empty()).then(|| document.to_vec());
                        self.keep(data, start);
                        self.pass(buffer, start)?;
                        self.state = State::List(List::new(keys));
                        return Ok(Next::Again);
                    }
                }
                if let Some(end) = broken {
                    return self.batch(buffer, &filled, end);
                }
                enough = data.len() + data.len().min(self.sizes.whole);
            }
            if self.ended.is_some() {
                return self.batch(buffer, &filled, filled.have);
            }
            if let Some(refusal) = self.grow(buffer, &mut filled)? {
                let mut scanner = Scanner::of_documents();
                scanner.next(filled.data(buffer)?, 0);
                let state = State::Skip { scanner, list: None };
                return self.refuse(buffer, &filled, 0, refusal, state);
            }
        }
    }

    /// Reads one more batch's worth behind what there is, unless it gets too large.
    fn grow(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &mut Filled,
    ) -> Result<Option<Refusal>, BufferError> {
        let limit = self.sizes.record;
        if filled.have > limit {
            return Ok(Some(Refusal::RecordTooLarge { limit }));
        }
        let want = (filled.have + self.sizes.batch).min(limit + 1);
        match self.fill(buffer, filled, want) {
            Ok(()) => Ok(None),
            Err(BufferError::Full(_)) => Ok(Some(Refusal::OutOfMemory)),
            Err(error) => Err(error),
        }
    }

    /// Passes over a record that begins at `start` of the buffer and fills it to the end.
    fn refuse(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        start: usize,
        reason: Refusal,
        state: State,
    ) -> Result<Next, BufferError> {
        let record = filled.data(buffer)?.get(start..).unwrap_or_default();
        let blank = record.len() - record.trim_ascii_start().len();
        let offset = self.offset + (start + blank) as u64;
        self.pass(buffer, filled.have)?;
        self.state = state;
        Ok(self.chunk(Piece::Refused { offset, reason }))
    }

    /// In a refused record: everything up to its end is passed over.
    fn pass_record(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut scanner: Scanner,
        mut list: Option<List>,
    ) -> Result<Next, BufferError> {
        loop {
            let mut filled = self.restore(buffer)?;
            self.fill(buffer, &mut filled, self.sizes.batch)?;
            let data = filled.data(buffer)?;
            scanner.end_with_line(true);
            let (at, mark) = scanner.next(data, 0);
            scanner.end_with_line(false);
            self.keep(data, at);
            self.pass(buffer, at)?;
            match (mark, list) {
                (Some(Mark::ListEnd), _) if scanner.is_inside() => {
                    self.state = State::AfterList { scanner }
                }
                (Some(Mark::ElementEnd | Mark::Comma), Some(list)) => {
                    self.state = State::List(list)
                }
                (None, same) if self.ended.is_none() => {
                    list = same;
                    continue;
                }
                _ => {}
            }
            return Ok(Next::Again);
        }
    }

    /// Behind a list: goes on to the document's end, or to another list.
    fn pass_document(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut scanner: Scanner,
    ) -> Result<Next, BufferError> {
        loop {
            let mut filled = self.restore(buffer)?;
            self.fill(buffer, &mut filled, self.sizes.batch)?;
            let data = filled.data(buffer)?;
            let (at, mark) = scanner.next(data, 0);
            self.keep(data, at);
            self.keep_around(data.get(..at).unwrap_or_default());
            self.pass(buffer, at)?;
            match mark {
                Some(Mark::ListStart) => self.state = State::List(List::new(scanner.list_keys())),
                Some(Mark::ValueEnd) => self.state = State::AfterDocument { torn: false },
                Some(Mark::Broken) => return self.cut_off(buffer),
                Some(_) => {}
                None if self.ended.is_some() => return self.cut_off(buffer),
                None => continue,
            }
            return Ok(Next::Again);
        }
    }

    /// Adds what stands around lists to the document without them.
    fn keep_around(&mut self, passed: &[u8]) {
        if let Some(document) = &mut self.document {
            // One byte more than allowed is enough to tell.
            let room = (self.sizes.record + 1).saturating_sub(document.len());
            document.extend_from_slice(passed.get(..room).unwrap_or(passed));
        }
    }

    /// Behind a document's last bracket: what else stands on its line shows that a list in it has ended too early. It
    /// goes away with the document, because a record may have begun before that bracket.
    fn pass_line(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut torn: bool,
    ) -> Result<Next, BufferError> {
        let mut filled = self.restore(buffer)?;
        self.fill(buffer, &mut filled, self.sizes.batch)?;
        let data = filled.data(buffer)?;
        let blanks = data.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        torn |= match data.get(blanks) {
            None | Some(b'\n' | b'[') => false,
            _ => !begins_object(data, blanks),
        };
        let end = if torn { line_of_elements(data) } else { blanks };
        self.keep(data, end);
        if torn {
            self.keep_around(data.get(..end).unwrap_or_default());
        }
        let goes_on = end == data.len() && self.ended.is_none();
        self.pass(buffer, end)?;
        match self.document.take() {
            Some(document) if goes_on => {
                self.document = Some(document);
                self.state = State::AfterDocument { torn };
                Ok(Next::Again)
            }
            Some(document) if torn || documents::holds_more(&document) => {
                self.around(buffer, &document)
            }
            _ => Ok(Next::Again),
        }
    }

    /// A document has lost its end behind its list. What seems to stand around that may be elements of it.
    fn cut_off(&mut self, buffer: &mut impl BatchBuffer) -> Result<Next, BufferError> {
        match self.document.take().filter(|text| !text.trim_ascii_end().ends_with(b"]")) {
            Some(document) => self.around(buffer, &document),
            None => Ok(self.list_cut_off()),
        }
    }

    /// Gives what stands around lists away, without them: it may be a record itself, or hold others.
    fn around(
        &mut self,
        buffer: &mut impl BatchBuffer,
        document: &[u8],
    ) -> Result<Next, BufferError> {
        let (limit, offset) = (self.sizes.record, self.offset);
        if document.len() > limit {
            let reason = Refusal::RecordTooLarge { limit };
            return Ok(self.chunk(Piece::Refused { offset, reason }));
        }
        let range = HEAD..HEAD + document.len();
        if let Some(slot) = buffer.reserve(range.end + TAIL)?.get_mut(range.clone()) {
            slot.copy_from_slice(document);
        }
        // Its bytes have been passed over already.
        let original = range.end..range.end;
        Ok(self.chunk(Piece::Batch(Batch { range, original, offset })))
    }

    /// Says that a document has lost its end, behind or inside its list.
    fn list_cut_off(&mut self) -> Next {
        self.chunk(Piece::Refused { offset: self.offset, reason: Refusal::ListCutOff })
    }

    fn chunk(&mut self, piece: Piece) -> Next {
        Next::Chunk(Chunk { gap: std::mem::take(&mut self.gap), piece, is_last: false })
    }

    /// Gives the bytes up to `end` away and keeps the rest.
    fn batch(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        end: usize,
    ) -> Result<Next, BufferError> {
        self.keep(filled.data(buffer)?, end);
        let original = HEAD..HEAD + end;
        let batch = Batch { range: original.clone(), original, offset: self.offset };
        self.offset += end as u64;
        let is_last = self.carry.is_empty() && matches!(self.ended, Some(Ok(())));
        Ok(match self.chunk(Piece::Batch(batch)) {
            Next::Chunk(chunk) => Next::Chunk(Chunk { is_last, ..chunk }),
            next => next,
        })
    }

    /// Gives up the first `len` bytes of the buffer.
    fn pass(&mut self, buffer: &mut impl BatchBuffer, len: usize) -> Result<(), BufferError> {
        let bytes = buffer.reserve(HEAD + len)?.get(HEAD..HEAD + len).unwrap_or_default();
        self.gap.join(Lines::of(bytes, self.offset));
        self.offset += len as u64;
        Ok(())
    }
}

/// Where a line ends, or on it an object over several lines begins.
fn line_of_elements(data: &[u8]) -> usize {
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    match data.get(..end).unwrap_or_default().trim_ascii_end().split_last() {
        Some((b'{', before)) if begins_object(data, before.len()) => before.len(),
        _ => end,
    }
}

enum Next {
    Chunk(Chunk),
    Again,
    End,
}

/// Whether lines end right between documents, so that nothing needs to wait for what follows.
fn is_complete(data: &[u8]) -> bool {
    if data.last() != Some(&b'\n') {
        return false;
    }
    let mut scanner = Scanner::of_documents();
    let mut at = 0;
    while let (position, Some(_)) = scanner.next(data, at) {
        at = position;
    }
    !scanner.is_inside()
}
