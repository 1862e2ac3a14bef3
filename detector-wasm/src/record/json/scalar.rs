//! In: a reader before a number, a word or a string. Out: the reader behind it, or what is wrong with it.

use super::{Fault, JsonError, Reader, Scalar};
use crate::record::text::Text;
use crate::record::words::first_special;

impl<'a> Reader<'a> {
    /// One of the words that JSON has, or the begin of it that the text ends with.
    pub(super) fn word(&mut self, word: &str, scalar: Scalar<'a>) -> Result<Scalar<'a>, JsonError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(scalar)
        } else if word.as_bytes().starts_with(rest) {
            self.at += rest.len();
            Err(self.fault(Fault::CutOff))
        } else {
            Err(self.fault(Fault::Expected("expected a JSON value")))
        }
    }

    /// A number as it is written.
    pub(super) fn number(&mut self) -> Result<&'a str, JsonError> {
        let from = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        let digits = self.bytes.get(from..self.at).unwrap_or_default();
        // Always ASCII, so the fallback is never taken.
        Ok(std::str::from_utf8(digits).unwrap_or("0"))
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            _ if self.at > from => Ok(()),
            None => Err(self.fault(Fault::CutOff)),
            Some(_) => Err(self.fault(Fault::Expected("expected a digit"))),
        }
    }

    /// The string whose opening quote is at the position; the position is then after its closing one.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Result<Text<'a>, JsonError> {
        let from = self.at + 1;
        self.at = from;
        self.plain();
        let escaped = self.bytes.get(self.at) != Some(&b'"');
        if escaped {
            self.escapes()?;
        }
        let raw = self.bytes.get(from..self.at).unwrap_or_default();
        self.at += 1;
        Ok(Text::new(raw, escaped))
    }

    /// Goes on to the next byte that ends a string or changes its meaning, or to the text's end.
    #[inline]
    fn plain(&mut self) {
        self.at = plain_end(self.bytes, self.at);
    }

    /// Goes on to a string's closing quote from what isn't one.
    #[inline(never)] // most strings have no escapes
    fn escapes(&mut self) -> Result<(), JsonError> {
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                _ => return Err(self.fault(Fault::CutOffInString)),
            }
            self.plain();
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                for place in 2..6 {
                    match self.bytes.get(self.at + place) {
                        Some(digit) if digit.is_ascii_hexdigit() => {}
                        None => return Err(self.fault(Fault::CutOffInString)),
                        Some(_) => {
                            return Err(self.fault(Fault::Expected(
                                "expected four hex digits after `\\u` in a string",
                            )));
                        }
                    }
                }
                self.at += 6;
            }
            None => return Err(self.fault(Fault::CutOffInString)),
            Some(_) => {
                return Err(self.fault(Fault::Expected("an escape that JSON doesn't have")));
            }
        }
        Ok(())
    }
}

/// The offset of the next byte that ends a string or changes its meaning, or of the text's end.
#[inline(always)]
pub(crate) fn plain_end(bytes: &[u8], from: usize) -> usize {
    // Most strings are short: the end of one is seen here, without a call.
    match bytes.get(from..).and_then(<[u8]>::first_chunk).map(|two| (two, special(two))) {
        Some((two, Some(at))) if two.get(at).is_some_and(stops_string) => from + at,
        Some((_, None)) => far_end(bytes, from + 16),
        _ => far_end(bytes, from),
    }
}

/// The same where the end isn't in the next few bytes.
#[inline(never)]
fn far_end(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((two, behind)) = rest.split_first_chunk::<16>() {
        let Some(at) = special(two) else {
            rest = behind;
            continue;
        };
        if two.get(at).is_some_and(stops_string) {
            return bytes.len() - rest.len() + at;
        }
        // A control character that strings may have after all.
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    if let Some((word, behind)) = rest.split_first_chunk()
        && first_special(u64::from_le_bytes(*word)) == 0
    {
        rest = behind;
    }
    bytes.len() - rest.len() + rest.iter().position(stops_string).unwrap_or(rest.len())
}

/// Which of the bytes is the first that JSON doesn't let stand in a string as it is.
#[inline(always)]
fn special(two: &[u8; 16]) -> Option<usize> {
    let words = u128::from_le_bytes(*two);
    let (first, second) = (first_special(words as u64), first_special((words >> 64) as u64));
    if first | second == 0 {
        return None;
    }
    let (stops, before) = if first != 0 { (first, 0) } else { (second, 8) };
    Some(before + stops.trailing_zeros() as usize / 8)
}

/// Whether a byte ends a string or changes its meaning.
#[inline(always)]
fn stops_string(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'\n')
}
