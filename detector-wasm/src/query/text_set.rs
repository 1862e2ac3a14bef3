//! In: texts and patterns. Out: whether a text is among them.

use crate::event::Value;
use crate::pattern::Pattern;
use crate::sort;

/// A set of texts, some of them given by a pattern. Looking a text up takes the logarithm of the number
/// of exact texts, and one match for each pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TextSet {
    exact: Vec<String>,
    patterns: Vec<Pattern>,
}

impl TextSet {
    /// The set of these exact texts (compared case and all) and patterns.
    pub(crate) fn new(mut exact: Vec<String>, patterns: Vec<Pattern>) -> TextSet {
        sort::sort_and_dedup(&mut exact);
        TextSet { exact, patterns }
    }

    /// The exact texts, sorted.
    pub(crate) fn exact(&self) -> &[String] {
        &self.exact
    }

    /// The patterns, in the order in which they were given.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether the text is one of the exact ones or fits a pattern.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.exact.binary_search_by(|known| known.as_str().cmp(text)).is_ok()
            || self.patterns.iter().any(|pattern| pattern.matches(text))
    }

    /// Whether a value is a text of the set. Numbers and truth values are no texts.
    pub(crate) fn holds_value(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Text(text) => self.holds(&text.decode()),
            Value::Computed(text) => self.holds(text),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Case, Piece};

    #[test]
    fn exact_texts_and_patterns() {
        let pattern = Pattern::new(&[Piece::Text("c".into()), Piece::Star], Case::Sensitive);
        let set = TextSet::new(vec!["b".into(), "a".into(), "b".into()], vec![pattern]);
        for (text, expected) in [("a", true), ("b", true), ("cd", true), ("A", false), ("", false)]
        {
            assert_eq!(set.holds(text), expected, "{text}");
        }
        assert_eq!(set.exact, ["a", "b"]);
        assert_eq!(set.patterns.len(), 1);
    }
}
