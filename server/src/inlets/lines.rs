//! Records as an inlet finds them in, a batch of lines out: one line a unit of the request.
//!
//! A unit's text may be chosen by an attacker who writes the log. So it stands in the batch as it is only
//! if it is one JSON object, whole and on one line; anything else goes in as the text of a `message`, where
//! quotes are escaped: no text can reach beyond its unit.

use serde::Serialize;
use serde::de::IgnoredAny;

/// A batch of lines, and which unit of the request each is.
#[derive(Debug, Default)]
pub struct Lines {
    text: Vec<u8>,
    begins: Begins,
}

/// Where each unit's line begins in a batch, and the unit's number in the request.
#[derive(Debug, Default)]
pub struct Begins(Vec<(usize, u64)>);

impl Begins {
    /// The unit in whose line a byte of the batch stands.
    pub fn unit_at(&self, offset: usize) -> Option<u64> {
        let behind = self.0.partition_point(|(begin, _)| *begin <= offset);
        Some(self.0.get(behind.checked_sub(1)?)?.1)
    }
}

/// A text around which a shipper puts nothing else.
#[derive(Serialize)]
struct Message<'t> {
    message: &'t str,
}

/// The object that [`Lines::push_text`] makes of a text, from the text as JSON writes it.
pub fn as_message(quoted: &str) -> String {
    format!("{{\"message\":{quoted}}}")
}

/// A list of values that are JSON.
pub fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

impl Lines {
    /// Adds a unit that is any text.
    pub fn push_text(&mut self, unit: u64, text: &str) {
        let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace());
        if is_object_on_one_line(trimmed) {
            self.push_line(unit, trimmed.as_bytes());
        } else {
            let line = serde_json::to_vec(&Message { message: text }).unwrap_or_default();
            self.push_line(unit, &line);
        }
    }

    /// Adds a unit that is any bytes; those that aren't UTF-8 are judged as U+FFFD, as everywhere.
    pub fn push_bytes(&mut self, unit: u64, bytes: &[u8]) {
        self.push_text(unit, &String::from_utf8_lossy(bytes));
    }

    /// Adds a unit that is known to be JSON; line ends between its tokens become blanks.
    pub fn push_json(&mut self, unit: u64, json: &str) {
        if !json.bytes().any(|byte| byte == b'\n' || byte == b'\r') {
            return self.push_line(unit, json.as_bytes());
        }
        // Inside of JSON's strings there are no raw line ends.
        let line: Vec<u8> = json
            .bytes()
            .map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte })
            .collect();
        self.push_line(unit, &line);
    }

    fn push_line(&mut self, unit: u64, line: &[u8]) {
        self.begins.0.push((self.text.len(), unit));
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
    }

    /// The batch.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The unit in whose line a byte of the batch stands.
    pub fn unit_at(&self, offset: usize) -> Option<u64> {
        self.begins.unit_at(offset)
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.begins.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.begins.0.is_empty()
    }

    /// The batch's bytes and the units' places.
    pub fn into_parts(self) -> (Vec<u8>, Begins) {
        (self.text, self.begins)
    }
}

/// Whether a text is one JSON object without line ends.
pub fn is_object_on_one_line(text: &str) -> bool {
    text.starts_with('{')
        && !text.bytes().any(|byte| byte == b'\n' || byte == b'\r')
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(texts: &[&str]) -> String {
        let mut lines = Lines::default();
        for (unit, text) in (0..).zip(texts) {
            lines.push_text(unit, text);
        }
        String::from_utf8(lines.into_parts().0).unwrap()
    }

    #[test]
    fn a_record_stays_as_it_is() {
        let record = r#"{"eventVersion":"1.08","eventName":"StopLogging"}"#;
        assert_eq!(batch(&[record, &format!("{record}\n")]), format!("{record}\n{record}\n"));
    }

    #[test]
    fn no_text_reaches_beyond_its_unit() {
        let opened = ["[", "{\"a\":", "{\"a\":\"", "{\"a\":1}\n[", "\"", "{\"a\":1}{", "{\r}", ""];
        for text in opened {
            let batch = batch(&[text, "{\"b\":1}"]);
            let lines: Vec<&str> = batch.lines().collect();
            assert_eq!(lines.len(), 2, "{text:?} became {batch:?}");
            let first: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
            assert_eq!(first["message"], text);
            assert_eq!(lines[1], "{\"b\":1}");
        }
    }

    #[test]
    fn an_offset_leads_back_to_its_unit() {
        let mut lines = Lines::default();
        lines.push_text(3, "{}");
        lines.push_text(7, "{\"a\":1}");
        let at: Vec<_> = (0..11).map(|offset| lines.unit_at(offset).unwrap()).collect();
        assert_eq!(at, [3, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7]);
    }
}
