//! A value of OTLP's JSON in, the JSON that it stands for out, written while it is read.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::value::double;

/// How deep JSON may nest: far beyond any record there is, and far from the end of a worker's stack. Protobuf
/// is read without recursion.
const DEEPEST: usize = 4096;

/// How often all of a value's bytes may move.
const MOVES: usize = 16;

/// What is written, and how many bytes of it may still be moved: a value that stands before its key has to
/// make room for it, and values in one another would do so again and again.
struct Out {
    bytes: Vec<u8>,
    may_move: usize,
}

/// Reads `{"stringValue": …}` and the like.
///
/// # Errors
/// What is wrong with it.
pub fn read_value(text: &str) -> Result<Vec<u8>, String> {
    read(text, |reader, out| AnyValue(out).deserialize(reader))
}

/// Reads a list of `{"key": …, "value": …}` as an object.
///
/// # Errors
/// What is wrong with it.
pub fn read_pairs(text: &str) -> Result<Vec<u8>, String> {
    read(text, |reader, out| List { out, is_object: true }.deserialize(reader))
}

type Reader<'b> = serde_json::Deserializer<serde_json::de::StrRead<'b>>;

fn read<'b>(
    text: &'b str,
    deserialize: impl FnOnce(&mut Reader<'b>, &mut Out) -> serde_json::Result<()>,
) -> Result<Vec<u8>, String> {
    if depth(text) > DEEPEST {
        return Err(format!("it nests deeper than {DEEPEST} levels"));
    }
    let may_move = text.len().saturating_mul(MOVES);
    let mut out = Out { bytes: Vec::with_capacity(text.len() / 2), may_move };
    let mut reader = serde_json::Deserializer::from_str(text);
    // The depth is known.
    reader.disable_recursion_limit();
    deserialize(&mut reader, &mut out).map_err(|error| error.to_string())?;
    Ok(out.bytes)
}

/// How deep brackets nest outside of strings.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The keys of a value; which one there is says its type.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Type {
    StringValue,
    BoolValue,
    IntValue,
    DoubleValue,
    BytesValue,
    ArrayValue,
    KvlistValue,
    #[serde(other)]
    Unknown,
}

struct AnyValue<'o>(&'o mut Out);

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"stringValue\": \"…\"}")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.bytes.extend_from_slice(b"null");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let begin = self.0.bytes.len();
        while let Some(key) = map.next_key::<Type>()? {
            let before = self.0.bytes.len();
            let is_object = match key {
                Type::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                Type::ArrayValue => false,
                Type::KvlistValue => true,
                scalar => {
                    let raw = map.next_value::<&RawValue>()?.get();
                    // What is null isn't there.
                    if raw != "null" {
                        write_scalar(&scalar, raw, &mut self.0.bytes).map_err(Error::custom)?;
                    }
                    if before > begin && self.0.bytes.len() > before {
                        return Err(Error::custom("a value has two types"));
                    }
                    continue;
                }
            };
            if before > begin {
                return Err(Error::custom("a value has two types"));
            }
            map.next_value_seed(Values { out: self.0, is_object })?;
        }
        if self.0.bytes.len() == begin {
            self.0.bytes.extend_from_slice(b"null");
        }
        Ok(())
    }
}

/// Texts stay as they are written, so that half of a surrogate pair stays one.
fn write_scalar(scalar: &Type, raw: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let unquoted = raw.trim_matches('"');
    let wrong = |what: &str| format!("`{}` is no {what}", shortened(raw));
    let text = match scalar {
        Type::StringValue | Type::BytesValue if raw.starts_with('"') => raw.to_owned(),
        Type::BoolValue if matches!(unquoted, "true" | "false") => unquoted.to_owned(),
        Type::IntValue => integer(raw).ok_or_else(|| wrong("integer"))?.to_string(),
        Type::DoubleValue => double(unquoted.parse().map_err(|_| wrong("number"))?).to_string(),
        Type::BoolValue => return Err(wrong("boolean")),
        _ => return Err(wrong("text")),
    };
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// An integer, written as a number or as a string.
pub fn integer(raw: &str) -> Option<i128> {
    let text = raw.trim_matches('"');
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i128)
    })
}

/// `{"values": […]}` of a list or an object.
struct Values<'o> {
    out: &'o mut Out,
    is_object: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum ValuesKey {
    Values,
    #[serde(other)]
    Unknown,
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the key values")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.out.bytes.extend_from_slice(if self.is_object { b"{}" } else { b"[]" });
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let begin = self.out.bytes.len();
        while let Some(key) = map.next_key::<ValuesKey>()? {
            match key {
                ValuesKey::Values if self.out.bytes.len() == begin => {
                    map.next_value_seed(List { out: self.out, is_object: self.is_object })?;
                }
                ValuesKey::Values => return Err(Error::custom("it has two keys values")),
                ValuesKey::Unknown => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if self.out.bytes.len() == begin {
            return self.visit_unit();
        }
        Ok(())
    }
}

/// The elements of a list, or the pairs of an object.
struct List<'o> {
    out: &'o mut Out,
    is_object: bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.out.bytes.extend_from_slice(if self.is_object { b"{}" } else { b"[]" });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.out.bytes.push(if self.is_object { b'{' } else { b'[' });
        loop {
            let before = self.out.bytes.len();
            let found = match self.is_object {
                true => list.next_element_seed(Pair(self.out))?,
                false => list.next_element_seed(AnyValue(self.out))?,
            };
            if found.is_none() {
                break;
            }
            if self.out.bytes.len() > before {
                self.out.bytes.push(b',');
            }
        }
        if self.out.bytes.last() == Some(&b',') {
            self.out.bytes.pop();
        }
        self.out.bytes.push(if self.is_object { b'}' } else { b']' });
        Ok(())
    }
}

