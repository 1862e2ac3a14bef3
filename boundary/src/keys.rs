//! An object's text in; out whether it is a record, or holds one as a text, judged by the keys in its first kilobyte.

use tocsin_wire::{RecordKeys, Text};

use crate::json;

/// How far into a record one of its keys is looked for. In records whose keys are sorted by name, they stand within it.
const WITHIN: usize = 1 << 10;

/// How what may be passed over begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// As a record.
    Record,
    /// As an object with a record in a text, whose string's inside begins at this offset.
    Text(usize),
}

/// Whether a text begins as a record: with an object whose members, as the reader would accept
/// them, lead to a record's key.
#[must_use]
#[inline]
pub fn begins_record(text: &[u8], keys: &RecordKeys) -> bool {
    begin_of(text, keys, false).is_some()
}

/// How a text begins, if as a record, or as an object whose members, as the reader would accept them, lead to a text
/// that begins as a record.
#[inline]
pub(crate) fn begin(text: &[u8], keys: &RecordKeys) -> Option<Begin> {
    begin_of(text, keys, true)
}

/// Whether the record in the text of an object, the inside of whose string begins at an offset, isn't cut off, by how the
/// string ends. Behind it nothing may stand that makes more of the object than an envelope of that text.
pub(crate) fn text_ends(object: &[u8], inside: usize, keys: &RecordKeys) -> bool {
    let Ok(end) = json::value_end(object, inside.saturating_sub(1)) else { return false };
    let mut text = object.get(inside..end.saturating_sub(1)).unwrap_or_default();
    while let [rest @ .., b'\\', b'n' | b'r' | b't'] | [rest @ .., b' '] = text {
        text = rest;
    }
    text.last() == Some(&b'}') && ends_with_words(object, end, keys) == Some(true)
}

/// Whether an object that goes on behind a member ends with members that make no more of it; nothing if they aren't
/// members.
fn ends_with_words(object: &[u8], behind: usize, keys: &RecordKeys) -> Option<bool> {
    let mut at = blanks_end(object, behind);
    while object.get(at) == Some(&b',') {
        let (name, behind) = key(object, blanks_end(object, at + 1))?;
        let mut known =
            [&keys.records, &keys.lists, &keys.texts].into_iter().flat_map(|keys| keys.iter());
        if is_beside(keys, name) || known.any(|known| known.as_bytes() == name) {
            return Some(false);
        }
        let end = json::value_end(object, value(object, behind)?).ok()?;
        at = blanks_end(object, end);
    }
    Some(object.get(at..) == Some(b"}"))
}

/// The key without escapes that begins at an offset, and what stands from its closing quote on.
fn key(text: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    let inside = text.get(at + 1..).filter(|_| text.get(at) == Some(&b'"'))?;
    Some(inside.split_at(json::plain_length(inside)?))
}

/// The offset of the value of a key, behind which this stands from its closing quote on.
fn value(text: &[u8], behind: &[u8]) -> Option<usize> {
    let colon = blanks_end(behind, 1);
    (behind.get(colon) == Some(&b':'))
        .then(|| text.len() - behind.len() + blanks_end(behind, colon + 1))
}

/// Whether a key, or its part before the first dot, makes more of an object than an envelope of a text.
fn is_beside(keys: &RecordKeys, name: &[u8]) -> bool {
    let first = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    keys.beside.iter().any(|known| known.as_bytes() == first)
}

#[inline]
fn begin_of(text: &[u8], keys: &RecordKeys, or_text: bool) -> Option<Begin> {
    if !keys.usual.is_empty() && text.starts_with(keys.usual.as_bytes()) {
        return Some(Begin::Record);
    }
    let inside = text.strip_prefix(b"{\"")?;
    let is_first = |key: &&Text| {
        let behind = inside.strip_prefix(key.as_bytes());
        behind.is_some_and(|behind| behind.first() == Some(&b'"'))
    };
    match keys.records.iter().find(is_first) {
        Some(key) => {
            let behind = inside.get(key.len()..).unwrap_or_default();
            (!is_foreign(keys, key.as_bytes(), behind)).then_some(Begin::Record)
        }
        None => leads_to_record_key(text, keys, or_text),
    }
}

