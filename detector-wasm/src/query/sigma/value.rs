//! In: a text of a Sigma rule. Out: its wildcards, and the forms that encodings give it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::pattern::Piece;

/// How many forms a value may take.
const MOST_FORMS: usize = 3_125;

/// How much room the forms of a rule's values may take together, in bytes.
const FORM_BYTES: usize = 2 << 20;

/// Bytes that a form takes beside its text.
const FORM_COST: usize = 64;

const TOO_MUCH: &str = "the forms of the rule's values together take more than 2 MiB";

/// The room that forms take.
fn cost(forms: &[Value]) -> usize {
    forms.iter().map(|form| form.bytes().saturating_add(FORM_COST)).sum()
}

/// What is left of the room for the forms of a rule's values.
#[derive(Debug)]
pub(super) struct FormRoom(usize);

impl Default for FormRoom {
    fn default() -> FormRoom {
        FormRoom(FORM_BYTES)
    }
}

impl FormRoom {
    /// Whether so many forms of so many bytes each have room.
    fn holds(&self, forms: usize, bytes: usize) -> Result<(), &'static str> {
        let fits = forms.saturating_mul(bytes.saturating_add(FORM_COST)) <= self.0;
        fits.then_some(()).ok_or(TOO_MUCH)
    }
}

/// What an encoding modifier does with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    WinDash,
    Utf16,
    Utf16Le,
    Utf16Be,
    Base64,
    Base64Offset,
}

impl Encoding {
    /// Whether what stands for any characters still does so in what the encoding gives.
    pub(super) fn keeps_wildcards(self) -> bool {
        matches!(self, Encoding::WinDash | Encoding::Utf16Le | Encoding::Utf16Be)
    }
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    Star,
    One,
}

/// A text with wildcards. Bytes, because encodings needn't give texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value(Vec<Part>);

