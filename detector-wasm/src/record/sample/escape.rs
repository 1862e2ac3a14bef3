//! In: a literal. Out: the four bytes that its spellings can show where one of its characters is
//! written as an escape.
//!
//! A character of a literal is either itself or `\u00hh`. In a text inside a text each character of that
//! escape may be escaped again: a backslash as `\\` or `\u005c`, any other as `\u00hh`, and so on to any
//! depth. The four-byte windows of all those spellings are finitely many, because one more level
//! replaces each character by one or more others: the windows of the next level are those of the
//! replaced windows of the level before, and after a few levels no new ones come. `escaped.txt` holds those
//! that lie inside escapes; a test works them out anew. Those that an escape shares with plain
//! characters of the literal depend on the literal, and are put together here.

use super::literal::Literal;

/// Windows inside one or two escapes of printable characters, in any depth; cases taken together as in
/// [`window`](mod@super::window).
const INSIDE: &str = include_str!("escaped.txt");

/// How escapes begin: with one, two or three bytes.
const BEGINNINGS: [&[&str]; 3] = [&["\\"], &["\\\\", "\\u"], &["\\\\\\", "\\\\u", "\\u0", "\\u\\"]];

/// Bytes that may stand between the last backslash of an escape and its end: five of its own, and up
/// to four of each escape around it, at 16 levels.
const TAIL: usize = 80;

/// Gives the windows inside escapes to `add`.
pub(super) fn inside(add: &mut dyn FnMut(&[u8])) {
    INSIDE.lines().for_each(|line| add(line.as_bytes()));
}

/// Gives the windows that an escape shares with the literal's plain characters to `add`.
pub(super) fn beside(literal: &Literal, add: &mut dyn FnMut(&[u8])) {
    let endings = Endings::new();
    let text = literal.text().as_bytes();
    let mut window = Vec::with_capacity(8);
    for at in 0..text.len() {
        let rest = text.get(at..).unwrap_or_default();
        // Plain characters, and then an escape.
        begin(rest, &mut window, add);
        // An escape, then plain characters, and perhaps an escape again.
        let Some((escaped, behind)) = rest.split_first() else { continue };
        let mut spellings = vec![*escaped];
        if literal.any_case() {
            spellings.push(escaped.to_ascii_uppercase());
        }
        for ending in spellings.into_iter().flat_map(|c| endings.of(c)) {
            for skipped in 0..3 {
                let ending = ending.get(skipped..).unwrap_or_default();
                let plain = 4 - ending.len();
                if let Some(behind) = behind.get(..plain) {
                    add(&[ending, behind].concat());
                }
                for plain in 1..plain {
                    for beginning in
                        BEGINNINGS.get(4 - ending.len() - plain - 1).copied().unwrap_or_default()
                    {
                        if let Some(behind) = behind.get(..plain) {
                            add(&[ending, behind, beginning.as_bytes()].concat());
                        }
                    }
                }
            }
        }
    }
}

/// One to three plain characters and the beginning of an escape.
fn begin(rest: &[u8], window: &mut Vec<u8>, add: &mut dyn FnMut(&[u8])) {
    for plain in 1..4usize {
        // There must be a character left to be escaped.
        let Some((plain_bytes, [_, ..])) = rest.split_at_checked(plain) else { break };
        for beginning in BEGINNINGS.get(3 - plain).copied().unwrap_or_default() {
            window.clear();
            window.extend_from_slice(plain_bytes);
            window.extend_from_slice(beginning.as_bytes());
            add(window);
        }
    }
}

/// The last three bytes of the spellings of a character's escape.
struct Endings {
    /// Of each hex digit's own escape, in an escape of an escape.
    digits: Vec<(u8, Vec<[u8; 3]>)>,
}

impl Endings {
    fn new() -> Endings {
        let digits = b"0123456789abcdefABCDEF";
        let mut endings =
            Endings { digits: digits.iter().map(|digit| (*digit, Vec::new())).collect() };
        // Endings are made of endings one level deeper; after a few rounds no new ones come.
        loop {
            let next: Vec<_> = digits.iter().map(|digit| (*digit, endings.of(*digit))).collect();
            if next == endings.digits {
                return endings;
            }
            endings.digits = next;
        }
    }

    /// The endings of a printable character's escape, as far as those of digits are known.
    fn of(&self, character: u8) -> Vec<[u8; 3]> {
        let mut found = Vec::new();
        for high in spellings(character >> 4) {
            for low in spellings(character & 15) {
                found.push([b'0', high, low]);
                found.extend(self.known(low));
                found.extend(self.known(high).map(|[_, b, c]| [b, c, low]));
                found.extend(self.known(b'0').map(|[_, _, c]| [c, high, low]));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn known(&self, digit: u8) -> impl Iterator<Item = [u8; 3]> + '_ {
        let of_digit = self.digits.iter().filter(move |(known, _)| *known == digit);
        of_digit.flat_map(|(_, endings)| endings.iter().copied())
    }
}

/// How a hex digit is written.
fn spellings(nibble: u8) -> impl Iterator<Item = u8> {
    let lower = char::from_digit(u32::from(nibble), 16).unwrap_or('0') as u8;
    let upper = lower.to_ascii_uppercase();
    std::iter::once(lower).chain((upper != lower).then_some(upper))
}

/// Whether the window at a position may be a part of an escape of a printable character.
pub(super) fn touches(text: &[u8], at: usize) -> bool {
    let window = text.get(at..at.saturating_add(4)).unwrap_or_default();
    match window.iter().position(|byte| *byte == b'\\') {
        // What holds no backslash begins with an escape's tail.
        None => ends(text, at.saturating_add(1)),
        Some(_) => (at..at + 4).any(|place| begins(text, place)),
    }
}

/// Whether an escape of a printable character, or the rest of one, may begin at a position.
pub(super) fn begins(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at.saturating_add(2)), Some(b"\\\\" | b"\\u"))
}

/// Whether an escape of a printable character may end before a position.
pub(super) fn ends(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(TAIL)..at).unwrap_or_default();
    let mut tail = before.iter().rev();
    let stop = tail.by_ref().position(|byte| !byte.is_ascii_hexdigit() && *byte != b'u');
    stop.is_some_and(|length| length > 0 && before.iter().rev().nth(length) == Some(&b'\\'))
}
