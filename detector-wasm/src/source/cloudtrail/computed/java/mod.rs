//! In: an object or array of the record. Out: the text that Java's `toString` makes of it.
//!
//! The ingest pipeline of Elastic's AWS integration holds four objects also as such a text,
//! `{key=value, other={a=b}, list=[x, y]}`, in the key order of `java.util.HashMap`, after cleaning.
//! Elasticsearch doesn't index it beyond 8,191 characters, so a longer text counts as absent; reading
//! stops as soon as what is kept is longer.

mod number;
mod table;
mod tree;

use super::{Inputs, Visit, made};

/// The longest text that can be searched, in UTF-16 units as Java counts.
const LONGEST: usize = 8_191;

/// The text of the value at the only path.
pub(super) fn string<'a>(inputs: &dyn Inputs<'a>, visit: Visit<'_, 'a>) -> bool {
    let reading = inputs.reading();
    inputs.each(0, &mut |value| match tree::print(&value, reading) {
        Some(text) => visit(made(text)),
        None => false,
    })
}

/// The length of a text in UTF-16 units.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