/// Whether a key, behind which this stands from its closing quote on, has a value that no record has there.
#[inline]
fn is_foreign(keys: &RecordKeys, key: &[u8], behind: &[u8]) -> bool {
    if !keys.foreign.iter().any(|(name, _)| name.as_bytes() == key) {
        return false;
    }
    let colon = blanks_end(behind, 1);
    let value = behind.get(blanks_end(behind, colon + 1)..).unwrap_or_default();
    let value = value.strip_prefix(b"\"").unwrap_or_default();
    let begins = |begin: &Text| value.starts_with(begin.as_bytes());
    keys.foreign.iter().any(|(name, begin)| name.as_bytes() == key && begins(begin))
}

/// Whether a record's key comes behind other members, or one whose text is a record.
#[inline(never)]
fn leads_to_record_key(text: &[u8], keys: &RecordKeys, or_text: bool) -> Option<Begin> {
    let text = text.get(..WITHIN).unwrap_or(text);
    // No further than the line: a text of short lines, each an object's begin, is looked at once.
    let text = memchr::memchr(b'\n', text).and_then(|end| text.get(..end)).unwrap_or(text);
    let (mut at, mut or_text) = (1, or_text);
    loop {
        let (name, behind) = key(text, at)?;
        if is_foreign(keys, name, behind) {
            return None;
        }
        if keys.records.iter().any(|known| known.as_bytes() == name) {
            return Some(Begin::Record);
        }
        // Whether such a document is a list of records is more than its first bytes can tell.
        if keys.lists.iter().any(|known| known.as_bytes() == name) {
            return None;
        }
        or_text &= !is_beside(keys, name);
        let value = value(text, behind)?;
        if or_text
            && text.get(value) == Some(&b'"')
            && keys.texts.iter().any(|known| known.as_bytes() == name)
            && is_record_in_text(text.get(value + 1..).unwrap_or_default(), keys)
        {
            return Some(Begin::Text(value + 1));
        }
        let end = json::value_end(text, value).ok()?;
        let comma = blanks_end(text, end);
        if text.get(comma) != Some(&b',') {
            return None;
        }
        at = blanks_end(text, comma + 1);
    }
}

/// Whether a string whose inside begins so holds a text that begins as a record.
fn is_record_in_text(inside: &[u8], keys: &RecordKeys) -> bool {
    if begins_with_escaped(inside, keys.usual.as_bytes()) {
        return true;
    }
    let mut text = Vec::new();
    if inside.first() != Some(&b'{') || text.try_reserve(inside.len()).is_err() {
        return false;
    }
    let mut rest = inside;
    loop {
        rest = match rest {
            [b'\\', escaped @ (b'"' | b'\\' | b'/'), behind @ ..] => {
                text.push(*escaped);
                behind
            }
            // The string's end, or what isn't worth reading here.
            [] | [b'"' | b'\\', ..] => return begins_record(&text, keys),
            [byte, behind @ ..] => {
                text.push(*byte);
                behind
            }
        };
    }
}

/// Whether the inside of a string begins with a text, which has some characters.
fn begins_with_escaped(inside: &[u8], text: &[u8]) -> bool {
    let mut rest = inside.iter();
    let mut comes = |byte: u8| rest.next() == Some(&byte);
    let mut stands = |byte: &u8| (!matches!(byte, b'"' | b'\\') || comes(b'\\')) && comes(*byte);
    !text.is_empty() && text.iter().all(&mut stands)
}

