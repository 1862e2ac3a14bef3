//! In: bytes that should be JSON. Out: its tokens one at a time, or where and why it isn't.
//!
//! The reader pulls, so nobody recurses; nesting costs one bit a level. It follows RFC 8259's grammar
//! with three leniencies, because a log's writer must not be able to hide a record behind them:
//! invalid UTF-8, lone surrogates, and control characters other than line feeds inside strings.

use super::text::Text;
use super::words::first_special;

/// An object or an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Object,
    Array,
}

/// A value that holds no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Text<'a>),
}

/// One step through a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Key(Text<'a>),
    Scalar(Scalar<'a>),
    Open(Container),
    Close(Container),
}

/// Why a text isn't JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text ends inside the value.
    CutOff,
    /// The text, or a line of it, ends inside a string.
    CutOffInString,
    /// There is no memory left to go on.
    Memory,
    /// Something else was expected here.
    Expected(&'static str),
}

/// A fault and the offset of the byte it was found at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) offset: usize,
    pub(crate) fault: Fault,
}

impl JsonError {
    /// What was expected, for the person who reads it.
    pub(crate) fn reason(&self) -> &'static str {
        match self.fault {
            Fault::CutOff => "the record is cut off: its text ends inside a value",
            Fault::CutOffInString => "the record is cut off: its text ends inside a string",
            Fault::Memory => "the record is nested too deep or too large for the memory there is",
            Fault::Expected(what) => what,
        }
    }
}

/// The kinds of the open containers, one bit each.
#[derive(Debug, Default)]
struct Nest {
    /// Those of the outermost 64, which most texts never leave.
    outer: u64,
    words: Vec<u64>,
    depth: usize,
}

impl Nest {
    /// False if there is no memory left.
    #[inline]
    fn push(&mut self, container: Container) -> bool {
        let bit = 1u64 << (self.depth % 64);
        let word = match (self.depth / 64).checked_sub(1) {
            None => &mut self.outer,
            Some(inner) => match self.inner(inner) {
                Some(word) => word,
                None => return false,
            },
        };
        match container {
            Container::Array => *word |= bit,
            Container::Object => *word &= !bit,
        }
        self.depth += 1;
        true
    }

    /// The word for the containers further in, made if it is new; nothing if there is no memory left.
    #[inline(never)] // hardly ever needed
    fn inner(&mut self, place: usize) -> Option<&mut u64> {
        if place == self.words.len() {
            self.words.try_reserve(1).ok()?;
            self.words.push(0);
        }
        self.words.get_mut(place)
    }

    #[inline]
    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline]
    fn top(&self) -> Option<Container> {
        let last = self.depth.checked_sub(1)?;
        let word = match (last / 64).checked_sub(1) {
            None => self.outer,
            Some(inner) => *self.words.get(inner)?,
        };
        Some(if word >> (last % 64) & 1 == 1 { Container::Array } else { Container::Object })
    }
}

/// What the grammar allows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrClose,
    KeyOrClose,
    Colon,
    /// Behind a value in an object.
    MemberOrClose,
    /// Behind a value in an array.
    ElementOrClose,
    End,
}

/// What a token turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    Key,
    Value,
    Close,
}

/// The next token, or nothing after the value's last.
type Step<'a> = Result<Option<Token<'a>>, JsonError>;

/// Reads one JSON value from a position on.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    start: usize,
    next: Next,
    /// What the grammar allows behind a value in the innermost container.
    behind: Next,
    nest: Nest,
}

