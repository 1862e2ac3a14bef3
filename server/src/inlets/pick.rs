//! The text of a JSON object or list in, the values of some of its keys or its elements out, as they are written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Some of an object's values, as they are written.
pub struct Picked<'b, const N: usize> {
    /// One for each name; nothing for what is null or isn't there.
    pub values: [Option<&'b str>; N],
    /// Whether the object has keys, and none of them is asked for.
    pub is_foreign: bool,
}

struct Pick<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Pick<'_, N> {
    type Value = Picked<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Picked { values: [None; N], is_foreign: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut picked = Picked { values: [None; N], is_foreign: false };
        let mut is_known = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            picked.is_foreign = !is_known;
            let Some(at) = self.0.iter().position(|name| *name == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            (is_known, picked.is_foreign) = (true, false);
            let value = map.next_value::<&RawValue>()?.get();
            if let Some(place) = picked.values.get_mut(at).filter(|_| value != "null") {
                if place.is_some() {
                    return Err(Error::custom(format!("the key {key} stands there twice")));
                }
                *place = Some(value);
            }
        }
        Ok(picked)
    }
}

/// Reads some of an object's values.
///
/// # Errors
/// What is wrong with it.
pub fn pick<'b, const N: usize>(text: &'b str, names: [&str; N]) -> Result<Picked<'b, N>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let picked = deserializer.deserialize_any(Pick(names)).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    Ok(picked)
}

/// Calls a function with each member of an object.
struct Members<F>(F);

impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            (self.0)(&key, map.next_value::<&RawValue>()?.get());
        }
        Ok(())
    }
}

/// Calls a function with each member of an object: its key, and its value as it is written. Of equal keys all
/// count.
///
/// # Errors
/// What is wrong with it.
pub fn members<'b>(text: &'b str, call: impl FnMut(&str, &'b str)) -> Result<(), String> {
    serde_json::Deserializer::from_str(text)
        .deserialize_any(Members(call))
        .map_err(|error| error.to_string())
}

/// Calls a function with each element of a list.
struct Each<F>(F);

impl<'de, F: FnMut(&'de str) -> Result<(), String>> DeserializeSeed<'de> for Each<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(&'de str) -> Result<(), String>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            (self.0)(element.get()).map_err(Error::custom)?;
        }
        Ok(())
    }
}

/// Calls a function with each element of a list, as it is written; with none if there is no list.
///
/// # Errors
/// What is wrong with the list, or what the function says.
pub fn each<'b>(
    list: Option<&'b str>,
    name: &str,
    call: impl FnMut(&'b str) -> Result<(), String>,
) -> Result<(), String> {
    let Some(text) = list else { return Ok(()) };
    Each(call)
        .deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|error| format!("{name}: {error}"))
}

/// The value at the end of a path of keys.
///
/// # Errors
/// What is wrong with the text, or that a key of the path stands in an object twice.
pub fn follow<'b>(text: &'b str, path: &[String]) -> Result<Option<&'b str>, String> {
    let mut value = text;
    for key in path {
        let [found] = if value.starts_with('{') { pick(value, [key])?.values } else { [None] };
        match found {
            Some(found) => value = found,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_value_or_to_none_but_never_to_one_of_two() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let record = r#"{"a":{"b":"x","c":null},"d":1,"e":[{}]}"#;
        for (at, found) in [
            ("a.b", Some("\"x\"")),
            ("d", Some("1")),
            ("a.c", None),
            ("a.b.c", None),
            ("e.b", None),
            ("f", None),
        ] {
            assert_eq!(follow(record, &path(at)).unwrap(), found, "{at}");
        }
        assert!(follow(r#"{"a":1,"b":2,"a":3}"#, &path("a")).is_err());
        assert!(follow(r#"{"a":1"#, &path("a")).is_err());
        assert!(follow(r#"{"a":1}{}"#, &path("a")).is_err());
    }
}
