//! In: exception items, as Elastic's rule repository writes them. Out: events that a rule lets pass.
//!
//! Items are alternatives; the entries of an item must all hold. Several items of several files may
//! speak about one rule.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Document;
use super::diagnostic::{Diagnostic, locate};
use super::toml_document::Table;
use crate::budget;
use crate::event::capture::Duplicates;
use crate::event::view::Shape;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, Fields};
use crate::pattern::{Case, Pattern, Piece};
use crate::query::Operand;
use crate::query::expression::Expressions;
use crate::query::notice::Notice;
use crate::query::predicate::{Builder, NodeId, Predicate};
use crate::query::test::Test;

/// When a rule raises no alert although its query selects the event.
#[derive(Debug, Clone)]
pub(crate) struct Exceptions {
    predicate: Predicate,
}

/// Exceptions of a document of their own, and the rules they are for.
#[derive(Debug, Clone)]
pub(crate) struct ExceptionList {
    pub(crate) rule_ids: Vec<String>,
    pub(crate) rule_names: Vec<String>,
    pub(crate) exceptions: Rc<Exceptions>,
}

/// What exceptions have said of one record, in each of its readings.
#[derive(Debug, Default)]
pub(crate) struct JudgedExceptions(BTreeMap<(*const Exceptions, Shape, Duplicates), bool>);

impl JudgedExceptions {
    /// Whether the record, of so many bytes, is in this reading one of the exceptions.
    pub(super) fn except(
        &mut self,
        exceptions: &Rc<Exceptions>,
        event: &Event<'_>,
        record: usize,
    ) -> bool {
        let key = (Rc::as_ptr(exceptions), event.shape, event.duplicates);
        *self.0.entry(key).or_insert_with(|| {
            budget::begin(record);
            let excepted = exceptions.except(event);
            match budget::is_spent() {
                false => excepted,
                true => exceptions.decide(event, record) == Some(true),
            }
        })
    }
}

impl Exceptions {
    /// Whether the event is one of them.
    pub(crate) fn except(&self, event: &Event<'_>) -> bool {
        self.predicate.holds(event, &Expressions::default())
    }

    fn decide(&self, event: &Event<'_>, record: usize) -> Option<bool> {
        self.predicate.decide(event, &Expressions::default(), record)
    }

    /// Reads a document's `[[exceptions]]`; nothing if it has none.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn read(
        root: &Table<'_, '_>,
        vocabulary: Vocabulary,
        fields: &mut Fields,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Exceptions> {
        root.get("exceptions")?;
        let mut builder = Builder::default();
        let mut items = Vec::new();
        for list in root.tables("exceptions", out) {
            for item in list.tables("items", out) {
                let tables = item.tables("entries", out);
                let mut entries = Vec::new();
                for table in &tables {
                    entries.extend(entry(table, vocabulary, fields, &mut builder, out));
                }
                if tables.is_empty() {
                    let notice =
                        Notice::error("exception-empty", 0..0, "the exception has no entries");
                    let hint = "without entries it would except every event";
                    item.say(item.span.clone(), notice.hint(hint), out);
                    continue;
                }
                items.push(builder.all(entries));
            }
        }
        let any = builder.any(items);
        Some(Exceptions { predicate: builder.finish(any) })
    }
}

impl ExceptionList {
    /// Reads a document that holds exceptions and no rule.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn read(
        root: &Table<'_, '_>,
        fields: &mut Fields,
        out: &mut Vec<Diagnostic>,
    ) -> Option<ExceptionList> {
        let exceptions = Exceptions::read(root, Vocabulary::Ecs, fields, out)?;
        let metadata = root.table("metadata", out);
        let texts = |key: &str, out: &mut Vec<Diagnostic>| match &metadata {
            Some(metadata) => metadata.texts(key, out),
            None => Vec::new(),
        };
        let (rule_ids, rule_names) = (texts("rule_ids", out), texts("rule_names", out));
        if rule_ids.is_empty() && rule_names.is_empty() {
            let notice = Notice::error("exception-no-rule", 0..0, "the exceptions are for no rule");
            let hint = "name the rules in `rule_ids` or `rule_names` under `[metadata]`";
            root.say(0..0, notice.hint(hint), out);
        }
        let exceptions = Rc::new(exceptions);
        Some(ExceptionList { rule_ids, rule_names, exceptions })
    }

    /// Says so if no rule is the one that the exceptions are for: they would be without effect.
    pub(super) fn unused(document: Document<'_>) -> Diagnostic {
        let message = "the exceptions are for rules that aren't loaded";
        locate(document, 0..0, Notice::warning("exception-no-rule", 0..0, message))
    }
}

/// One test of one field.
fn entry(
    table: &Table<'_, '_>,
    vocabulary: Vocabulary,
    fields: &mut Fields,
    builder: &mut Builder,
    out: &mut Vec<Diagnostic>,
) -> Option<NodeId> {
    let field = table.required("field", "the field to compare", out)?;
    let kind = table.required("type", "one of match, match_any, wildcard, exists", out)?;
    let test = match kind {
        "exists" => Test::Exists,
        "match" | "wildcard" => {
            let value = table.required("value", "the value that the field must have", out)?;
            Test::Text(pattern(value, kind == "wildcard"))
        }
        "match_any" => {
            let values = table.texts("value", out);
            Test::OneOf(values.iter().map(|value| pattern(value, false)).collect())
        }
        other => {
            let message = format!("exception entries of the type `{other}` can't be run");
            let notice = Notice::error("exception-type", 0..0, message);
            let range = table.place_in("type", 0..other.len());
            table.say(range, notice.hint("one of match, match_any, wildcard, exists"), out);
            return None;
        }
    };
    let operand = Operand::Field(fields.want(vocabulary, field));
    let clause = builder.clause(operand, test, 0..0);
    match table.text("operator", out).unwrap_or("included") {
        "included" => Some(clause),
        "excluded" => Some(builder.not(clause)),
        other => {
            let message = format!("there is no operator `{other}`");
            let notice = Notice::error("exception-operator", 0..0, message);
            let range = table.place_in("operator", 0..other.len());
            table.say(range, notice.hint("`included` or `excluded`"), out);
            None
        }
    }
}

/// Exactly the value, or the value with `*` and `?` as wildcards.
fn pattern(value: &str, wildcards: bool) -> Pattern {
    if !wildcards {
        return Pattern::exact(value, Case::Sensitive);
    }
    let piece = |c| match c {
        '*' => Piece::Star,
        '?' => Piece::One,
        c => Piece::Text(c.into()),
    };
    Pattern::new(&value.chars().map(piece).collect::<Vec<_>>(), Case::Sensitive)
}
