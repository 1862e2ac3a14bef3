//! A stream of bytes in, batches that end between records out, in bounded memory.
//!
//! Three ways, tried in this order for what lies at the top of the stream:
//!
//! 1. A place between two documents (`boundary`) is found by one look at a line end. NDJSON never
//!    needs more.
//! 2. A rest that fits into [`Sizes::whole`] goes to the detector as it is; it knows all shapes.
//! 3. A larger document is followed by its `structure`: a list of records goes on in runs of whole
//!    elements, between the brackets of a list of their own; anything else grows up to
//!    [`Sizes::record`], and is passed over beyond that.
//!
//! Where lines lie in a file, a look at it tells where the next batch ends, and the batch can be read
//! elsewhere (`positioned`).
//!
//! A text that comes into the buffer as a whole (`single`) goes on from there, where a stream of it would be
//! a single batch.
//!
//! Where text is broken, more of it goes into one batch rather than less: it is the detector that
//! decides what a record is and reports it.

mod batch;
mod boundary;
mod list;
mod positioned;
mod single;
mod split;
mod structure;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub use batch::{Batch, Chunk, Lines, Piece, Refusal};
pub use positioned::{Lost, PositionedBatch};
pub(super) use single::{is_lines, is_one_batch, space};
pub use split::{Half, count, split};

use super::{BatchBuffer, BufferError};
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
    state: State,
    /// Bytes read and not yet given away.
    carry: Vec<u8>,
    /// The byte of the stream where `carry` begins.
    offset: u64,
    gap: Lines,
    /// The stream has ended, maybe too early.
    ended: Option<Result<(), io::Error>>,
}

enum State {
    /// All of the stream is in the buffer, so many bytes.
    Buffered(usize),
    /// Between documents.
    Top,
    /// In a list of records; the scanner has seen this much of the carry.
    List { scanner: Scanner, seen: usize },
    /// Behind a list, in the rest of its document.
    AfterList { scanner: Scanner },
    /// In a record that has been refused.
    Skip { scanner: Scanner, in_list: bool },
}

impl<R: Read> Batcher<R> {
    /// Cuts what `reader` gives. Its first byte is number `offset` of the stream.
    pub fn new(reader: R, offset: u64, live: bool, sizes: Sizes) -> Batcher<R> {
        Batcher {
            reader,
            live,
            sizes,
            state: State::Top,
            carry: Vec::new(),
            offset,
            gap: Lines::default(),
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
                State::List { scanner, seen } => self.next_in_list(buffer, scanner, seen)?,
                State::AfterList { scanner } => self.pass_document(buffer, scanner)?,
                State::Skip { scanner, in_list } => self.pass_record(buffer, scanner, in_list)?,
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
        let mut scanner = Scanner::of_documents();
        let mut seen = 0;
        let mut list_sought = false;
        loop {
            let data = filled.data(buffer)?;
            let mut end = None;
            while let (at, Some(_)) = scanner.next(data, seen) {
                (seen, end) = (at, Some(at));
            }
            seen = data.len();
            if let Some(end) = end {
                return self.batch(buffer, &filled, end);
            }
            if !list_sought {
                list_sought = true;
                let mut scanner = Scanner::of_lists();
                if let (start, Some(Mark::ListStart)) = scanner.next(data, 0) {
                    self.keep(data, start);
                    self.pass(buffer, start)?;
                    self.state = State::List { scanner, seen: 0 };
                    return Ok(Next::Again);
                }
            }
            if self.ended.is_some() {
                return self.batch(buffer, &filled, filled.have);
            }
            if let Some(refusal) = self.grow(buffer, &mut filled)? {
                return self.refuse(
                    buffer,
                    &filled,
                    0,
                    refusal,
                    State::Skip { scanner, in_list: false },
                );
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
        in_list: bool,
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
            match mark {
                Some(Mark::ListEnd) if scanner.is_inside() => {
                    self.state = State::AfterList { scanner }
                }
                Some(Mark::ElementEnd | Mark::Comma) if in_list => {
                    self.state = State::List { scanner, seen: 0 };
                }
                Some(_) => {}
                None if self.ended.is_some() => {}
                None => continue,
            }
            return Ok(Next::Again);
        }
    }

    /// Behind a list: everything up to the document's end, or to another list, is passed over.
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
            self.pass(buffer, at)?;
            match mark {
                Some(Mark::ListStart) => self.state = State::List { scanner, seen: 0 },
                Some(Mark::Broken) => return Ok(self.cut_off()),
                Some(_) => {}
                None if self.ended.is_some() => return Ok(self.cut_off()),
                None => continue,
            }
            return Ok(Next::Again);
        }
    }

