//! Lines in, marks of those that plainly are a record each out.

use tocsin_wire::RecordKeys;

use super::Survey;
use crate::ends;
use crate::feeds::Feeds;
use crate::keys::begin;
use crate::recovery::ends_line;

/// Marks the plain lines from `at` on. Gives the offset behind them, and how many they are.
pub(super) fn mark(
    (batch, at): (&[u8], usize),
    keys: &RecordKeys,
    feeds: &mut Feeds<'_>,
    survey: &mut Survey,
) -> (usize, u32) {
    let mut start = at;
    let (mut end, mut lines) = (at, 0);
    while let Some(rest) = batch.get(start..)
        && let Some(begin) = begin(rest, keys)
    {
        let feed = feeds.line_end(start);
        let line = rest.get(..feed - start).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Of two lines that each begin with an object, the first one ends there.
        let begins = batch.get(feed + 1) == Some(&b'{');
        if !ends(line, begin, keys) || !begins && !ends_line(batch, feed) {
            break;
        }
        survey.record(start);
        end = start + line.len();
        lines += 1;
        start = (feed + 1).min(batch.len());
    }
    if lines > 0 {
        survey.end(end, 0);
    }
    (start, lines)
}
