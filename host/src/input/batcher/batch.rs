//! What the batcher gives: batches, and what can't be one.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

/// The next piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Line ends in the bytes between the piece before and this one, which belong to no record.
    pub gap: Lines,
    /// What it is.
    pub piece: Piece,
    /// The stream ends behind it, as it should. No position behind it will be asked for.
    pub is_last: bool,
}

/// A piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// SeekableFile records, in the buffer.
    Batch(Batch),
    /// A record that can't be judged.
    Refused {
        /// The byte of the stream where it begins.
        offset: u64,
        /// Why.
        reason: Refusal,
    },
}

/// Why the batcher passes over something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A record is larger than allowed.
    #[error("the record is larger than {limit} bytes; --max-record allows more")]
    RecordTooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// A record is larger than the module's memory.
    #[error("the record doesn't fit into the module's memory; --max-memory allows more")]
    OutOfMemory,
    /// A document is cut off behind an element of its list. The elements have been judged.
    #[error("the document that holds these records is cut off here")]
    ListCutOff,
}

/// SeekableFile records, as they lie in the buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What the detector gets.
    pub range: Range<usize>,
    /// The part of it that comes from the stream; brackets may stand before and after it.
    pub original: Range<usize>,
    /// The byte of the stream where `original` begins.
    pub offset: u64,
}

impl Batch {
    /// The byte of the stream that this byte of the batch is.
    pub fn stream_offset(&self, batch_offset: u64) -> u64 {
        let brackets = (self.original.start - self.range.start) as u64;
        let within = batch_offset.saturating_sub(brackets).min(self.original.len() as u64);
        self.offset + within
    }
}

/// The line ends in some bytes of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many there are.
    pub count: u64,
    /// The byte of the stream after the last of them.
    pub last_start: Option<u64>,
}

impl Lines {
    /// Counts the line ends in bytes that begin at `offset` of the stream.
    pub fn of(bytes: &[u8], offset: u64) -> Lines {
        let count = memchr_iter(b'\n', bytes).count() as u64;
        Lines { count, last_start: memrchr(b'\n', bytes).map(|at| offset + at as u64 + 1) }
    }

    /// Joins the line ends of the bytes that follow.
    pub fn join(&mut self, following: Lines) {
        self.count += following.count;
        self.last_start = following.last_start.or(self.last_start);
    }
}