impl<'a> Reader<'a> {
    /// A reader of the value that starts at `at`, which may have blanks before it.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        let nest = Nest::default();
        Reader { bytes, at, start: at, next: Next::Value, behind: Next::End, nest }
    }

    /// Where the last token began.
    pub(crate) fn token_start(&self) -> usize {
        self.start
    }

    /// Where the last token ended.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next token, or nothing after the value's last.
    pub(crate) fn next(&mut self) -> Step<'a> {
        self.any()
    }

    /// Like [`Reader::next`], for a loop that takes most tokens: what it does with a token becomes one
    /// with reading it.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Step<'a> {
        // Most records have no blanks.
        if self.next == Next::MemberOrClose
            && let Some(b",\"") = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk)
        {
            self.at += 1;
            self.start = self.at;
            return self.key(b'"');
        }
        self.any()
    }

    #[inline(always)]
    fn any(&mut self) -> Step<'a> {
        if self.next == Next::End {
            return Ok(None);
        }
        let mut byte = self.peek()?;
        let comes = match self.next {
            Next::Colon => {
                self.eat(byte == b':', "expected `:` after an object's key")?;
                byte = self.peek()?;
                Comes::Value
            }
            Next::MemberOrClose if byte == b',' => {
                self.at += 1;
                byte = self.peek()?;
                Comes::Key
            }
            Next::ElementOrClose if byte == b',' => {
                self.at += 1;
                byte = self.peek()?;
                Comes::Value
            }
            Next::MemberOrClose | Next::ElementOrClose => Comes::Close,
            Next::KeyOrClose if byte == b'}' => Comes::Close,
            Next::ValueOrClose if byte == b']' => Comes::Close,
            Next::KeyOrClose => Comes::Key,
            Next::Value | Next::ValueOrClose | Next::End => Comes::Value,
        };
        match comes {
            Comes::Key => self.key(byte),
            Comes::Value => self.value(byte),
            Comes::Close => self.close(byte),
        }
    }

    /// Passes over the rest of the container whose opening was the last token, checking its grammar.
    pub(crate) fn skip_container(&mut self) -> Result<(), JsonError> {
        self.skip_until(self.nest.depth.saturating_sub(1))
    }

    /// Passes over the value of the key that was the last token, checking its grammar.
    #[inline(always)]
    pub(crate) fn skip_value(&mut self) -> Result<(), JsonError> {
        // Most values are texts without escapes.
        if let Some(b":\"") = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let end = plain_end(self.bytes, self.at + 2);
            if self.bytes.get(end) == Some(&b'"') {
                self.at = end + 1;
                self.next = self.behind;
                return Ok(());
            }
        }
        self.skip_until(self.nest.depth)
    }

    /// Takes tokens until no more than so many containers are open.
    fn skip_until(&mut self, depth: usize) -> Result<(), JsonError> {
        while self.next()?.is_some() && self.nest.depth > depth {}
        Ok(())
    }

    /// The byte that begins the next token, which then is where the position is.
    #[inline]
    fn peek(&mut self) -> Result<u8, JsonError> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(byte) => {
                    self.start = self.at;
                    return Ok(*byte);
                }
                None => {
                    self.start = self.at;
                    return Err(self.fault(Fault::CutOff));
                }
            }
        }
    }

    fn fault(&self, fault: Fault) -> JsonError {
        JsonError { offset: self.at, fault }
    }

    fn eat(&mut self, fits: bool, expected: &'static str) -> Result<(), JsonError> {
        if !fits {
            return Err(self.fault(Fault::Expected(expected)));
        }
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn close(&mut self, byte: u8) -> Step<'a> {
        let container = self.nest.top().unwrap_or(Container::Object);
        match container {
            Container::Object => self.eat(byte == b'}', "expected `,` or `}` in an object")?,
            Container::Array => self.eat(byte == b']', "expected `,` or `]` in an array")?,
        }
        self.nest.pop();
        self.behind = match self.nest.top() {
            Some(Container::Object) => Next::MemberOrClose,
            Some(Container::Array) => Next::ElementOrClose,
            None => Next::End,
        };
        self.next = self.behind;
        Ok(Some(Token::Close(container)))
    }

    #[inline(always)]
    fn open(&mut self, container: Container) -> Step<'a> {
        if !self.nest.push(container) {
            return Err(self.fault(Fault::Memory));
        }
        self.at += 1;
        (self.next, self.behind) = match container {
            Container::Object => (Next::KeyOrClose, Next::MemberOrClose),
            Container::Array => (Next::ValueOrClose, Next::ElementOrClose),
        };
        Ok(Some(Token::Open(container)))
    }

    #[inline(always)]
    fn key(&mut self, byte: u8) -> Step<'a> {
        if byte != b'"' {
            return Err(self.fault(Fault::Expected("expected an object's key in quotes, or `}`")));
        }
        let key = self.string()?;
        self.next = Next::Colon;
        Ok(Some(Token::Key(key)))
    }

    #[inline(always)]
    fn value(&mut self, byte: u8) -> Step<'a> {
        let scalar = match byte {
            b'{' => return self.open(Container::Object),
            b'[' => return self.open(Container::Array),
            b'"' => return self.text(),
            b't' => self.word("true", Scalar::Bool(true))?,
            b'f' => self.word("false", Scalar::Bool(false))?,
            b'n' => self.word("null", Scalar::Null)?,
            b'-' | b'0'..=b'9' => Scalar::Number(self.number()?),
            _ => return Err(self.fault(Fault::Expected("expected a JSON value"))),
        };
        self.next = self.behind;
        Ok(Some(Token::Scalar(scalar)))
    }

    #[inline(always)]
    fn text(&mut self) -> Step<'a> {
        let text = self.string()?;
        self.next = self.behind;
        Ok(Some(Token::Scalar(Scalar::Text(text))))
    }

    fn word(&mut self, word: &str, scalar: Scalar<'a>) -> Result<Scalar<'a>, JsonError> {
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

    fn number(&mut self) -> Result<&'a str, JsonError> {
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
    fn string(&mut self) -> Result<Text<'a>, JsonError> {
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
#[inline]
pub(crate) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((two, behind)) = rest.split_first_chunk::<16>() {
        let words = u128::from_le_bytes(*two);
        let (first, second) = (first_special(words as u64), first_special((words >> 64) as u64));
        if first | second == 0 {
            rest = behind;
            continue;
        }
        let (stops, before) = if first != 0 { (first, 0) } else { (second, 8) };
        let at = before + stops.trailing_zeros() as usize / 8;
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

/// Whether a byte ends a string or changes its meaning.
#[inline(always)]
fn stops_string(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<usize, JsonError> {
        let mut reader = Reader::new(text, 0);
        while reader.next()?.is_some() {}
        Ok(reader.position())
    }

    #[test]
    fn what_json_is() {
        for good in [
            r#"{}"#,
            r#"[]"#,
            r#"{"a":[1,-2.5e+3,{"b":null}],"c":"\u00e9\n"}"#,
            "0",
            "\"x\"",
            " [ true , false ] ",
        ] {
            assert!(read(good.as_bytes()).is_ok(), "{good}");
        }
    }

    #[test]
    fn where_json_breaks() {
        for (bad, offset) in [
            ("{", 1),
            ("{\"a\"}", 4),
            ("{\"a\":}", 5),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("[1}", 2),
            ("01", 2),
            ("-", 1),
            ("1.", 2),
            ("\"a", 2),
            ("\"\\x\"", 1),
            ("\"\\u12g4\"", 1),
            ("tru", 3),
            ("nul}", 0),
            ("", 0),
        ] {
            // `01` is a zero with something after it, which is the caller's affair.
            match read(bad.as_bytes()) {
                Err(error) => assert_eq!(error.offset, offset, "{bad}"),
                Ok(end) => assert_eq!((bad, end), ("01", 1)),
            }
        }
    }

    #[test]
    fn a_string_goes_on_to_the_byte_that_stops_it() {
        for (byte, stops) in [
            (b'"', true),
            (b'\\', true),
            (b'\n', true),
            (0, false),
            (b'\t', false),
            (0x1f, false),
            (b' ', false),
            (b'!', false),
            (b'#', false),
            (0x82, false),
            (0xa2, false),
            (0xff, false),
        ] {
            for (length, at) in (1..40).flat_map(|length| (0..length).map(move |at| (length, at))) {
                let mut text = vec![b'a'; length];
                text[at] = byte;
                let end = if stops { at } else { length };
                assert_eq!(plain_end(&text, 0), end, "{byte} at {at} of {length}");
                text.push(b'"');
                assert_eq!(plain_end(&text, 0), end, "{byte} at {at} of {length}, quote");
            }
        }
    }

    #[test]
    fn depth_costs_a_bit_a_level() {
        let deep = [b'['; 100_000];
        let error = read(&deep).unwrap_err();
        assert_eq!((error.offset, error.fault), (100_000, Fault::CutOff));
    }
}
