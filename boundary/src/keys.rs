//! An object's text in; out whether it is a record, judged by the keys in its first kilobyte.

use crate::json;

/// The keys by which records, and lists of records, are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// How nearly all records begin: what begins so is one, without a look at its keys.
    pub usual: &'static str,
    /// Keys that only a record has at its top: an object with one of them is one record, whatever else it
    /// holds.
    pub records: &'static [&'static str],
    /// Keys whose array holds records, where they are the first of a document.
    pub lists: &'static [&'static str],
    /// How values begin that no record has: what has one of them is something else that looks like a record, and
    /// has to be read to be told.
    pub foreign: &'static [(&'static str, &'static str)],
}

/// Those of the records that are known: CloudTrail's own, and the documents that they come in: CloudTrail's files, CloudWatch Logs,
/// `aws cloudtrail lookup-events`, and what SQS hands out.
pub const KEYS: Keys = Keys {
    usual: r#"{"eventVersion":"1."#,
    records: &["eventVersion", "eventName"],
    lists: &["Records", "logEvents", "Events", "Messages"],
    // Notices of S3, and what Lambda's triggers hand out.
    foreign: &[
        ("eventVersion", "2."),
        ("eventName", "Object"),
        ("eventName", "aws:"),
        ("eventSource", "aws:"),
    ],
};

/// How far into a record one of its keys is looked for. Sorted by name, CloudTrail's stand within it.
const WITHIN: usize = 1 << 10;

impl Keys {
    /// Whether a text begins as a record: with an object whose members, as the reader would accept
    /// them, lead to a record's key.
    #[must_use]
    #[inline]
    pub fn begin(&self, text: &[u8]) -> bool {
        if text.starts_with(self.usual.as_bytes()) {
            return true;
        }
        let Some(inside) = text.strip_prefix(b"{\"") else { return false };
        let begins = |key: &&&str| {
            let behind = inside.strip_prefix(key.as_bytes());
            behind.is_some_and(|behind| behind.first() == Some(&b'"'))
        };
        match self.records.iter().find(begins) {
            Some(key) => {
                let behind = inside.get(key.len()..).unwrap_or_default();
                !self.is_foreign(key.as_bytes(), behind)
            }
            None => self.follow(text),
        }
    }

    /// Whether a key, behind which this stands from its closing quote on, has a value that no record has there.
    #[inline]
    fn is_foreign(&self, key: &[u8], behind: &[u8]) -> bool {
        if !self.foreign.iter().any(|(name, _)| name.as_bytes() == key) {
            return false;
        }
        let colon = blanks_end(behind, 1);
        let value = behind.get(blanks_end(behind, colon + 1)..).unwrap_or_default();
        let value = value.strip_prefix(b"\"").unwrap_or_default();
        let begins = |begin: &str| value.starts_with(begin.as_bytes());
        self.foreign.iter().any(|(name, begin)| name.as_bytes() == key && begins(begin))
    }

    /// Whether a record's key comes behind other members.
    #[inline(never)]
    fn follow(&self, text: &[u8]) -> bool {
        let text = text.get(..WITHIN).unwrap_or(text);
        // No further than the line: a text of short lines, each an object's begin, is looked at once.
        let text = memchr::memchr(b'\n', text).and_then(|end| text.get(..end)).unwrap_or(text);
        let mut at = 1;
        loop {
            let Some(key) = text.get(at + 1..).filter(|_| text.get(at) == Some(&b'"')) else {
                return false;
            };
            let Some(length) = json::plain_length(key) else { return false };
            let (name, behind) = key.split_at(length);
            if self.is_foreign(name, behind) {
                return false;
            }
            if self.records.iter().any(|known| known.as_bytes() == name) {
                return true;
            }
            // Whether such a document is a list of records is more than its first bytes can tell.
            if self.lists.iter().any(|known| known.as_bytes() == name) {
                return false;
            }
            let colon = blanks_end(behind, 1);
            if behind.get(colon) != Some(&b':') {
                return false;
            }
            let value = text.len() - behind.len() + blanks_end(behind, colon + 1);
            let Ok(end) = json::value_end(text, value) else { return false };
            let comma = blanks_end(text, end);
            if text.get(comma) != Some(&b',') {
                return false;
            }
            at = blanks_end(text, comma + 1);
        }
    }
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
    use super::KEYS;

    #[test]
    fn a_record_is_told_by_one_of_its_keys_among_the_first() {
        for text in [
            r#"{"eventVersion""#,
            r#"{"eventName":1"#,
            r#"{"date":1.5e3,"eventName""#,
            r#"{"a":{"b":[1,"}",{}]},"c":"\"\\\u00e9","d":null, "e" : true ,"eventVersion""#,
        ] {
            assert!(KEYS.begin(text.as_bytes()), "{text}");
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
            assert!(!KEYS.begin(text.as_bytes()), "{text}");
        }
    }
}