impl Value {
    /// Reads `*` and `?` as wildcards. A backslash before one of them, or before a backslash, makes
    /// plain what follows; any other backslash is one itself.
    pub(super) fn parse(text: &str) -> Value {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let wildcard = match c {
                '*' => Part::Star,
                '?' => Part::One,
                _ => {
                    let next =
                        chars.peek().copied().filter(|next| matches!(next, '*' | '?' | '\\'));
                    let c = match next {
                        Some(next) if c == '\\' => {
                            chars.next();
                            next
                        }
                        _ => c,
                    };
                    plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    continue;
                }
            };
            if !plain.is_empty() {
                parts.push(Part::Bytes(std::mem::take(&mut plain)));
            }
            parts.push(wildcard);
        }
        if !plain.is_empty() {
            parts.push(Part::Bytes(plain));
        }
        Value(parts)
    }

    /// The text, if there are no wildcards in it.
    pub(super) fn plain(&self) -> Option<&[u8]> {
        match self.0.as_slice() {
            [] => Some(b""),
            [Part::Bytes(bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// Whether any text fits.
    pub(super) fn is_anything(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|part| *part == Part::Star)
    }

    /// The pieces of a pattern; nothing if the encodings left no text.
    pub(super) fn pieces(&self) -> Option<Vec<Piece>> {
        let piece = |part: &Part| match part {
            Part::Bytes(bytes) => String::from_utf8(bytes.clone()).ok().map(Piece::Text),
            Part::Star => Some(Piece::Star),
            Part::One => Some(Piece::One),
        };
        self.0.iter().map(piece).collect()
    }

    /// The forms that the encodings, one after the other, give the value; or why they can't.
    pub(super) fn encode(
        self,
        encodings: &[Encoding],
        room: &mut FormRoom,
    ) -> Result<Vec<Value>, &'static str> {
        if encodings.is_empty() {
            return Ok(vec![self]);
        }
        let mut forms = vec![self];
        for encoding in encodings {
            let mut next = Vec::new();
            for form in forms {
                match encoding {
                    Encoding::WinDash => form.dashes(room, &mut next)?,
                    Encoding::Utf16 => next.push(form.utf16(u16::to_le_bytes, &[0xff, 0xfe])?),
                    Encoding::Utf16Le => next.push(form.utf16(u16::to_le_bytes, &[])?),
                    Encoding::Utf16Be => next.push(form.utf16(u16::to_be_bytes, &[])?),
                    Encoding::Base64 => {
                        next.push(Value::of_bytes(STANDARD.encode(form.unbroken()?).into_bytes()))
                    }
                    Encoding::Base64Offset => next.extend(shifted(form.unbroken()?)),
                }
                if next.len() > MOST_FORMS {
                    return Err("the value takes too many forms");
                }
            }
            forms = next;
            if cost(&forms) > room.0 {
                return Err(TOO_MUCH);
            }
        }
        room.0 = room.0.checked_sub(cost(&forms)).ok_or(TOO_MUCH)?;
        Ok(forms)
    }

    fn of_bytes(bytes: Vec<u8>) -> Value {
        Value(vec![Part::Bytes(bytes)])
    }

    /// How many bytes its texts have.
    fn bytes(&self) -> usize {
        let bytes = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.len(),
            Part::Star | Part::One => 1,
        };
        self.0.iter().map(bytes).sum()
    }

    /// The bytes, which mustn't have wildcards between them: those have no encoding.
    fn unbroken(&self) -> Result<&[u8], &'static str> {
        self.plain().ok_or("a value with wildcards can't be encoded in Base64")
    }

    fn utf16(self, order: fn(u16) -> [u8; 2], mark: &[u8]) -> Result<Value, &'static str> {
        let mut parts = Vec::new();
        for part in self.0 {
            parts.push(match part {
                Part::Bytes(bytes) => {
                    let text =
                        String::from_utf8(bytes).map_err(|_| "the value isn't a text any more")?;
                    let mut encoded = if parts.is_empty() { mark.to_vec() } else { Vec::new() };
                    encoded.extend(text.encode_utf16().flat_map(order));
                    Part::Bytes(encoded)
                }
                wildcard => wildcard,
            });
        }
        Ok(Value(parts))
    }

    /// All ways to write the dashes that begin a word: any of them may stand for any other.
    fn dashes(self, room: &FormRoom, out: &mut Vec<Value>) -> Result<(), &'static str> {
        let whole = self.bytes();
        let mut forms: Vec<Vec<Part>> = vec![Vec::new()];
        for part in self.0 {
            let Part::Bytes(bytes) = part else {
                forms.iter_mut().for_each(|form| form.push(part.clone()));
                continue;
            };
            let text = String::from_utf8(bytes).map_err(|_| "the value isn't a text any more")?;
            let mut texts = vec![String::new()];
            let mut before = None;
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let opens = DASHES.contains(&c)
                    && !before.is_some_and(word)
                    && chars.peek().copied().is_some_and(word);
                if opens {
                    room.holds(texts.len().saturating_mul(forms.len() * DASHES.len()), whole)?;
                    texts = texts
                        .iter()
                        .flat_map(|text| DASHES.map(|dash| format!("{text}{dash}")))
                        .collect();
                } else {
                    texts.iter_mut().for_each(|text| text.push(c));
                }
                if texts.len().saturating_mul(forms.len()) > MOST_FORMS {
                    return Err("there are too many dashes to write in every way");
                }
                before = Some(c);
            }
            forms = forms
                .iter()
                .flat_map(|form| {
                    texts.iter().map(|text| {
                        let mut form = form.clone();
                        form.push(Part::Bytes(text.clone().into_bytes()));
                        form
                    })
                })
                .collect();
        }
        out.extend(forms.into_iter().map(Value));
        Ok(())
    }
}

