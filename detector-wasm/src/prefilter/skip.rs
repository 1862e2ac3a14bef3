//! In: where plain records begin in a batch. Out: records that can be passed over: counted, but not read,
//! because nothing in them is of the kind that a rule could select.

use tocsin_boundary::{END, IN_LIST};

use crate::prefilter::search::Sampler;

/// Records passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The offset behind them.
    pub(crate) until: usize,
    /// How many they are.
    pub(crate) records: u32,
    /// Whether a line ends between two of them.
    pub(crate) over_lines: bool,
}

/// Passes over records of one batch, by its marks, offsets as `docs/abi.md` has them: only from where one
/// begins, and only if no rule could select anything up to where the marks say it ends.
pub(crate) struct Skipper<'s> {
    sampler: &'s Sampler,
    row: Row<'s>,
    /// The marks behind the row.
    behind: &'s [[u8; 4]],
}

/// Plain records with nothing but separators between them.
#[derive(Clone, Copy)]
struct Row<'s> {
    /// Where those of them begin that are still ahead, ascending.
    starts: &'s [[u8; 4]],
    end: usize,
    in_list: bool,
}

impl<'s> Skipper<'s> {
    /// What passes over records of a batch with these marks.
    pub(crate) fn new(sampler: &'s Sampler, marks: &'s [[u8; 4]]) -> Skipper<'s> {
        Skipper { sampler, row: Row { starts: &[], end: 0, in_list: false }, behind: marks }
    }

    /// Passes over records from `at` on, where a value begins: at the batch's `top`, or in a list. What
    /// then comes must be read.
    #[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
    pub(crate) fn pass(&mut self, text: &[u8], at: usize, top: bool) -> Option<Passed> {
        while self.row.next().is_none_or(|start| start < at) {
            self.step()?;
        }
        let Row { starts, end, in_list } = self.row;
        // Two values on one line are two records in a list only.
        if self.row.next() != Some(at) || !(in_list || top) {
            return None;
        }
        let hit = self.sampler.find(text.get(..end)?, at);
        let records = match hit {
            None => starts.len(),
            // The last one that begins before the hit holds it.
            Some(hit) => starts.partition_point(|start| offset(*start) <= hit).saturating_sub(1),
        };
        let later = starts.get(1..starts.len().min(records.saturating_add(1))).unwrap_or_default();
        let over_lines =
            in_list && later.iter().any(|start| line_ends_before(text, offset(*start)));
        self.row.starts = starts.get(records..).unwrap_or_default();
        let until = self.row.next().unwrap_or(end);
        (records > 0).then_some(Passed { until, records: records as u32, over_lines })
    }

    /// Leaves the next record behind, or goes on to the next row.
    fn step(&mut self) -> Option<()> {
        if let [_, starts @ ..] = self.row.starts {
            self.row.starts = starts;
            return Some(());
        }
        let is_end = |mark: &[u8; 4]| u32::from_le_bytes(*mark) & END != 0;
        let marks = std::mem::take(&mut self.behind);
        let (starts, behind) = marks.split_at_checked(marks.iter().position(is_end)?)?;
        let (end, behind) = behind.split_first()?;
        let in_list = u32::from_le_bytes(*end) & IN_LIST != 0;
        self.row = Row { starts, end: offset(*end), in_list };
        self.behind = behind;
        Some(())
    }
}

impl Row<'_> {
    /// Where the next record begins.
    fn next(&self) -> Option<usize> {
        self.starts.first().copied().map(offset)
    }
}

/// Whether a line ends among what separates the element that begins at an offset from the one before it.
fn line_ends_before(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().iter().rev();
    before.take_while(|byte| **byte != b'}').any(|byte| *byte == b'\n')
}

/// The offset that a mark is about.
fn offset(mark: [u8; 4]) -> usize {
    (u32::from_le_bytes(mark) & !(END | IN_LIST)) as usize
}
