//! In: where plain records begin in a batch. Out: records that can be passed over: counted, but not read,
//! because nothing in them is of the kind that a rule could select.

use tocsin_plain::{END, IN_LIST};

use crate::record::sample::Sampler;

/// Records passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// The offset behind them.
    pub(super) until: usize,
    /// How many they are.
    pub(super) records: u32,
}

/// Passes over records of one batch, by its marks, offsets as `docs/abi.md` has them: only from where one
/// begins, and only if no rule could select anything up to where they are said to end.
pub(super) struct Sieve<'s> {
    sampler: &'s Sampler,
    /// The marks that are still ahead.
    ahead: &'s [[u8; 4]],
    /// The end of the records at hand, and whether they are elements of a list.
    end: Option<(usize, bool)>,
}

impl<'s> Sieve<'s> {
    /// A sieve for a batch with these marks.
    pub(super) fn new(sampler: &'s Sampler, marks: &'s [[u8; 4]]) -> Sieve<'s> {
        Sieve { sampler, ahead: marks, end: None }
    }

    /// Passes over records from `at` on, where a value begins: at the batch's `top`, or in a list. What
    /// then comes must be read.
    pub(super) fn pass(&mut self, text: &[u8], at: usize, top: bool) -> Option<Passed> {
        while self.next().is_some_and(|(offset, _)| offset < at) {
            self.step();
        }
        if self.next() != Some((at, 0)) {
            return None;
        }
        let (end, in_list) = self.end()?;
        // Two values on one line are two records in a list only.
        if !in_list && !top {
            return None;
        }
        let hit = self.sampler.find(text.get(..end)?, at).unwrap_or(end);
        let mut passed = Passed { until: at, records: 0 };
        while passed.until < end {
            let (record, row) = (self.ahead, self.end);
            self.step();
            let Some((next, _)) = self.next() else { break };
            if next > hit {
                // The record that was stepped over holds the hit.
                (self.ahead, self.end) = (record, row);
                break;
            }
            passed = Passed { until: next, records: passed.records.saturating_add(1) };
        }
        (passed.records > 0).then_some(passed)
    }

    /// The next mark: an offset, and the bits that say what is there.
    fn next(&self) -> Option<(usize, u32)> {
        let mark = u32::from_le_bytes(*self.ahead.first()?);
        Some(((mark & !(END | IN_LIST)) as usize, mark & (END | IN_LIST)))
    }

    /// Leaves the next mark behind.
    fn step(&mut self) {
        if self.next().is_some_and(|(_, bits)| bits & END != 0) {
            self.end = None;
        }
        self.ahead = self.ahead.get(1..).unwrap_or_default();
    }

    /// The end of the records at hand. It is looked for once.
    fn end(&mut self) -> Option<(usize, bool)> {
        if self.end.is_none() {
            let mut marks = self.ahead.iter().map(|mark| u32::from_le_bytes(*mark));
            let mark = marks.find(|mark| mark & END != 0)?;
            self.end = Some(((mark & !(END | IN_LIST)) as usize, mark & IN_LIST != 0));
        }
        self.end
    }
}
