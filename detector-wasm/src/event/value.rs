//! A field's value: a piece of the record, or something computed from pieces.

use std::borrow::Cow;
use std::net::IpAddr;

use super::capture::Duplicates;
use super::parts::Parts;
use crate::record::json::Scalar;
use crate::record::text::Text;

/// A value of a field. Texts and containers still are the record's own bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As the record writes it.
    Number(&'a str),
    Text(Text<'a>),
    /// From `{` to `}`.
    Object(&'a [u8]),
    /// From `[` to `]`.
    Array(&'a [u8]),
    /// A text that the record doesn't hold in this form.
    Computed(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The value of a scalar token.
    pub(crate) fn scalar(scalar: Scalar<'a>) -> Value<'a> {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(truth) => Value::Bool(truth),
            Scalar::Number(number) => Value::Number(number),
            Scalar::Text(text) => Value::Text(text),
        }
    }

    /// The value that `bytes` are, from its first byte to its last, as the reader has accepted it.
    pub(crate) fn exact(bytes: &'a [u8]) -> Option<Value<'a>> {
        Some(match bytes.first()? {
            b'{' => Value::Object(bytes),
            b'[' => Value::Array(bytes),
            b'"' => {
                let raw = bytes.get(1..bytes.len().saturating_sub(1))?;
                Value::Text(Text::new(raw, raw.contains(&b'\\')))
            }
            b't' => Value::Bool(true),
            b'f' => Value::Bool(false),
            b'n' => Value::Null,
            _ => Value::Number(std::str::from_utf8(bytes).ok()?),
        })
    }

    /// The text of a text, a number or a truth value; nothing for null and for containers.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Value::Bool(true) => Some(Cow::Borrowed("true")),
            Value::Bool(false) => Some(Cow::Borrowed("false")),
            Value::Number(number) => Some(Cow::Borrowed(number)),
            Value::Text(text) => Some(text.decode()),
            Value::Computed(text) => Some(text.clone()),
            Value::Null | Value::Object(_) | Value::Array(_) => None,
        }
    }

    /// Like [`Value::text`], if the text may have so many bytes or fewer, be it in lower case. Anything
    /// longer is passed over unread.
    pub(crate) fn text_within(&self, longest: usize) -> Option<Cow<'a, str>> {
        match self {
            Value::Text(text) => text.decode_within(longest),
            Value::Number(number) if number.len() > longest => None,
            _ => self.text(),
        }
    }

    /// Whether the value is a text and that text is `other`.
    pub(crate) fn is_text(&self, other: &str) -> bool {
        match self {
            Value::Text(text) => text.equals(other),
            Value::Computed(text) => text == other,
            _ => false,
        }
    }

    /// Whether the value is the text of an IPv4 or IPv6 address.
    pub(crate) fn is_address(&self) -> bool {
        self.text().is_some_and(|text| text.parse::<IpAddr>().is_ok())
    }

    /// Gives each value that isn't an array to `visit`: the elements of arrays, whatever their depth,
    /// or the value itself. Stops and says true as soon as `visit` does.
    pub(crate) fn any_element(&self, visit: &mut dyn FnMut(&Value<'a>) -> bool) -> bool {
        let Value::Array(bytes) = self else { return visit(self) };
        let mut parts = Parts::of(bytes);
        while let Some(element) = parts.element() {
            if visit(&element) {
                return true;
            }
        }
        false
    }

    /// Gives what `keys` lead to inside an object to `test`: one key after the other, arrays on the way
    /// transparent, keys joined by dots alike, of equal keys the one that counts. Stops and says true as
    /// soon as `test` does.
    pub(crate) fn any_at(
        &self,
        keys: &[String],
        reading: Duplicates,
        test: &mut dyn FnMut(&Value<'a>) -> bool,
    ) -> bool {
        self.any_behind(0, keys, reading, test)
    }

    /// Like [`Value::any_at`], but no array may stand on the way of the first `plain` keys.
    pub(crate) fn any_behind(
        &self,
        plain: usize,
        keys: &[String],
        reading: Duplicates,
        test: &mut dyn FnMut(&Value<'a>) -> bool,
    ) -> bool {
        let mut todo = vec![(self.clone(), 0)];
        while let Some((value, depth)) = todo.pop() {
            if depth <= plain && plain > 0 && matches!(value, Value::Array(_)) {
                continue;
            }
            let Some(rest) = keys.get(depth..).filter(|rest| !rest.is_empty()) else {
                if value
                    .any_element(&mut |element| !matches!(element, Value::Null) && test(element))
                {
                    return true;
                }
                continue;
            };
            value.any_element(&mut |element| {
                let first = todo.len();
                // The names that lead on are few: one for each way to join the first keys.
                let mut found: Vec<Cow<'a, str>> = Vec::new();
                element.members(&mut |name, member| {
                    let name = name.decode();
                    let Some(more) = leads(rest, &name) else { return false };
                    match found.iter().position(|former| *former == name) {
                        Some(place) => {
                            if let (Duplicates::Last, Some((former, _))) =
                                (reading, todo.get_mut(first + place))
                            {
                                *former = member;
                            }
                        }
                        None => {
                            found.push(name);
                            todo.push((member, depth + more));
                        }
                    }
                    false
                });
                false
            });
        }
        false
    }

    /// Whether anything stands below a path, no array on the way; names joined by dots lead there, too.
    pub(crate) fn holds_below(&self, path: &str) -> bool {
        let mut todo = vec![(self.clone(), path)];
        while let Some((value, rest)) = todo.pop() {
            let mut found = false;
            value.members(&mut |name, member| {
                let name = name.decode();
                let below = name.strip_prefix(rest).is_some_and(|more| more.starts_with('.'));
                let inside = rest.strip_prefix(&*name).and_then(|more| more.strip_prefix('.'));
                found = below || *name == *rest && matches!(member, Value::Object(_));
                todo.extend(inside.map(|rest| (member, rest)));
                found
            });
            if found {
                return true;
            }
        }
        false
    }

    /// The last of an object's members with this key, or an array's element; as JavaScript and most
    /// parsers read it.
    pub(crate) fn member(&self, key: &str) -> Option<Value<'a>> {
        let mut found = None;
        self.members(&mut |name, value| {
            if name.equals(key) {
                found = Some(value);
            }
            false
        });
        found
    }

    /// The member with this key that counts in a reading of the record.
    pub(crate) fn member_in(&self, key: &str, reading: Duplicates) -> Option<Value<'a>> {
        let mut found = None;
        self.members(&mut |name, value| {
            if name.equals(key) {
                found = Some(value);
            }
            found.is_some() && reading == Duplicates::First
        });
        found
    }

    /// Gives each element of an array to `visit`, until it says true. Other values have none.
    pub(crate) fn elements(&self, visit: &mut dyn FnMut(Value<'a>) -> bool) {
        let Value::Array(bytes) = self else { return };
        let mut parts = Parts::of(bytes);
        while let Some(value) = parts.value() {
            if visit(value) {
                return;
            }
        }
    }

    /// Gives each member of an object to `visit`, until it says true. Other values have none.
    #[inline]
    pub(crate) fn members(&self, visit: &mut dyn FnMut(Text<'a>, Value<'a>) -> bool) {
        let Value::Object(bytes) = self else { return };
        let mut parts = Parts::of(bytes);
        while let Some(key) = parts.key() {
            let Some(value) = parts.value() else { return };
            if visit(key, value) {
                return;
            }
        }
    }

    /// An array's element by its place.
    pub(crate) fn element(&self, place: usize) -> Option<Value<'a>> {
        let Value::Array(bytes) = self else { return None };
        let mut parts = Parts::of(bytes);
        for _ in 0..place {
            parts.value()?;
        }
        parts.value()
    }

    /// Whether the value is an object or array without members.
    pub(crate) fn is_empty_container(&self) -> bool {
        let (Value::Object(bytes) | Value::Array(bytes)) = self else { return false };
        Parts::of(bytes).value().is_none()
    }
}

/// How many of the keys a member's name stands for: one, or several joined by dots.
fn leads(keys: &[String], name: &str) -> Option<usize> {
    let mut rest = name;
    for (place, key) in keys.iter().enumerate() {
        rest = rest.strip_prefix(key.as_str())?;
        if rest.is_empty() {
            return Some(place + 1);
        }
        rest = rest.strip_prefix('.')?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_are_found_by_reading() {
        let value = Value::exact(br#"{"a":[1,{"b":"x"},[2,[3]]],"c":null,"c":true}"#).unwrap();
        assert_eq!(value.member("c"), Some(Value::Bool(true)));
        let list = value.member("a").unwrap();
        assert!(list.element(1).unwrap().member("b").unwrap().is_text("x"));
        assert_eq!(list.element(3), None);
        let mut seen = Vec::new();
        list.any_element(&mut |element| {
            seen.extend(element.text().map(Cow::into_owned));
            false
        });
        assert_eq!(seen, ["1", "2", "3"]);
    }

    #[test]
    fn emptiness() {
        assert!(Value::exact(b"{ }").unwrap().is_empty_container());
        assert!(Value::exact(b"[]").unwrap().is_empty_container());
        assert!(!Value::exact(b"[{}]").unwrap().is_empty_container());
        assert!(!Value::exact(b"\"\"").unwrap().is_empty_container());
    }
}