/// A key with its value.
struct Pair<'o>(&'o mut Out);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum PairKey {
    Key,
    Value,
    #[serde(other)]
    Unknown,
}

impl<'de> DeserializeSeed<'de> for Pair<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pair<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the keys key and value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let begin = self.0.bytes.len();
        let (mut has_key, mut has_value) = (false, false);
        while let Some(key) = map.next_key::<PairKey>()? {
            match key {
                PairKey::Key if !has_key => {
                    let raw = map.next_value::<&RawValue>()?.get();
                    if !raw.starts_with('"') {
                        return Err(Error::custom("a key is no text"));
                    }
                    has_key = true;
                    self.0.put_before(begin, &[raw.as_bytes(), b":"]).map_err(Error::custom)?;
                }
                PairKey::Value if !has_value => {
                    has_value = true;
                    map.next_value_seed(AnyValue(self.0))?;
                }
                PairKey::Unknown => drop(map.next_value::<IgnoredAny>()?),
                _ => return Err(Error::custom("a pair has two keys or two values")),
            }
        }
        if !has_key {
            self.0.put_before(begin, &[b"\"\":"]).map_err(Error::custom)?;
        }
        if !has_value {
            self.0.bytes.extend_from_slice(b"null");
        }
        Ok(())
    }
}

impl Out {
    /// Puts something before what is written from a place on.
    fn put_before(&mut self, begin: usize, parts: &[&[u8]]) -> Result<(), &'static str> {
        let moved = self.bytes.len() - begin;
        self.may_move = self
            .may_move
            .checked_sub(moved)
            .ok_or("values stand before their keys, in one another too often")?;
        let before = self.bytes.len();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        let added = self.bytes.len() - before;
        if let Some(behind) = self.bytes.get_mut(begin..).filter(|_| moved > 0) {
            behind.rotate_right(added);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<String, String> {
        read_value(text).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn each_type_is_written_as_json_has_it() {
        for (sent, read) in [
            (r#"{"stringValue":"a\ud800\n"}"#, r#""a\ud800\n""#),
            (r#"{"intValue":"9007199254740993"}"#, "9007199254740993"),
            (r#"{"intValue":7}"#, "7"),
            (r#"{"intValue":7.0}"#, "7"),
            (r#"{"doubleValue":375}"#, "375"),
            (r#"{"doubleValue":"0.5"}"#, "0.5"),
            (r#"{"doubleValue":"NaN"}"#, "null"),
            (r#"{"boolValue":true}"#, "true"),
            (r#"{"bytesValue":"AAE="}"#, r#""AAE=""#),
            (r#"{"stringValue":null,"boolValue":false}"#, "false"),
            (r#"{"new":[1],"intValue":1}"#, "1"),
            ("{}", "null"),
            ("null", "null"),
            (r#"{"kvlistValue":{}}"#, "{}"),
            (r#"{"arrayValue":null}"#, "[]"),
            (r#"{"arrayValue":{"values":[{},{"intValue":1},null]}}"#, "[null,1,null]"),
            (
                r#"{"kvlistValue":{"values":[{"value":{"kvlistValue":{"values":[{"value":{"intValue":1},"key":"b"}]}},"key":"a"},{"key":"c"},{}]}}"#,
                r#"{"a":{"b":1},"c":null,"":null}"#,
            ),
        ] {
            assert_eq!(value(sent).as_deref(), Ok(read), "{sent}");
        }
    }

    #[test]
    fn what_is_no_value_is_an_error() {
        for text in [
            "7",
            "[]",
            r#"{"stringValue":7}"#,
            r#"{"intValue":"x"}"#,
            r#"{"intValue":1.5}"#,
            r#"{"boolValue":1}"#,
            r#"{"intValue":1,"boolValue":true}"#,
            r#"{"arrayValue":{"values":[]},"kvlistValue":{}}"#,
            r#"{"kvlistValue":{"values":[7]}}"#,
            r#"{"kvlistValue":{"values":[{"key":7}]}}"#,
            r#"{"kvlistValue":{"values":[{"key":"a","key":"b"}]}}"#,
        ] {
            assert!(value(text).is_err(), "{text} became {:?}", value(text));
        }
    }

    /// As on a thread that judges.
    fn with_a_workers_stack(test: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn depth_is_bounded_and_so_is_moving() {
        with_a_workers_stack(|| {
            let nested = |before: &str, behind: &str, times: usize| {
                value(&format!("{}{{}}{}", before.repeat(times), behind.repeat(times)))
            };
            let ordered = (r#"{"kvlistValue":{"values":[{"key":"a","value":"#, "}]}}");
            assert!(nested(ordered.0, ordered.1, 800).unwrap().starts_with("{\"a\":{\"a\":"));
            assert!(nested(ordered.0, ordered.1, 2000).unwrap_err().contains("4096 levels"));
            let turned = (r#"{"kvlistValue":{"values":[{"value":"#, r#","key":"a"}]}}"#);
            assert!(nested(turned.0, turned.1, 20).is_ok());
            assert!(nested(turned.0, turned.1, 800).unwrap_err().contains("too often"));
        });
    }
}