/// What may begin an option on a Windows command line.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// What stays the same of the bytes' Base64 wherever they stand in a longer text: one form for each of
/// the three places in a group that the first byte can have.
fn shifted(bytes: &[u8]) -> impl Iterator<Item = Value> {
    [(0, 0), (1, 2), (2, 3)].into_iter().map(move |(shift, skip)| {
        let mut text = vec![0; shift];
        text.extend_from_slice(bytes);
        let mut encoded = STANDARD_NO_PAD.encode(&text).into_bytes();
        if text.len() % 3 != 0 {
            encoded.pop(); // its other bits are those of what follows
        }
        Value::of_bytes(encoded.get(skip..).unwrap_or_default().to_vec())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &Value) -> String {
        let part = |part: &Part| match part {
            Part::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Part::Star => "<*>".to_owned(),
            Part::One => "<?>".to_owned(),
        };
        value.0.iter().map(part).collect()
    }

    #[test]
    fn wildcards_and_backslashes() {
        for (text, expected) in [
            ("a*b?", "a<*>b<?>"),
            (r"a\b", r"a\b"),
            (r"a\\b", r"a\b"),
            (r"\*\?", "*?"),
            (r"\\*", r"\<*>"),
            (r"\\\*", r"\*"),
            (r"\\\", r"\\"),
            (r"\\\\", r"\\"),
            (r"a\", r"a\"),
            ("", ""),
        ] {
            assert_eq!(show(&Value::parse(text)), expected, "{text}");
        }
    }

    fn forms(text: &str, encodings: &[Encoding]) -> Vec<String> {
        Value::parse(text)
            .encode(encodings, &mut FormRoom::default())
            .unwrap()
            .iter()
            .map(show)
            .collect()
    }

    #[test]
    fn encodings() {
        use Encoding::*;
        assert_eq!(forms("foo", &[Base64]), ["Zm9v"]);
        assert_eq!(forms("foob", &[Base64]), ["Zm9vYg=="]);
        assert_eq!(forms("fooba", &[Base64]), ["Zm9vYmE="]);
        assert_eq!(forms("foobar", &[Base64Offset]), ["Zm9vYmFy", "Zvb2Jhc", "mb29iYX"]);
        assert_eq!(forms("a?b", &[Utf16Le]), ["a\0<?>b\0"]);
        assert_eq!(forms("ab", &[Utf16Be]), ["\0a\0b"]);
        assert_eq!(forms("ab", &[Utf16, Base64]), ["//5hAGIA"]);
        assert_eq!(forms("cmd", &[Utf16Le, Base64]), ["YwBtAGQA"]);
        assert_eq!(forms("-a b-c", &[WinDash]).len(), 5);
        assert_eq!(forms("x /a -b", &[WinDash]).len(), 25);
        assert_eq!(forms("-*-a", &[WinDash]).len(), 5);
    }

    #[test]
    fn every_shifted_form_is_found_in_what_encodes_the_text() {
        for text in ["a", "ab", "abc", "abcd", "Invoke-Expression", "é"] {
            let forms = Value::parse(text)
                .encode(&[Encoding::Base64Offset], &mut FormRoom::default())
                .unwrap();
            for (shift, form) in forms.iter().enumerate() {
                for rest in 0..3 {
                    let whole = "x".repeat(shift + 3) + text + &"y".repeat(rest);
                    let whole = STANDARD.encode(whole);
                    assert!(whole.contains(&show(form)), "{text} {shift} {rest}");
                }
            }
        }
    }

    #[test]
    fn what_a_rules_values_take_together_is_bounded() {
        let mut room = FormRoom::default();
        let mut values = 0;
        while Value::parse("-a -b -c -d").encode(&[Encoding::WinDash], &mut room).is_ok() {
            values += 1;
        }
        // Some dashes take more bytes than others.
        let most = FORM_BYTES / (625 * (11 + FORM_COST));
        assert!((most / 2..most).contains(&values), "{values}");
        let mut room = FormRoom::default();
        assert!(Value::parse("a").encode(&[Encoding::Base64; 60], &mut room).is_err());
        let long = "-a ".repeat(4) + &"x".repeat(10_000);
        assert!(Value::parse(&long).encode(&[Encoding::WinDash], &mut room).is_err());
    }

    #[test]
    fn what_cant_be_encoded() {
        use Encoding::*;
        for (text, encodings) in [
            ("a*", &[Base64][..]),
            ("a?", &[Base64Offset]),
            ("ab", &[Utf16, Utf16]),
            ("-a -b -c -d -e -f", &[WinDash]),
        ] {
            assert!(
                Value::parse(text).encode(encodings, &mut FormRoom::default()).is_err(),
                "{text}"
            );
        }
        let bytes = Value::parse("é").encode(&[Utf16Le], &mut FormRoom::default()).unwrap();
        assert_eq!(bytes[0].pieces(), None);
    }
}
