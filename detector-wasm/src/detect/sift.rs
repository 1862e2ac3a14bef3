//! In: a batch. Out: lines of it that can be passed over: counted, but not read.
//!
//! A line is passed over if it is plainly a record by its two ends, and nothing in it is of the kind that
//! a rule could select.

use crate::record::lines::{count_lines, line_end, line_start};
use crate::record::sample::Sampler;

use super::RECORD_BYTES;

/// How a plain line begins: with a key that only CloudTrail's own records have at their top, so that it
/// is one record whatever else it holds.
const HEADS: [&[u8]; 2] = [b"{\"eventVersion\"", b"{\"eventName\""];

/// How many bytes of lines are checked before they are searched.
const RUN: usize = 64 << 10;

/// Lines passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// The offset behind them.
    pub(super) until: usize,
    /// How many records they are.
    pub(super) records: u32,
}

/// Plain lines one behind the other.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    start: usize,
    end: usize,
    lines: u32,
}

/// Passes over lines of one batch.
pub(super) struct Sieve<'s> {
    sampler: &'s Sampler,
    /// What the host says of the batch: all its lines are plain, and this is how many there are.
    lines: Option<u32>,
    /// How many of those lie before an offset.
    counted: (usize, u32),
    /// The last lines that were found to be plain.
    run: Run,
    /// Lines before this offset must be read.
    looked: usize,
}

impl<'s> Sieve<'s> {
    /// A sieve for a batch, of whose lines the host may have said that all are plain, and how many.
    pub(super) fn new(sampler: &'s Sampler, batch: &[u8], lines: Option<u32>) -> Sieve<'s> {
        let lines = lines.filter(|_| batch.len() <= RECORD_BYTES);
        Sieve { sampler, lines, counted: (0, 0), run: Run::default(), looked: 0 }
    }

    /// Passes over lines from `at` on, where a value begins at the batch's top. What then comes must be
    /// read.
    pub(super) fn pass(&mut self, text: &[u8], at: usize) -> Option<Passed> {
        let begins_line = at == 0 || text.get(at - 1) == Some(&b'\n');
        if at < self.looked || at >= text.len() || !begins_line {
            return None;
        }
        match self.lines {
            Some(lines) => self.pass_given(text, at, lines),
            None => self.pass_found(text, at),
        }
    }

    fn pass_given(&mut self, text: &[u8], at: usize, lines: u32) -> Option<Passed> {
        let first = self.count_to(text, at);
        let Some(hit) = self.sampler.find(text, at) else {
            self.looked = text.len();
            return Some(Passed { until: text.len(), records: lines.saturating_sub(first) });
        };
        let until = self.stop_at(text, at, hit);
        Some(Passed { until, records: self.count_to(text, until).saturating_sub(first) })
    }

    fn pass_found(&mut self, text: &[u8], at: usize) -> Option<Passed> {
        // Behind a hit the rest of its run is still known to be plain.
        if !(self.run.start..self.run.end).contains(&at) {
            self.run = run(text, at);
        }
        let Run { start, end, lines } = self.run;
        if lines == 0 {
            self.looked = line_end(text, at).saturating_add(1);
            return None;
        }
        let plain = text.get(..end).unwrap_or(text);
        let until = match self.sampler.find(plain, at) {
            Some(hit) => self.stop_at(plain, at, hit),
            None if at == start => return Some(Passed { until: end, records: lines }),
            None => end,
        };
        let passed = plain.get(at..until).unwrap_or_default();
        let cut_short = !passed.is_empty() && !passed.ends_with(b"\n");
        Some(Passed { until, records: count_lines(passed) as u32 + u32::from(cut_short) })
    }

    /// The beginning of the line that a hit lies in, which must be read.
    fn stop_at(&mut self, text: &[u8], from: usize, hit: usize) -> usize {
        self.looked = line_end(text, hit).saturating_add(1);
        line_start(text, hit).max(from)
    }

    /// How many lines lie before an offset that is a line's beginning.
    fn count_to(&mut self, text: &[u8], at: usize) -> u32 {
        let (from, lines) = self.counted;
        let more = count_lines(text.get(from..at).unwrap_or_default());
        self.counted = (at, lines.saturating_add(more as u32));
        self.counted.1
    }
}

/// The plain lines that begin at an offset, up to about [`RUN`] bytes of them.
fn run(text: &[u8], start: usize) -> Run {
    let (mut end, mut lines) = (start, 0u32);
    let mut before_last = (start, 0);
    while end - start < RUN && end < text.len() {
        let line = line_end(text, end);
        if !is_plain(text.get(end..line).unwrap_or_default()) {
            break;
        }
        before_last = (end, lines);
        (end, lines) = ((line + 1).min(text.len()), lines.saturating_add(1));
    }
    if !matches!(text.get(end), None | Some(b'{')) {
        // What follows may belong to the last line.
        (end, lines) = before_last;
    }
    Run { start, end, lines }
}

/// Whether a line, without its line feed, is one record by its ends.
fn is_plain(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.len() <= RECORD_BYTES
        && line.ends_with(b"}")
        && HEADS.iter().any(|head| line.starts_with(head))
}
