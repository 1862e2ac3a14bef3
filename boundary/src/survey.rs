//! A batch in, marks of the plain records in it out.

mod lines;
mod list;

use tocsin_wire::RecordKeys;

use crate::feeds::Feeds;
use crate::keys::begin;

/// The bit of a mark that isn't a record's begin, but the end of those before it.
pub const END: u32 = 1 << 31;

/// The bit of an end's mark that says that the records before it are elements of a list.
pub const IN_LIST: u32 = 1 << 30;

/// The marks of a batch, as `docs/abi.md` has them. Kept from batch to batch for its memory.
#[derive(Debug, Default)]
pub struct Survey {
    marks: Vec<[u8; 4]>,
    /// How many lines the batch is, if all are plain.
    lines: Option<u32>,
}

impl Survey {
    /// Forgets the last batch.
    pub fn clear(&mut self) {
        self.marks.clear();
        self.lines = None;
    }

    /// Looks at a batch for records that are recognised by these keys.
    pub fn look_at(&mut self, batch: &[u8], keys: &RecordKeys) {
        self.clear();
        if batch.len() >= IN_LIST as usize {
            return;
        }
        let mut feeds = Feeds::new(batch);
        let mut at = 0;
        // Behind a list that is cut off no other is looked into, or each of many would be searched for
        // its end up to the batch's.
        let mut lists = true;
        while let Some(rest) = batch.get(at..).filter(|rest| !rest.is_empty()) {
            let blank = rest.len() - rest.trim_ascii_start().len();
            if blank > 0 {
                at += blank;
            } else if begin(rest, keys).is_some() {
                let (end, lines) = lines::mark((batch, at), keys, &mut feeds, self);
                self.lines = (at == 0 && end == batch.len()).then_some(lines);
                at = if lines > 0 { end } else { feeds.line_end(at) };
            } else if let Some(inside) = list::opening(batch, at, keys).filter(|_| lists) {
                let end = list::mark((batch, inside), keys, self);
                lists = end.is_ok();
                at = end.unwrap_or_else(|marked| feeds.line_end(marked));
            } else {
                at = feeds.line_end(at);
            }
        }
    }

    /// The marks, each a number of four bytes, the lowest first: the offset of a record, or with
    /// [`END`] and perhaps [`IN_LIST`] the offset behind the last one of a row.
    pub fn marks(&self) -> &[[u8; 4]] {
        &self.marks
    }

    /// How many lines the batch is, if each of them plainly is a record.
    pub fn lines(&self) -> Option<u32> {
        self.lines
    }

    fn record(&mut self, start: usize) {
        self.mark(start, 0);
    }

    fn end(&mut self, end: usize, kind: u32) {
        self.mark(end, END | kind);
    }

    fn mark(&mut self, offset: usize, flags: u32) {
        // Without memory for the end of a row it isn't one: its records are read then.
        if self.marks.try_reserve(1).is_ok() {
            self.marks.push((offset as u32 | flags).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
