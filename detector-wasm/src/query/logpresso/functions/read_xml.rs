//! In: a text of XML. Out: its root's children as fields, in JSON.
//!
//! An element that holds nothing but text is that text; one with attributes or children is a map, its own text
//! under `_text`; several of one name are a list; an empty one isn't there. Entities are the five of XML and
//! numbers of characters: nothing is fetched and nothing grows.

use crate::record::write;

/// An element that is open.
#[derive(Default)]
struct Element {
    name: String,
    /// Attributes and children: names and their values as JSON.
    members: Vec<(String, Vec<u8>)>,
    text: String,
    /// Bytes of the members.
    size: usize,
}

/// The fields of a document's root; nothing if it isn't one.
pub(super) fn fields(text: &str, room: usize) -> Option<Vec<u8>> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = text.trim();
    while let Some(at) = rest.find('<') {
        let (plain, tag) = rest.split_at_checked(at)?;
        match open.last_mut() {
            Some(element) => element.text.push_str(&decoded(plain)?),
            None if plain.trim().is_empty() => {}
            None => return None,
        }
        if let Some(after) = tag.strip_prefix("<!--") {
            rest = after.split_once("-->")?.1;
        } else if let Some(after) = tag.strip_prefix("<![CDATA[") {
            let (plain, after) = after.split_once("]]>")?;
            open.last_mut()?.text.push_str(plain);
            rest = after;
        } else if let Some(after) = tag.strip_prefix("<?") {
            rest = after.split_once("?>")?.1;
        } else if let Some(after) = tag.strip_prefix("</") {
            let (name, after) = after.split_once('>')?;
            let element = open.pop().filter(|element| element.name == name.trim())?;
            rest = after;
            match open.last_mut() {
                Some(parent) => parent.add(element, room),
                None if rest.trim().is_empty() => return Some(element.map()),
                None => return None,
            }
        } else {
            let (element, closed, after) = start(tag)?;
            rest = after;
            match (closed, open.last_mut()) {
                (false, _) => open.push(element),
                (true, Some(parent)) => parent.add(element, room),
                (true, None) => return rest.trim().is_empty().then(|| element.map()),
            }
        }
    }
    None
}

impl Element {
    fn add(&mut self, child: Element, room: usize) {
        let name = child.name.clone();
        if let Some(json) = child.value().filter(|json| self.size + json.len() < room) {
            self.size += json.len();
            self.members.push((name, json));
        }
    }

    /// What the element is to its parent.
    fn value(self) -> Option<Vec<u8>> {
        if !self.members.is_empty() {
            return Some(self.map());
        }
        let text = self.text.trim();
        (!text.is_empty()).then(|| {
            let mut json = Vec::new();
            write::text(text, &mut json);
            json
        })
    }

    /// The element as a map.
    fn map(mut self) -> Vec<u8> {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            let mut json = Vec::new();
            write::text(text.trim(), &mut json);
            self.members.push(("_text".to_owned(), json));
        }
        let mut names: Vec<&str> = Vec::new();
        let mut known = std::collections::BTreeMap::new();
        for (name, json) in &self.members {
            known.entry(name.as_str()).or_insert_with(|| {
                names.push(name);
                Vec::new()
            });
            if let Some(values) = known.get_mut(name.as_str()) {
                values.push(json);
            }
        }
        let mut out = vec![b'{'];
        for name in names {
            if out.len() > 1 {
                out.push(b',');
            }
            write::text(name, &mut out);
            out.push(b':');
            match known.get(name).map(Vec::as_slice) {
                Some([only]) => out.extend_from_slice(only),
                several => {
                    out.push(b'[');
                    for (place, json) in several.unwrap_or_default().iter().enumerate() {
                        if place > 0 {
                            out.push(b',');
                        }
                        out.extend_from_slice(json);
                    }
                    out.push(b']');
                }
            }
        }
        out.push(b'}');
        out
    }
}

/// An opening tag: the element, whether it is closed at once, and what follows.
fn start(tag: &str) -> Option<(Element, bool, &str)> {
    let mut rest = tag.strip_prefix('<')?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=' | '<');
    let end = rest.find(ends)?;
    let (name, after) = rest.split_at_checked(end)?;
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':');
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    is_name.then_some(())?;
    rest = after;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return Some((element, true, after));
        }
        if let Some(after) = rest.strip_prefix('>') {
            return Some((element, false, after));
        }
        let end = rest.find(ends).filter(|end| *end > 0)?;
        let (name, after) = rest.split_at_checked(end)?;
        let value = after.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        let mut json = Vec::new();
        write::text(&decoded(value)?, &mut json);
        element.members.push((name.to_owned(), json));
        rest = after;
    }
}

/// A text with its entities resolved; nothing if one isn't known.
fn decoded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('&') {
        out.push_str(plain);
        let (entity, after) = after.split_once(';')?;
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_become_fields() {
        for (text, expected) in [
            (
                r#"<r><id>7</id><by k="x">eve</by></r>"#,
                Some(r#"{"id":"7","by":{"k":"x","_text":"eve"}}"#),
            ),
            (
                "<?xml version='1.0'?><!-- c --><r><a>1</a><a>2</a><b/></r>",
                Some(r#"{"a":["1","2"]}"#),
            ),
            ("<r>a&lt;&#66;<![CDATA[<c>]]></r>", Some(r#"{"_text":"a<B<c>"}"#)),
            ("<r><a></r>", None),
            ("<r>&other;</r>", None),
            ("<!DOCTYPE r><r/>", None),
            ("no", None),
        ] {
            let json = fields(text, 1 << 20).map(|json| String::from_utf8(json).unwrap());
            assert_eq!(json.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn depth_takes_no_stack() {
        let deep = format!("{}x{}", "<a>".repeat(20_000), "</a>".repeat(20_000));
        assert!(fields(&deep, 1 << 20).is_some());
    }
}
