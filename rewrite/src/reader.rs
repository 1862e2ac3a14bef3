//! Bytes of a module in, its numbers, names and sections out.

use crate::{Error, PREAMBLE};

/// A section as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'m> {
    pub(crate) id: u8,
    pub(crate) body: &'m [u8],
    /// Where the body begins in the file.
    pub(crate) start: usize,
}

/// The sections of a module, in their order.
pub(crate) fn sections(module: &[u8]) -> Result<Vec<Section<'_>>, Error> {
    let rest = module.strip_prefix(PREAMBLE).ok_or(Error::Malformed(0))?;
    let mut reader = Reader::new(rest, PREAMBLE.len());
    let mut found = Vec::new();
    while !reader.is_empty() {
        let id = reader.byte()?;
        let body = reader.bytes()?;
        found.push(Section { id, body, start: reader.position() - body.len() });
    }
    Ok(found)
}

/// Reads from the front of some bytes of a file.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'m> {
    rest: &'m [u8],
    /// Where `rest` ends in the file.
    end: usize,
}

impl<'m> Reader<'m> {
    pub(crate) fn new(bytes: &'m [u8], start: usize) -> Reader<'m> {
        Reader { rest: bytes, end: start + bytes.len() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Where in the file the next byte stands.
    pub(crate) fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    pub(crate) fn malformed(&self) -> Error {
        Error::Malformed(self.position())
    }

    /// What hasn't been read.
    pub(crate) fn rest(&self) -> &'m [u8] {
        self.rest
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'m [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of at most 32 bits.
    pub(crate) fn number(&mut self) -> Result<u32, Error> {
        let mut number = 0u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number).map_err(|_| self.malformed());
            }
        }
        Err(self.malformed())
    }

    /// A number of any width, of which only the end matters.
    pub(crate) fn skip_number(&mut self) -> Result<(), Error> {
        for _ in 0..10 {
            if self.byte()? & 0x80 == 0 {
                return Ok(());
            }
        }
        Err(self.malformed())
    }

    /// Bytes behind their length.
    pub(crate) fn bytes(&mut self) -> Result<&'m [u8], Error> {
        let length = self.number()? as usize;
        self.take(length)
    }

    /// A constant expression, with its end.
    pub(crate) fn expression(&mut self) -> Result<&'m [u8], Error> {
        let before = self.rest;
        loop {
            match self.byte()? {
                0x0b => break,
                // i32.const, i64.const, global.get, ref.func; ref.null and its heap type
                0x41 | 0x42 | 0x23 | 0xd2 | 0xd0 => self.skip_number()?,
                0x43 => {
                    self.take(4)?;
                }
                0x44 => {
                    self.take(8)?;
                }
                // Sums and products of integers.
                0x6a..=0x6c | 0x7c..=0x7e => {}
                _ => return Err(Error::Unsupported("a constant expression of another proposal")),
            }
        }
        before.get(..before.len() - self.rest.len()).ok_or_else(|| self.malformed())
    }
}
