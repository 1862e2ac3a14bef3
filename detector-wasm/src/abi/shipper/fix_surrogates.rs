//! In: JSON. Out: JSON that every reader takes.

use crate::record::text::hex4;

/// Replaces each lone surrogate, an escape that stands for no character, by U+FFFD's escape, in place.
/// JSON's grammar allows them; some readers give up the whole text over one.
pub(super) fn fix_surrogates(text: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'\\')) {
        at += found;
        match unit(text, at) {
            // Any other escape: a backslash and what it escapes.
            None => at += 2,
            Some(0xd800..0xdc00) if matches!(unit(text, at + 6), Some(0xdc00..0xe000)) => at += 12,
            Some(0xd800..0xe000) => {
                if let Some(escape) = text.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                at += 6;
            }
            Some(_) => at += 6,
        }
    }
}

/// The sixteen bits of the escape `\uXXXX` at an offset, if one is there.
fn unit(text: &[u8], at: usize) -> Option<u32> {
    hex4(text.get(at..at + 6)?.strip_prefix(b"\\u")?)
}
