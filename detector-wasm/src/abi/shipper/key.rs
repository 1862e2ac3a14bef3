//! In: a record. Out: a copy of it in which nothing at the top bears the module's own name.
//!
//! Readers of an enriched record trust what stands under `tocsin`. A record that brings that key
//! itself, or one that a store would fold into it (`tocsin.alerts`), could put words into the module's
//! mouth or, as the same key twice, hide what it says. So such a key gets [`MARK`] before it and keeps its
//! value and place.

use std::ops::Range;

use super::extend;
use crate::record::copy::one_line;
use crate::record::json::{Container, Reader, Token};
use crate::record::text::Text;

/// The key that an enriched record gains.
pub(super) const KEY: &str = "tocsin";

/// What is put before a record's own key of that name.
const MARK: &[u8] = b"untrusted_";

/// The members at the top of a record.
#[derive(Debug)]
pub(super) struct Members {
    /// Where the object is closed.
    close: usize,
    /// Whether there is any.
    any: bool,
    /// The keys that need the mark, with their quotes.
    own: Vec<Range<usize>>,
}

impl Members {
    /// The members of a record that is one JSON object and nothing else; nothing if memory runs out.
    pub(super) fn of(record: &[u8]) -> Option<Members> {
        let mut reader = Reader::new(record, 0);
        if reader.next().ok()? != Some(Token::Open(Container::Object)) {
            return None;
        }
        let mut members = Members { close: 0, any: false, own: Vec::new() };
        loop {
            match reader.next().ok()?? {
                Token::Key(_) => {
                    members.any = true;
                    let key = reader.token_start()..reader.position();
                    if is_own(record.get(key.clone())?) {
                        members.own.try_reserve(1).ok()?;
                        members.own.push(key);
                    }
                }
                Token::Open(_) => reader.skip_container().ok()?,
                Token::Scalar(_) => {}
                Token::Close(_) => break,
            }
        }
        members.close = reader.token_start();
        let rest = record.get(reader.position()..)?;
        rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).then_some(members)
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    /// Appends the object without its closing brace; nothing if memory runs out.
    pub(super) fn copy(&self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let record = record.get(..self.close)?;
        // A control character becomes six bytes, and a broken one of UTF-8 three.
        let odd = record.iter().filter(|byte| !(0x20..0x80).contains(*byte)).count();
        let marks = self.own.len().checked_mul(MARK.len())?;
        let size = record.len().checked_add(odd.checked_mul(5)?)?.checked_add(marks)?;
        out.try_reserve_exact(size.checked_add(8)?).ok()?;
        let mut from = 0;
        for key in &self.own {
            one_line(record.get(from..key.start)?, out);
            extend(out, b"\"")?;
            extend(out, MARK)?;
            let quoted = out.len();
            one_line(record.get(key.clone())?, out);
            // The quote that the key began with.
            out.remove(quoted);
            from = key.end;
        }
        one_line(record.get(from..)?, out);
        Some(())
    }
}

/// Whether a key, given with its quotes, is the module's, or a dotted way to something under it.
fn is_own(quoted: &[u8]) -> bool {
    // As many bytes as the letters that count can take; one more letter shows that there is one.
    let begin = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let begin = begin.get(..(KEY.len() + 1) * 6).unwrap_or(begin);
    let key = Text::new(begin, begin.contains(&b'\\')).decode();
    key.strip_prefix(KEY).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
