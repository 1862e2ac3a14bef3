//! In: a value of a raw record. Out: whether it says anything.
//!
//! The ingest pipeline of Elastic's integration first drops what doesn't: null, `""`, `-`, `none`,
//! and every object and array in which nothing is left. What is dropped counts as absent.

use super::leaves;
use super::value::Value;

/// Whether the pipeline drops the value before it maps anything. Stops at the first value that it keeps.
pub(crate) fn says_nothing(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => NOTHING.iter().any(|nothing| text.equals(nothing)),
        Value::Computed(text) => NOTHING.contains(&&**text),
        Value::Object(bytes) | Value::Array(bytes) => {
            !leaves::holds(bytes, &mut |leaf| !says_nothing(leaf))
        }
        Value::Bool(_) | Value::Number(_) => false,
    }
}

const NOTHING: [&str; 3] = ["", "-", "none"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing() {
        for (text, nothing) in [
            ("null", true),
            (r#""""#, true),
            (r#""-""#, true),
            (r#""none""#, true),
            (r#""\u002d""#, true),
            (r#"{"a":[{"b":null},[],"none",{"c":{"d":"-"}}]}"#, true),
            (r#""None""#, false),
            (r#""--""#, false),
            ("false", false),
            ("0", false),
            (r#"{"a":[{"b":null},[],"none",{"c":{"d":0}}]}"#, false),
        ] {
            assert_eq!(says_nothing(&Value::exact(text.as_bytes()).unwrap()), nothing, "{text}");
        }
    }

    #[test]
    fn depth_takes_no_stack() {
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        assert!(says_nothing(&Value::exact(deep.as_bytes()).unwrap()));
    }
}
