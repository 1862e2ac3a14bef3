//! A computed value, and the ways to look at it: as a text, as JSON, as a clause's test sees it.

use std::borrow::Cow;
use std::net::IpAddr;

use tocsin_wire::calendar::iso;

use super::shown;
use crate::event::Value;
use crate::query::test::Test;
use crate::record::{copy, write};

/// A computed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum<'a> {
    Null,
    Bool(bool),
    /// A whole number of 32 bits.
    Int(i32),
    /// One of 64 bits.
    Long(i64),
    /// Always finite.
    Double(f64),
    Text(Cow<'a, str>),
    /// Milliseconds since 1970.
    Date(i64),
    Ip(IpAddr),
    /// A container of the record, or a number as the record writes it.
    Json(Value<'a>),
    /// Parts of a text.
    List(Vec<Cow<'a, str>>),
    /// A container that the query has made, or a number, as JSON. What is in it has JSON's types: a date or an
    /// address in a list is its text.
    Made(Box<[u8]>),
    Bytes(Box<[u8]>),
}

/// What an argument that isn't there is.
pub(crate) static NULL: Datum<'static> = Datum::Null;

impl<'a> Datum<'a> {
    /// The datum of a record's value.
    #[inline]
    pub(crate) fn of(value: Value<'a>) -> Datum<'a> {
        match value {
            Value::Null => Datum::Null,
            Value::Bool(truth) => Datum::Bool(truth),
            Value::Text(text) => Datum::Text(text.decode()),
            Value::Computed(text) => Datum::Text(text),
            Value::Number(_) | Value::Object(_) | Value::Array(_) => Datum::Json(value),
        }
    }

    /// The datum of a value that doesn't outlive what it was read from.
    pub(crate) fn owned(value: &Value<'_>) -> Datum<'static> {
        match value {
            Value::Null => Datum::Null,
            Value::Bool(truth) => Datum::Bool(*truth),
            Value::Text(text) => Datum::Text(Cow::Owned(text.decode().into_owned())),
            Value::Computed(text) => Datum::Text(Cow::Owned(text.clone().into_owned())),
            Value::Number(number) => Datum::Made(number.as_bytes().into()),
            Value::Object(bytes) | Value::Array(bytes) => Datum::Made((*bytes).into()),
        }
    }

    /// The value as JSON has it, of a container or a number that is JSON already.
    pub(crate) fn json(&self) -> Option<Value<'_>> {
        match self {
            Datum::Json(value) => Some(value.clone()),
            Datum::Made(bytes) => Value::exact(bytes),
            _ => None,
        }
    }

    /// Whether it is a list or a map.
    pub(crate) fn is_container(&self) -> bool {
        let json = self.json();
        matches!(self, Datum::List(_)) || matches!(json, Some(Value::Object(_) | Value::Array(_)))
    }

    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Datum<'static> {
        Datum::Text(Cow::Owned(text.into()))
    }

    /// A finite number, or null.
    pub(crate) fn double(number: f64) -> Datum<'static> {
        if number.is_finite() { Datum::Double(number) } else { Datum::Null }
    }

    /// Whether it is null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Datum::Null)
    }

    /// Whether a search keeps an event for it: it is true, or neither null nor a truth value.
    pub(crate) fn is_truthy(&self) -> bool {
        !matches!(self, Datum::Null | Datum::Bool(false))
    }

    /// Whether it passes a clause's test; of a list, one element.
    pub(crate) fn passes(&self, test: &Test) -> bool {
        if matches!(test, Test::Truth) {
            return self.is_truthy();
        }
        self.any_element(&mut |value| !matches!(value, Value::Null) && test.passes(value))
    }

    /// Gives the elements of a list, or the value itself, to `visit`; stops as soon as it says true.
    pub(crate) fn any_element(&self, visit: &mut dyn FnMut(&Value<'_>) -> bool) -> bool {
        match self {
            Datum::Null => visit(&Value::Null),
            Datum::Bool(truth) => visit(&Value::Bool(*truth)),
            Datum::Json(value) => value.any_element(&mut |element| visit(element)),
            Datum::Made(bytes) => Value::exact(bytes)
                .is_some_and(|value| value.any_element(&mut |element| visit(element))),
            Datum::List(parts) => {
                parts.iter().any(|part| visit(&Value::Computed(Cow::Borrowed(part))))
            }
            Datum::Int(_) | Datum::Long(_) | Datum::Double(_) => {
                visit(&Value::Number(&self.as_text().unwrap_or_default()))
            }
            // A query may write an address in either way.
            Datum::Ip(address) => {
                visit(&Value::Computed(self.as_text().unwrap_or_default()))
                    || visit(&Value::Computed(Cow::Owned(address.to_string())))
            }
            Datum::Text(_) | Datum::Date(_) | Datum::Bytes(_) => {
                visit(&Value::Computed(self.as_text().unwrap_or_default()))
            }
        }
    }

    /// The value as a text; nothing for null. Maps and lists are their JSON on one line, its escapes
    /// resolved where JSON allows it; dates are ISO 8601 in UTC.
    pub(crate) fn as_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Datum::Null => return None,
            Datum::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Datum::Int(number) => Cow::Owned(number.to_string()),
            Datum::Long(number) => Cow::Owned(number.to_string()),
            Datum::Double(number) => Cow::Owned(java_double(*number)),
            Datum::Text(text) => Cow::Borrowed(text),
            Datum::Date(milliseconds) => Cow::Owned(iso(*milliseconds)),
            Datum::Ip(address) => Cow::Owned(java_address(address)),
            Datum::Bytes(bytes) => Cow::Owned(hex::encode(bytes)),
            Datum::Json(value) => return shown::text(value),
            Datum::Made(bytes) => {
                return shown::text(&Value::exact(bytes)?)
                    .map(|text| Cow::Owned(text.into_owned()));
            }
            Datum::List(_) => {
                let mut json = Vec::new();
                self.write_json(&mut json);
                Cow::Owned(String::from_utf8(json).unwrap_or_default())
            }
        })
    }

    /// Appends the value as JSON on one line. A record's containers keep their bytes.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Datum::Null | Datum::Json(Value::Null) => out.extend_from_slice(b"null"),
            Datum::Json(Value::Number(number)) => out.extend_from_slice(number.as_bytes()),
            Datum::Json(Value::Object(bytes) | Value::Array(bytes)) => copy::one_line(bytes, out),
            Datum::Made(bytes) => copy::one_line(bytes, out),
            Datum::Bool(_) | Datum::Int(_) | Datum::Long(_) | Datum::Double(_) => {
                out.extend_from_slice(self.as_text().unwrap_or_default().as_bytes());
            }
            Datum::List(parts) => {
                out.push(b'[');
                for (place, part) in parts.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    write::text(part, out);
                }
                out.push(b']');
            }
            Datum::Text(_) | Datum::Date(_) | Datum::Ip(_) | Datum::Bytes(_) | Datum::Json(_) => {
                write::text(&self.as_text().unwrap_or_default(), out);
            }
        }
    }
}

