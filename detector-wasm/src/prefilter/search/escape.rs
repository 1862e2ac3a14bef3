//! In: how JSON writes a character as `\uhhhh`. Out: the bytes that such an escape begins and ends with,
//! and the four bytes that it can show inside.
//!
//! A character of a literal is either itself or `\u00hh`; a `k` may also be the Kelvin sign, as itself or as
//! `\u212a`. In a text inside a text each character of an escape may be escaped again: a backslash as `\\`
//! or `\u005c`, any other as `\u00hh`, and so on to any depth. The four-byte windows of all those spellings
//! are finitely many, because one more level replaces each character by one or more others: the windows of
//! the next level are those of the replaced windows of the level before, and after a few levels no new ones
//! come. `escaped.txt` and `escaped-kelvin.txt` hold those that lie inside escapes; a test works them out
//! anew.

use crate::sort;

/// Windows inside one or two escapes of printable characters, in any depth; cases taken together as in
/// [`window`](mod@super::window).
const INSIDE: &str = include_str!("escaped.txt");

/// Those that only come where one of the escapes is the Kelvin sign's.
const INSIDE_KELVIN: &str = include_str!("escaped-kelvin.txt");

/// The Kelvin sign: a `k` for those who don't mind letters' case.
pub(super) const KELVIN: &[u8] = "\u{212a}".as_bytes();

/// How escapes begin: with one, two or three bytes.
const BEGINNINGS: [&[&[u8]]; 3] =
    [&[b"\\"], &[b"\\\\", b"\\u"], &[b"\\\\\\", b"\\\\u", b"\\u0", b"\\u\\"]];

/// Bytes that may stand between the last backslash of an escape and its end: five of its own, and up
/// to four of each escape around it, at 16 levels.
const TAIL: usize = 80;

/// Gives the windows inside escapes to `add`, those of the Kelvin sign among them or not.
pub(super) fn inside(kelvin: bool, add: &mut dyn FnMut(&[u8])) {
    let kelvin = if kelvin { INSIDE_KELVIN } else { "" };
    INSIDE.lines().chain(kelvin.lines()).for_each(|line| add(line.as_bytes()));
}

/// So many bytes, one to three, that an escape of a character begins with.
pub(super) fn beginnings(character: u8, length: usize) -> impl Iterator<Item = &'static [u8]> {
    let known = length.checked_sub(1).and_then(|place| BEGINNINGS.get(place));
    let kelvin = (character == b'k' && length == 3).then_some(&b"\\u2"[..]);
    known.copied().unwrap_or_default().iter().copied().chain(kelvin)
}

/// The last three bytes that a character's escape may end with.
pub(super) struct Endings {
    /// Of each hex digit's own escape, in an escape of an escape.
    digits: Vec<(u8, Vec<[u8; 3]>)>,
}

impl Endings {
    pub(super) fn new() -> Endings {
        let digits = b"0123456789abcdefABCDEF";
        let mut endings = Endings { digits: digits.iter().map(|c| (*c, Vec::new())).collect() };
        // Endings are made of endings one level deeper; after a few rounds no new ones come.
        loop {
            let next: Vec<_> = digits.iter().map(|digit| (*digit, endings.of(*digit))).collect();
            if next == endings.digits {
                return endings;
            }
            endings.digits = next;
        }
    }

    /// The endings of a printable character's escape.
    pub(super) fn of(&self, character: u8) -> Vec<[u8; 3]> {
        self.of_digits(b'0', character >> 4, character & 15)
    }

    /// The endings of the Kelvin sign's.
    pub(super) fn of_kelvin(&self) -> Vec<[u8; 3]> {
        self.of_digits(b'1', 0x2, 0xa)
    }

    /// The endings of an escape with these last digits, as far as those of digits are known.
    fn of_digits(&self, before: u8, high: u8, low: u8) -> Vec<[u8; 3]> {
        let mut found = Vec::new();
        for high in spellings(high) {
            for low in spellings(low) {
                found.push([before, high, low]);
                found.extend(self.known(low));
                found.extend(self.known(high).map(|[_, b, c]| [b, c, low]));
                found.extend(self.known(before).map(|[_, _, c]| [c, high, low]));
            }
        }
        sort::sort_and_dedup(&mut found);
        found
    }

    fn known(&self, digit: u8) -> impl Iterator<Item = [u8; 3]> + '_ {
        let of_digit = self.digits.iter().find(move |(known, _)| *known == digit);
        of_digit.into_iter().flat_map(|(_, endings)| endings.iter().copied())
    }
}

/// How a hex digit is written.
fn spellings(nibble: u8) -> impl Iterator<Item = u8> {
    let lower = char::from_digit(u32::from(nibble), 16).unwrap_or('0') as u8;
    let upper = lower.to_ascii_uppercase();
    std::iter::once(lower).chain((upper != lower).then_some(upper))
}

/// Whether the window at a position may be a part of an escape of a printable character, or have a part of
/// a Kelvin sign.
#[inline]
pub(super) fn touches(text: &[u8], at: usize) -> bool {
    let window = text.get(at..at.saturating_add(4)).unwrap_or_default();
    if window.iter().any(|byte| KELVIN.contains(byte)) {
        return true;
    }
    match window.iter().position(|byte| *byte == b'\\') {
        // What holds no backslash begins with an escape's tail.
        None => ends(text, at.saturating_add(1)),
        Some(_) => (at..at + 4).any(|place| begins(text, place)),
    }
}

/// Whether an escape of a printable character, the rest of one, or a Kelvin sign may begin at a position.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at.saturating_add(2)), Some(b"\\\\" | b"\\u" | [0xe2, 0x84]))
}

/// Whether an escape of a printable character or a Kelvin sign may end before a position.
#[inline]
pub(super) fn ends(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(TAIL)..at).unwrap_or_default();
    let mut tail = before.iter().rev();
    let stop = tail.by_ref().position(|byte| !byte.is_ascii_hexdigit() && *byte != b'u');
    before.ends_with(KELVIN)
        || stop.is_some_and(|length| length > 0 && before.iter().rev().nth(length) == Some(&b'\\'))
}
