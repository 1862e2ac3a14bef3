//! In: a TOML document. Out: typed access to its values, with a notice for each that is wrong.

use std::ops::Range;

use tocsin_rule_test::toml_text::{self, Unread};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::query::notice::Notice;
use crate::rule::Document;
use crate::rule::diagnostic::{Diagnostic, locate};
use crate::rule::keys::{Keys, TEXTS, WrongType};
use crate::rule::position::{in_toml_string, position};

/// Parses a document; `None` if it isn't TOML, which is reported.
pub(super) fn parse<'t>(
    document: Document<'t>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spanned<DeTable<'t>>> {
    match toml_text::parse(document.text) {
        Ok(table) => Some(table),
        Err(Unread { range, message }) => {
            diagnostics.push(locate(document, range, Notice::error("toml-syntax", 0..0, message)));
            None
        }
    }
}

/// A text, or a number or truth value as it is written.
pub(super) fn scalar<'d>(value: &'d Spanned<DeValue<'_>>) -> Option<&'d str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        DeValue::Integer(number) => Some(number.as_str()),
        DeValue::Float(number) => Some(number.as_str()),
        DeValue::Boolean(true) => Some("true"),
        DeValue::Boolean(false) => Some("false"),
        _ => None,
    }
}

/// A table of a document and its diagnostics.
pub(super) struct Table<'d, 't> {
    pub(super) document: Document<'t>,
    pub(super) table: &'d DeTable<'t>,
    /// Where the table stands, for what it lacks.
    pub(super) span: Range<usize>,
}

impl<'d, 't> Keys<'d> for Table<'d, 't> {
    type Value = &'d Spanned<DeValue<'t>>;
    type Sink = Vec<Diagnostic>;

    fn get(&self, key: &str) -> Option<Self::Value> {
        self.table.get(key)
    }

    fn as_text(&self, value: Self::Value) -> Result<Option<&'d str>, WrongType> {
        value.get_ref().as_str().map(Some).ok_or(WrongType)
    }

    fn as_list(&self, value: Self::Value) -> Result<Vec<Self::Value>, WrongType> {
        value.get_ref().as_array().map(|array| array.iter().collect()).ok_or(WrongType)
    }

    fn span_of(&self, value: Self::Value) -> Range<usize> {
        value.span()
    }

    fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn say(&self, range: Range<usize>, notice: Notice, out: &mut Vec<Diagnostic>) {
        out.push(locate(self.document, range, notice));
    }
}

impl<'d, 't> Table<'d, 't> {
    /// A whole number between bounds, if the key is there.
    pub(super) fn integer(
        &self,
        key: &str,
        bounds: Range<u64>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<u64> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer().and_then(|integer| {
            u64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .filter(|n| bounds.contains(n))
        });
        if number.is_none() {
            let last = bounds.end.saturating_sub(1);
            let expected = if last > u64::from(u32::MAX) {
                "a whole number".to_owned()
            } else {
                format!("a whole number from {} to {last}", bounds.start)
            };
            self.say_wrong_type(key, value, &expected, out);
        }
        number
    }

    /// A list of tables; empty if the key isn't there.
    pub(super) fn tables(&self, key: &str, out: &mut Vec<Diagnostic>) -> Vec<Table<'d, 't>> {
        const TABLES: &str = "a list of tables";
        let mut tables = Vec::new();
        for element in self.elements(key, TABLES, out) {
            match element.get_ref().as_table() {
                Some(table) => {
                    tables.push(Table { document: self.document, table, span: element.span() });
                }
                None => self.say_wrong_type(key, element, TABLES, out),
            }
        }
        tables
    }

    /// A text, or a number or truth value as it is written; it must be there.
    pub(super) fn scalar(&self, key: &str, out: &mut Vec<Diagnostic>) -> Option<&'d str> {
        match self.get(key).map(|value| scalar(value)) {
            Some(Some(text)) => Some(text),
            _ => self.required(key, "the value that the field must have", out),
        }
    }

    /// A list of texts, numbers and truth values; empty if the key isn't there.
    pub(super) fn scalars(&self, key: &str, out: &mut Vec<Diagnostic>) -> Vec<&'d str> {
        let mut found = Vec::new();
        for element in self.elements(key, TEXTS, out) {
            match scalar(element) {
                Some(text) => found.push(text),
                None => self.say_wrong_type(key, element, TEXTS, out),
            }
        }
        found
    }

    /// The line of the document that a place lies in.
    pub(super) fn line(&self, at: usize) -> u32 {
        position(self.document.text, at).line
    }

    /// A table inside this one, if the key is there.
    pub(super) fn table(&self, key: &str, out: &mut Vec<Diagnostic>) -> Option<Table<'d, 't>> {
        let value = self.get(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.say_wrong_type(key, value, "a table", out);
        }
        Some(Table { document: self.document, table: table?, span: value.span() })
    }

    /// The place in the file of a place in a string's value.
    pub(super) fn place_in(&self, key: &str, value: Range<usize>) -> Range<usize> {
        match self.get(key) {
            Some(string) => in_toml_string(self.document.text, string.span(), value),
            None => self.span.clone(),
        }
    }
}
