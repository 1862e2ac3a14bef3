//! In: a record's value. Out: the one text that it shows as, however its writer spelled it.

use std::borrow::Cow;

use crate::event::Value;
use crate::pattern::Pattern;
use crate::query::regex::Regex;
use crate::record::json::{Container, Reader, Scalar, Token};
use crate::record::write;

/// The value as a text; nothing for null. Containers become JSON without blanks, with escapes only where
/// JSON demands them, so that `\u0041` can't hide an `A` from a pattern.
pub(crate) fn text<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Object(bytes) | Value::Array(bytes) => {
            let mut out = Vec::with_capacity(bytes.len());
            json(bytes, &mut out);
            Some(Cow::Owned(match String::from_utf8(out) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }))
        }
        other => other.text(),
    }
}

/// Whether a value's text fits the pattern. A map has a text only for patterns with a wildcard.
pub(crate) fn fits(pattern: &Pattern, value: &Value<'_>) -> bool {
    if pattern.literal().is_some() && matches!(value, Value::Object(_)) {
        return false;
    }
    text(value).is_some_and(|text| pattern.matches(&text))
}

/// Whether a regular expression matches anywhere in what a value shows as.
pub(crate) fn finds(regex: &Regex, value: &Value<'_>) -> bool {
    text(value).is_some_and(|text| regex.finds(&text))
}

/// Rewrites one JSON value, token by token.
fn json(bytes: &[u8], out: &mut Vec<u8>) {
    let mut reader = Reader::new(bytes, 0);
    let mut first = true;
    let mut after_key = false;
    while let Ok(Some(token)) = reader.next() {
        if !first && !after_key && !matches!(token, Token::Close(_)) {
            out.push(b',');
        }
        first = matches!(token, Token::Open(_));
        after_key = matches!(token, Token::Key(_));
        match token {
            Token::Open(Container::Object) => out.push(b'{'),
            Token::Open(Container::Array) => out.push(b'['),
            Token::Close(Container::Object) => out.push(b'}'),
            Token::Close(Container::Array) => out.push(b']'),
            Token::Key(key) => {
                write::text(&key.decode(), out);
                out.push(b':');
            }
            Token::Scalar(Scalar::Text(text)) => write::text(&text.decode(), out),
            Token::Scalar(Scalar::Number(number)) => out.extend_from_slice(number.as_bytes()),
            Token::Scalar(Scalar::Bool(true)) => out.extend_from_slice(b"true"),
            Token::Scalar(Scalar::Bool(false)) => out.extend_from_slice(b"false"),
            Token::Scalar(Scalar::Null) => out.extend_from_slice(b"null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_all() {
        for (json, expected) in [
            (
                r#"{ "\u0061" : [ 1 , {} , [ ] , null ] , "b":"\/" }"#,
                r#"{"a":[1,{},[],null],"b":"/"}"#,
            ),
            (r#"[{"a":1},{"b":[true,false]}]"#, r#"[{"a":1},{"b":[true,false]}]"#),
            (r#""x""#, "x"),
            ("1.50", "1.50"),
        ] {
            let value = Value::exact(json.as_bytes()).unwrap();
            assert_eq!(text(&value).as_deref(), Some(expected));
        }
        assert_eq!(text(&Value::Null), None);
    }

    #[test]
    fn depth_takes_no_stack() {
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        let value = Value::exact(deep.as_bytes()).unwrap();
        assert_eq!(text(&value).as_deref(), Some(deep.as_str()));
    }
}
