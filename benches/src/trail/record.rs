//! One record's text in, its keys with their values' own text out, to change and to write again.
//!
//! Values stay the bytes they were: numbers, escapes and the order of keys are part of what is measured.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object whose values are kept as text.
#[derive(Debug, Clone)]
pub struct Record(Vec<(String, String)>);

impl Record {
    /// Reads one JSON object.
    ///
    /// # Errors
    /// If the text isn't one.
    pub fn read(text: &str) -> Result<Record, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of a value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// A value that is a string, without escapes.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?).ok()
    }

    /// Replaces a value, which is JSON text, or adds it as the last.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// Takes a key away.
    pub fn remove(&mut self, key: &str) {
        self.0.retain(|(known, _)| known != key);
    }

    /// The same record with its keys in the order of their bytes.
    #[must_use]
    pub fn sorted(mut self) -> Record {
        self.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        self
    }

    /// The same record with a key before all others; the value is JSON text.
    #[must_use]
    pub fn behind(mut self, key: &str, value: &str) -> Record {
        self.0.insert(0, (key.to_owned(), value.to_owned()));
        self
    }

    /// The record on one line.
    #[must_use]
    pub fn write(&self) -> String {
        let fields: Vec<String> =
            self.0.iter().map(|(key, value)| format!("{}:{value}", quoted(key))).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// A text as a JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Record;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push((key, value.get().to_owned()));
                }
                Ok(Record(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
