//! In: four bytes, or a text. Out: how often they stand in records, whatever those are about.

use std::sync::LazyLock;

use super::numbers::Numbers;
use super::window::{Window, window};
use crate::source::SOURCE;

/// The windows of what stands in about every record, as often as they stand there.
pub(super) fn windows() -> Vec<Window> {
    SOURCE.sample.as_bytes().windows(4).map(window).collect()
}

/// How often four bytes stand in about every record.
fn times(piece: &[u8]) -> u32 {
    static PIECES: LazyLock<Numbers> = LazyLock::new(|| {
        let windows = windows();
        let mut pieces = Numbers::for_windows(windows.len());
        windows.into_iter().for_each(|window| pieces.count(window));
        pieces
    });
    PIECES.get(window(piece)).unwrap_or(0)
}

/// Whether four bytes stand in about every record.
pub(super) fn is_common(piece: &[u8]) -> bool {
    times(piece) > 0
}

/// How many percent of a text's pieces stand in about every record.
pub(super) fn commonness(text: &str) -> u8 {
    let pieces = text.as_bytes().windows(4);
    let all = pieces.len().max(1);
    (pieces.filter(|piece| is_common(piece)).count() * 100 / all) as u8
}

/// The part of so many bytes, or all if there are fewer, whose pieces come least often in about every
/// record, and where it begins.
pub(super) fn rarest_part(text: &str, length: usize) -> (usize, &str) {
    let pieces: Vec<u32> = text.as_bytes().windows(4).map(times).collect();
    let sum = |part: &[u32]| part.iter().sum::<u32>();
    let parts = pieces.windows(length.saturating_sub(3).max(1)).map(sum).enumerate();
    let from = parts.min_by_key(|(_, times)| *times).map_or(0, |(from, _)| from);
    (from, text.get(from..from.saturating_add(length)).unwrap_or(text))
}
