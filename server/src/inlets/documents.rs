//! A text of JSON values one after another in; each of them out as it is written, or what is wrong where one is
//! broken.
//!
//! A template that doesn't escape lets a log's writer break a value, or cut it off, and that must cost no more than
//! the value itself. So behind a broken one the next is sought at the begin of a line, and at every object that
//! begins with one of a few keys: inside a string its quotes would be escaped.

use serde_json::value::RawValue;

/// Bytes that tries which failed may read, for each byte of the text. Beyond them a try reads no further than to
/// where the next one begins, so that a text of nothing but begins takes no more time than any other.
const FAILED_READS: usize = 8;

/// The values of a text.
pub struct Documents<'t> {
    rest: &'t str,
    keys: &'static [&'static str],
    failed_reads: usize,
    is_inside_broken: bool,
}

/// What stands at a place of the text.
pub struct Found<'t> {
    /// The value as it is written, or what is wrong with it.
    pub what: Result<&'t str, String>,
    /// It may be a part of the broken value before it, and is no value of the text's own unless it looks like one.
    pub may_be_a_part: bool,
}

impl<'t> Documents<'t> {
    /// The values of a text; its objects begin with one of `keys`.
    pub fn new(text: &'t str, keys: &'static [&'static str]) -> Documents<'t> {
        let failed_reads = text.len().saturating_mul(FAILED_READS);
        Documents { rest: text, keys, failed_reads, is_inside_broken: false }
    }

    /// Says that what was found last is a value of the text's own.
    pub fn is_own(&mut self) {
        self.is_inside_broken = false;
    }

    /// Where the next value may begin behind the begin of a broken one, and whether a line begins there.
    fn next_begin(&self) -> Option<(usize, bool)> {
        let bytes = self.rest.as_bytes();
        let mut from = 1;
        while let Some(at) = memchr::memchr2(b'\n', b'{', bytes.get(from..)?) {
            let at = from + at;
            let behind = self.rest.get(at + 1..)?;
            if bytes.get(at) == Some(&b'\n') {
                let line = behind.trim_start();
                if line.starts_with(['{', '[']) {
                    return Some((self.rest.len() - line.len(), true));
                }
                from = self.rest.len() - line.len();
            } else if self.has_key(behind) {
                return Some((at, false));
            } else {
                from = at + 1;
            }
        }
        None
    }

    fn has_key(&self, inside: &str) -> bool {
        let key = inside.trim_start().strip_prefix('"');
        let key = key.and_then(|key| key.get(..key.find('"')?));
        key.is_some_and(|key| self.keys.contains(&key))
    }
}

impl<'t> Iterator for Documents<'t> {
    type Item = Found<'t>;

    fn next(&mut self) -> Option<Found<'t>> {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if self.rest.is_empty() {
            return None;
        }
        let mut text = self.rest;
        if self.failed_reads == 0 {
            let end = self.next_begin().map_or(text.len(), |(at, _)| at);
            text = text.get(..end).unwrap_or_default();
        }
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let may_be_a_part = self.is_inside_broken;
        let what = match values.next() {
            Some(Ok(value)) => {
                self.rest = self.rest.get(values.byte_offset()..).unwrap_or_default();
                Ok(value.get())
            }
            Some(Err(error)) => {
                self.failed_reads = self.failed_reads.saturating_sub(read_until(text, &error));
                let (at, is_line) = self.next_begin().unwrap_or((self.rest.len(), true));
                self.rest = self.rest.get(at..).unwrap_or_default();
                self.is_inside_broken = !is_line;
                Err(format!("it isn't JSON: {error}"))
            }
            None => return None,
        };
        Some(Found { what, may_be_a_part })
    }
}

/// How much of a text was read when an error was found.
fn read_until(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found: values as they are, `!` for a broken one; what may be a part of one in brackets.
    fn found(text: &str) -> Vec<String> {
        Documents::new(text, &["event", "time"])
            .map(|found| {
                let what = found.what.map_or_else(|_| "!".to_owned(), str::to_owned);
                if found.may_be_a_part { format!("({what})") } else { what }
            })
            .collect()
    }

    #[test]
    fn a_broken_value_costs_itself_alone() {
        for (text, values) in [
            ("{\"event\":1} ,\n{\"a\":2}7", vec!["{\"event\":1}", "{\"a\":2}", "7"]),
            ("{\"event\":\"x {\"event\":1}", vec!["!", "({\"event\":1})"]),
            ("{\"event\":no} { \"time\" : 1}", vec!["!", "({ \"time\" : 1})"]),
            ("{\"event\":{\"a\":\n\n {\"event\":1}", vec!["!", "{\"event\":1}"]),
            ("{\"a\":{\"time\":1},}{\"a\":2}", vec!["!", "({\"time\":1})", "(!)"]),
            ("no\nnor this\n[1]", vec!["!", "[1]"]),
        ] {
            assert_eq!(found(text), values, "{text}");
        }
    }

    #[test]
    fn a_text_of_begins_takes_no_longer_than_its_length_has_it() {
        let text = "{\"event\":\n".repeat(200_000) + "{\"event\":{\"time\":1}}\n{\"event\":2}";
        assert_eq!(found(&text).last().map(String::as_str), Some("{\"event\":2}"));
    }
}
