//! Inside a list of records: bytes in, runs of whole elements out, between brackets of their own.

use std::io::Read;

use super::structure::{Mark, Scanner};
use super::{Batch, Batcher, Filled, HEAD, Lines, Next, Piece, State};
use crate::input::{BatchBuffer, BufferError};

impl<R: Read> Batcher<R> {
    /// The next run of elements. The carry begins inside the list, and the scanner has seen `seen`
    /// bytes of it.
    pub(super) fn next_in_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        mut scanner: Scanner,
        seen: usize,
    ) -> Result<Next, BufferError> {
        let mut filled = self.restore(buffer)?;
        let mut run = Run { start: 0, end: None };
        let mut seen = seen;
        let frame = scanner.list_frame();
        // Whether rows of plain records are looked for.
        let mut rows = true;
        loop {
            let data = filled.data(buffer)?;
            while let (at, Some(mark)) = scanner.next(data, seen) {
                seen = at;
                match mark {
                    Mark::ElementEnd => run.end = Some(at),
                    Mark::Comma => {
                        // Before the first element of the run; later ones belong into it.
                        if run.end.is_none() {
                            run.start = at;
                        }
                        if rows {
                            let row = tocsin_boundary::row(data, at);
                            // Each could be searched up to the buffer's end otherwise.
                            rows = row.end.is_some() && !row.to_the_end;
                            if let Some(end) = row.end {
                                scanner.passed();
                                (seen, run.end) = (end, Some(end));
                            }
                        }
                    }
                    Mark::ListEnd => {
                        return self.end_of_list(buffer, &filled, &run, at, scanner, &frame);
                    }
                    Mark::Broken => return self.end_of_broken_list(buffer, &filled, &run, &frame),
                    Mark::ListStart | Mark::ValueEnd => {}
                }
            }
            seen = data.len();
            let pending = seen - run.start;
            if let Some(end) = run.end
                && (pending >= self.sizes.batch || self.live || self.ended.is_some())
            {
                let kept = after_comma(data, end);
                self.state = State::List { scanner, seen: seen - kept };
                return self.run(buffer, &filled, run.start..end, kept, &frame);
            }
            if self.ended.is_some() {
                return self.end_of_cut_off_list(buffer, &filled, &run);
            }
            if pending >= self.sizes.batch && is_blank(data, run.start) {
                self.pass(buffer, filled.have)?;
                self.state = State::List { scanner, seen: 0 };
                return Ok(Next::Again);
            }
            if let Some(refusal) = self.grow(buffer, &mut filled)? {
                let state = State::Skip { scanner, in_list: true };
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
        scanner: Scanner,
        frame: &Frame,
    ) -> Result<Next, BufferError> {
        if scanner.is_inside() {
            self.state = State::AfterList { scanner };
        }
        match run.end {
            Some(end) => self.run(buffer, filled, run.start..end, at, frame),
            None => {
                self.keep(filled.data(buffer)?, at);
                self.pass(buffer, at)?;
                Ok(Next::Again)
            }
        }
    }

    /// The document was broken off, and another one begins later in the buffer. First come the elements
    /// that are complete; then the rest as it is, for the detector to say what is wrong.
    fn end_of_broken_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: &Run,
        frame: &Frame,
    ) -> Result<Next, BufferError> {
        let data = filled.data(buffer)?;
        if let Some(end) = run.end {
            let rest = after_comma(data, end);
            return self.run(buffer, filled, run.start..end, rest, frame);
        }
        self.keep(data, run.start);
        self.pass(buffer, run.start)?;
        Ok(Next::Again)
    }

    /// The stream ends inside the list, maybe inside an element.
    fn end_of_cut_off_list(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: &Run,
    ) -> Result<Next, BufferError> {
        let data = filled.data(buffer)?;
        if is_blank(data, run.start) {
            self.pass(buffer, filled.have)?;
            return Ok(self.cut_off());
        }
        self.keep(data, run.start);
        self.pass(buffer, run.start)?;
        Ok(Next::Again)
    }

    /// Gives the elements in `run` away, and passes over what lies around them, up to `kept`.
    fn run(
        &mut self,
        buffer: &mut impl BatchBuffer,
        filled: &Filled,
        run: std::ops::Range<usize>,
        kept: usize,
        (opening, closing): &Frame,
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
type Frame = (Vec<u8>, &'static [u8]);

/// Elements in the buffer that go away together.
struct Run {
    start: usize,
    /// The end of the last complete element.
    end: Option<usize>,
}

fn is_blank(data: &[u8], from: usize) -> bool {
    data.get(from..).unwrap_or_default().trim_ascii().is_empty()
}

/// The position behind the space and comma that follow an element.
fn after_comma(data: &[u8], end: usize) -> usize {
    let blank = |at: usize| {
        let rest = data.get(at..).unwrap_or_default();
        at + rest.len() - rest.trim_ascii_start().len()
    };
    let comma = blank(end);
    if data.get(comma) == Some(&b',') { blank(comma + 1) } else { comma }
}