    /// Says that a document has lost its end, behind or inside its list.
    fn cut_off(&mut self) -> Next {
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

    /// Keeps what lies behind `from` for the next call.
    fn keep(&mut self, data: &[u8], from: usize) {
        self.carry.clear();
        self.carry.extend_from_slice(data.get(from..).unwrap_or_default());
    }

    /// Gives up the first `len` bytes of the buffer.
    fn pass(&mut self, buffer: &mut impl BatchBuffer, len: usize) -> Result<(), BufferError> {
        let bytes = buffer.reserve(HEAD + len)?.get(HEAD..HEAD + len).unwrap_or_default();
        self.gap.join(Lines::of(bytes, self.offset));
        self.offset += len as u64;
        Ok(())
    }

    /// Puts what was kept into the buffer.
    fn restore(&mut self, buffer: &mut impl BatchBuffer) -> Result<Filled, BufferError> {
        let have = self.carry.len();
        let mut filled = Filled {
            have: 0,
            capacity: 0,
            searched: 0,
            unseen: have > 0,
            most: self.sizes.record + 1,
        };
        filled.reserve(buffer, self.sizes.batch.max(have))?;
        if let Some(slot) = buffer.reserve(HEAD + have)?.get_mut(HEAD..HEAD + have) {
            slot.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        // A large record leaves no large carry behind.
        self.carry.shrink_to(2 * self.sizes.batch);
        filled.have = have;
        Ok(filled)
    }

    /// Reads until there are `want` bytes, or the stream ends; live, until there are more at all.
    fn fill(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &mut Filled,
        want: usize,
    ) -> Result<(), BufferError> {
        filled.reserve(buffer, want)?;
        if self.live && std::mem::take(&mut filled.unseen) {
            return Ok(());
        }
        while filled.have < want && self.ended.is_none() {
            let space = buffer
                .reserve(HEAD + want)?
                .get_mut(HEAD + filled.have..HEAD + want)
                .unwrap_or_default();
            match self.reader.read(space) {
                Ok(0) => self.ended = Some(Ok(())),
                Ok(read) => {
                    filled.have += read;
                    if self.live {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.ended = Some(Err(error)),
            }
        }
        Ok(())
    }
}

enum Next {
    Chunk(Chunk),
    Again,
    End,
}

/// Bytes in the buffer, behind [`HEAD`].
struct Filled {
    have: usize,
    /// How many fit.
    capacity: usize,
    /// How many have been searched for a place between documents.
    searched: usize,
    /// There are bytes that came earlier; look at them before waiting for more.
    unseen: bool,
    /// How many there will ever be.
    most: usize,
}

impl Filled {
    fn data<'a>(&self, buffer: &'a mut impl BatchBuffer) -> Result<&'a [u8], BufferError> {
        Ok(buffer.reserve(HEAD + self.have)?.get(HEAD..HEAD + self.have).unwrap_or_default())
    }

    /// Makes buffer for `want` bytes, and for more at once the more there are.
    fn reserve(&mut self, buffer: &mut impl BatchBuffer, want: usize) -> Result<(), BufferError> {
        if want > self.capacity {
            let ample = want.max(self.capacity.saturating_mul(2).min(self.most));
            match buffer.reserve(HEAD + ample + TAIL) {
                Ok(_) => self.capacity = ample,
                Err(BufferError::Full(_)) if ample > want => {
                    buffer.reserve(HEAD + want + TAIL)?;
                    self.capacity = want;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
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