/// The offset behind the blanks at an offset, line ends not among them.
fn blanks_end(text: &[u8], offset: usize) -> usize {
    let mut at = offset;
    while let Some(b' ' | b'\t' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{Begin, begin, begins_record, text_ends};
    use crate::sample::KEYS;

    #[test]
    fn a_record_in_a_text_is_told_by_the_same_keys() {
        for text in [
            r#"{"message":"{\"eventVersion\":\"1.08"#,
            r#"{"message":"{\"eventVersion\":\"1.08\",\"a\":\"\\\"b\"}"}"#,
            r#"{"date":1.5e3,"log" : "{\"awsRegion\":\"a\\\\\",\"x\":[\"\/\"],\"eventName\":1}"#,
            r#"{"eventName":1,"message":"no record"}"#,
        ] {
            assert!(begin(text.as_bytes(), &KEYS).is_some(), "{text}");
            assert_eq!(begins_record(text.as_bytes(), &KEYS), text.contains("no record"), "{text}");
        }
        for text in [
            r#"{"message":"{\"eventVersion\":\"2.1\"}"}"#,
            r#"{"message":"{\"Records\":[{\"eventVersion\":\"1.08\"}]}"}"#,
            r#"{"message":"{\"message\":\"{\\\"eventVersion\\\":\\\"1.08\\\"}\"}"}"#,
            r#"{"message":"prose {\"eventVersion\":\"1.08\"}"}"#,
            r#"{"message":{"eventVersion":"1.08"}}"#,
            r#"{"message":"{\u0022eventVersion\":\"1.08\"}"}"#,
            r#"{"other":"{\"eventVersion\":\"1.08\"}"}"#,
            r#"{"Records":[],"message":"{\"eventVersion\":\"1.08\"}"}"#,
            r#"{"eventSource":"aws:sqs","message":"{\"eventVersion\":\"1.08\"}"}"#,
        ] {
            assert_eq!(begin(text.as_bytes(), &KEYS), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_cut_off_is_told_by_its_end() {
        let ends = |text: &str| match begin(text.as_bytes(), &KEYS) {
            Some(Begin::Text(inside)) => text_ends(text.as_bytes(), inside, &KEYS),
            other => panic!("{other:?}: {text}"),
        };
        let record = r#"{"log":"{\"eventVersion\":\"1.08\""#;
        for (end, whole) in [
            (r#"}"}"#, true),
            (r#"}\n","stream":"stdout"}"#, true),
            (r#",\"a\":\"}\"} \r\n","stream":{"a":"}"}}"#, true),
            (r#"}\\"}"#, false),
            (r#"}","event":{"action":"x"}}"#, false),
            (r#"}","event.action":"x"}"#, false),
            (r#"}","eventful":"x","a":[{"event":1}]}"#, true),
            (r#"}","message":"x"}"#, false),
            (r#"}","a":1"}"#, false),
            (r#","stream":"}"}"#, false),
            (r#",\"a\":\"}"}"#, true),
            (r#",\"a\":\"b"}"#, false),
            (r#",\"a\":{\"b\":1"}"#, false),
        ] {
            let long = format!(",\\\"c\\\":\\\"{}\\\"", "x".repeat(500));
            assert_eq!(ends(&format!("{record}{end}")), whole, "{end}");
            assert_eq!(ends(&format!("{record}{long}{end}")), whole, "{end}");
        }
        assert!(ends(&format!(r#"{record}}}","a":"{}"}}"#, "x".repeat(300))));
        let hidden = "x".repeat(300);
        assert!(!ends(&format!(r#"{record}","event":{{"a":1}},"b":"{hidden}}}"}}"#)));
    }

    #[test]
    fn a_record_is_told_by_one_of_its_keys_among_the_first() {
        for text in [
            r#"{"eventVersion""#,
            r#"{"eventName":1"#,
            r#"{"date":1.5e3,"eventName""#,
            r#"{"a":{"b":[1,"}",{}]},"c":"\"\\\u00e9","d":null, "e" : true ,"eventVersion""#,
        ] {
            assert!(begins_record(text.as_bytes(), &KEYS), "{text}");
        }
        let far = format!(r#"{{"a":"{}","eventName":1}}"#, "x".repeat(1024));
        for text in [
            "",
            "{",
            r#"{"eventVersio""#,
            r#"{"detail":{"eventName":1}}"#,
            r#"{"Records":[],"eventName":1}"#,
            r#"{"eventVersion":"2.1","eventSource":"aws:s3""#,
            r#"{"eventVersion": "2.1""#,
            r#"{"awsRegion":"eu-central-1","eventName":"ObjectCreated:Put""#,
            r#"{"kinesis":{"data":"e30="},"eventSource":"aws:kinesis","eventVersion":"1.0""#,
            r#"{"event\u004eame":1}"#,
            r#"{"a":tru,"eventName":1}"#,
            r#"{"a":"\x","eventName":1}"#,
            r#"{"a":[1},"eventName":1}"#,
            r#"{"a":1"eventName":1}"#,
            "{\"a\":1,\n\"eventName\":1}",
            "{\"a\":\"\n\",\"eventName\":1}",
            "{\"a\":[\n],\"eventName\":1}",
            r#"[{"eventName":1}]"#,
            &far,
        ] {
            assert!(!begins_record(text.as_bytes(), &KEYS), "{text}");
        }
    }
}
