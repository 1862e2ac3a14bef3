//! In: bytes that should be JSON. Out: its tokens one at a time, or where and why it isn't.
//!
//! The reader pulls, so that no caller recurses; nesting costs one bit a level. It follows RFC 8259's grammar
//! with three leniencies, because a log's writer must not be able to hide a record behind them:
//! invalid UTF-8, lone surrogates, and control characters other than line feeds inside strings.

mod scalar;

use tocsin_boundary::Nesting;

use super::text::Text;
pub(crate) use scalar::plain_end;

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
type NextToken<'a> = Result<Option<Token<'a>>, JsonError>;

/// Reads one JSON value from a position on.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    start: usize,
    next: Next,
    /// What the grammar allows behind a value in the innermost container.
    behind: Next,
    open: Nesting,
}

impl<'a> Reader<'a> {
    /// A reader of the value that starts at `at`, which may have blanks before it.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        let open = Nesting::default();
        Reader { bytes, at, start: at, next: Next::Value, behind: Next::End, open }
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
    pub(crate) fn next(&mut self) -> NextToken<'a> {
        self.any()
    }

    /// Like [`Reader::next`], for a loop that takes most tokens: what it does with a token becomes one
    /// with reading it.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> NextToken<'a> {
        // Most records have no blanks.
        let (comes, byte) = if self.next == Next::MemberOrClose
            && let Some(b",\"") = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk)
        {
            self.at += 1;
            self.start = self.at;
            (Comes::Key, b'"')
        } else if self.next == Next::End {
            return Ok(None);
        } else {
            self.comes()?
        };
        self.take(comes, byte)
    }

    #[inline(always)]
    fn any(&mut self) -> NextToken<'a> {
        if self.next == Next::End {
            return Ok(None);
        }
        let (comes, byte) = self.comes()?;
        self.take(comes, byte)
    }

    /// What the next token is, and the byte that begins it.
    #[inline(always)]
    fn comes(&mut self) -> Result<(Comes, u8), JsonError> {
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
        Ok((comes, byte))
    }

    #[inline(always)]
    fn take(&mut self, comes: Comes, byte: u8) -> NextToken<'a> {
        match comes {
            Comes::Key => self.key(byte),
            Comes::Value => self.value(byte),
            Comes::Close => self.close(byte),
        }
    }

    /// Passes over the rest of the container whose opening was the last token, checking its grammar.
    pub(crate) fn skip_container(&mut self) -> Result<(), JsonError> {
        self.skip_until(self.open.depth().saturating_sub(1))
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
        self.skip_until(self.open.depth())
    }

    /// Takes tokens until no more than so many containers are open.
    fn skip_until(&mut self, depth: usize) -> Result<(), JsonError> {
        while self.next()?.is_some() && self.open.depth() > depth {}
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
    fn close(&mut self, byte: u8) -> NextToken<'a> {
        let container = match self.open.innermost_is_object() {
            Some(false) => {
                self.eat(byte == b']', "expected `,` or `]` in an array")?;
                Container::Array
            }
            _ => {
                self.eat(byte == b'}', "expected `,` or `}` in an object")?;
                Container::Object
            }
        };
        self.open.pop();
        self.behind = match self.open.innermost_is_object() {
            Some(true) => Next::MemberOrClose,
            Some(false) => Next::ElementOrClose,
            None => Next::End,
        };
        self.next = self.behind;
        Ok(Some(Token::Close(container)))
    }

    #[inline(always)]
    fn open(&mut self, container: Container) -> NextToken<'a> {
        if !self.open.push(container == Container::Object) {
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
    fn key(&mut self, byte: u8) -> NextToken<'a> {
        if byte != b'"' {
            return Err(self.fault(Fault::Expected("expected an object's key in quotes, or `}`")));
        }
        let key = self.string()?;
        self.next = Next::Colon;
        Ok(Some(Token::Key(key)))
    }

    #[inline(always)]
    fn value(&mut self, byte: u8) -> NextToken<'a> {
        match byte {
            b'{' => self.open(Container::Object),
            b'[' => self.open(Container::Array),
            b'"' => self.text(),
            _ => self.word_or_number(byte),
        }
    }

    #[inline(never)] // most values are texts
    fn word_or_number(&mut self, byte: u8) -> NextToken<'a> {
        let scalar = match byte {
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
    fn text(&mut self) -> NextToken<'a> {
        let text = self.string()?;
        self.next = self.behind;
        Ok(Some(Token::Scalar(Scalar::Text(text))))
    }
}

#[cfg(test)]
mod tests;
