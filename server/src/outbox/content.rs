//! An alert in, a fingerprint of what it says out: the same for two texts of one alert.
//!
//! The same record may come twice with its keys in another order, since there are shippers that parse and
//! write anew. Nothing else is passed over: of equal keys both count, so that a writer can't make two records
//! one by what a reader would drop.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use sha2::{Digest, Sha256};

/// The fingerprint of an alert. What an envelope says of its delivery doesn't count: the same
/// record comes by itself, too.
pub fn fingerprint(alert: &str) -> [u8; 32] {
    match serde_json::from_str::<Alert>(alert) {
        Ok(Alert(Content(hash))) => hash,
        // Deeper than serde_json reads: then it is the text itself.
        Err(_) => hash(b't', &[alert.as_bytes()]),
    }
}

/// The fingerprint of a value.
struct Content([u8; 32]);

/// The fingerprint of a whole alert.
struct Alert(Content);

/// The key of an alert that isn't looked at.
const ENVELOPE: &str = "envelope";

impl<'de> Deserialize<'de> for Alert {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Alert, D::Error> {
        deserializer.deserialize_any(Reader { passed_over: Some(ENVELOPE) }).map(Alert)
    }
}

fn hash(kind: u8, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update([kind]);
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_any(Reader { passed_over: None })
    }
}

struct Reader {
    passed_over: Option<&'static str>,
}

impl<'de> Visitor<'de> for Reader {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content(hash(b'n', &[])))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Content, E> {
        Ok(Content(hash(b'b', &[&[u8::from(truth)]])))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Content, E> {
        Ok(Content(hash(b'i', &[&i128::from(number).to_le_bytes()])))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Content, E> {
        Ok(Content(hash(b'i', &[&i128::from(number).to_le_bytes()])))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Content, E> {
        Ok(Content(hash(b'f', &[&number.to_bits().to_le_bytes()])))
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(Content(hash(b's', &[text.as_bytes()])))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content, A::Error> {
        let mut hashes = Vec::new();
        while let Some(Content(hash)) = list.next_element()? {
            hashes.push(hash);
        }
        Ok(Content(hash(b'l', &[hashes.as_flattened()])))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, Content(value))) = map.next_entry::<String, Content>()? {
            if self.passed_over != Some(key.as_str()) {
                pairs.push(hash(b'p', &[key.as_bytes(), &value]));
            }
        }
        pairs.sort_unstable();
        Ok(Content(hash(b'o', &[pairs.as_flattened()])))
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn the_order_of_keys_and_the_spelling_of_texts_are_nothing() {
        let one = fingerprint(r#"{"a": {"x": "\u0041", "y": [1, null]}, "b": 0.5}"#);
        assert_eq!(one, fingerprint(r#"{"b":0.5,"a":{"y":[1,null],"x":"A"}}"#));
        let enveloped = r#"{"b":0.5,"envelope":{"source":"aws.s3"},"a":{"y":[1,null],"x":"A"}}"#;
        assert_eq!(one, fingerprint(enveloped));
        assert_ne!(fingerprint(r#"{"a":{"envelope":1}}"#), fingerprint(r#"{"a":{}}"#));
    }

    #[test]
    fn everything_else_is_something() {
        let texts = [
            r#"{"a":1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":2,"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[1,1]}"#,
            r#"{"a":[[1],1]}"#,
            r#"{"b":1}"#,
            "{}",
            "[]",
            r#"{"a":null}"#,
            r#"{"a":1.5}"#,
            r#"{"a":true}"#,
            "",
        ];
        let mut seen: Vec<_> = texts.iter().map(|text| fingerprint(text)).collect();
        let deep = "[".repeat(100_000);
        seen.push(fingerprint(&deep));
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), texts.len() + 1);
    }
}