/// A double as Java prints it.
fn java_double(number: f64) -> String {
    let plain = format!("{number:?}");
    if number == 0.0 || (1e-3..1e7).contains(&number.abs()) {
        return plain;
    }
    let scientific = format!("{number:e}");
    match scientific.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}E{exponent}"),
        None => plain,
    }
}

/// An address as Java prints it: of IPv6 all eight groups.
pub(crate) fn java_address(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            groups.join(":")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_json() {
        let object = Value::exact(b"{\"a\" :\n[1, \"\\u0041\\n\"]}").unwrap();
        for (datum, text, json) in [
            (Datum::Null, None, "null"),
            (Datum::Bool(true), Some("true"), "true"),
            (Datum::Long(-3), Some("-3"), "-3"),
            (Datum::Double(1.0), Some("1.0"), "1.0"),
            (Datum::Text("a\"b".into()), Some("a\"b"), r#""a\"b""#),
            (Datum::Date(0), Some("1970-01-01T00:00:00Z"), r#""1970-01-01T00:00:00Z""#),
            (Datum::Ip([10, 0, 0, 1].into()), Some("10.0.0.1"), r#""10.0.0.1""#),
            (Datum::of(Value::Number("1.50")), Some("1.50"), "1.50"),
            (Datum::of(object), Some(r#"{"a":[1,"A\n"]}"#), "{\"a\" : [1, \"\\u0041\\n\"]}"),
            (Datum::List(vec!["a".into(), "\"".into()]), Some(r#"["a","\""]"#), r#"["a","\""]"#),
        ] {
            let mut out = Vec::new();
            datum.write_json(&mut out);
            assert_eq!(datum.as_text().as_deref(), text);
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }

    #[test]
    fn doubles_are_finite() {
        assert_eq!(Datum::double(f64::INFINITY), Datum::Null);
        assert_eq!(Datum::double(0.5), Datum::Double(0.5));
    }
}
