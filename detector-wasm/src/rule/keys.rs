//! In: a map of a rule document, whatever its format. Out: its values by their types, with a notice for each that
//! is of another.

use std::ops::Range;

use crate::query::notice::Notice;

/// A value isn't of the type that was asked for.
pub(super) struct WrongType;

/// A map of a document, and how its format holds values.
pub(super) trait Keys<'d> {
    /// A value as the format has it.
    type Value: Copy;
    /// What notices go to.
    type Sink;

    /// A value by its key.
    fn get(&self, key: &str) -> Option<Self::Value>;
    /// A text; nothing for what stands for none.
    fn as_text(&self, value: Self::Value) -> Result<Option<&'d str>, WrongType>;
    /// A list's elements.
    fn as_list(&self, value: Self::Value) -> Result<Vec<Self::Value>, WrongType>;
    /// Where a value stands in the document.
    fn span_of(&self, value: Self::Value) -> Range<usize>;
    /// Where the map stands, for what it lacks.
    fn span(&self) -> Range<usize>;
    /// Says something about a range of the document.
    fn say(&self, range: Range<usize>, notice: Notice, out: &mut Self::Sink);

    /// Where a key's value stands, or the map if it lacks the key.
    fn span_at(&self, key: &str) -> Range<usize> {
        self.get(key).map_or(self.span(), |value| self.span_of(value))
    }

    /// Says that a key's value, or an element of it, is of the wrong type.
    fn say_wrong_type(&self, key: &str, value: Self::Value, expected: &str, out: &mut Self::Sink) {
        let notice = Notice::error("rule-wrong-type", 0..0, format!("`{key}` must be {expected}"));
        self.say(self.span_of(value), notice, out);
    }

    /// A text, if the key is there.
    fn text(&self, key: &str, out: &mut Self::Sink) -> Option<&'d str> {
        let value = self.get(key)?;
        self.as_text(value).unwrap_or_else(|WrongType| {
            self.say_wrong_type(key, value, "a string", out);
            None
        })
    }

    /// A text that must be there.
    fn required(&self, key: &str, hint: &str, out: &mut Self::Sink) -> Option<&'d str> {
        if self.get(key).is_none() {
            self.say_missing(key, hint, out);
            return None;
        }
        self.text(key, out)
    }

    /// Says that a key must be there.
    fn say_missing(&self, key: &str, hint: &str, out: &mut Self::Sink) {
        let notice = Notice::error("rule-missing-key", 0..0, format!("the rule has no `{key}`"));
        self.say(self.span(), notice.hint(hint), out);
    }

    /// A list; empty if the key isn't there.
    fn elements(&self, key: &str, expected: &str, out: &mut Self::Sink) -> Vec<Self::Value> {
        let Some(value) = self.get(key) else { return Vec::new() };
        self.as_list(value).unwrap_or_else(|WrongType| {
            self.say_wrong_type(key, value, expected, out);
            Vec::new()
        })
    }

    /// A list of texts; empty if the key isn't there.
    fn texts(&self, key: &str, out: &mut Self::Sink) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.elements(key, TEXTS, out) {
            match self.as_text(element) {
                Ok(text) => texts.extend(text.map(str::to_owned)),
                Err(WrongType) => self.say_wrong_type(key, element, TEXTS, out),
            }
        }
        texts
    }
}

/// What a list of texts is called.
pub(super) const TEXTS: &str = "a list of strings";
