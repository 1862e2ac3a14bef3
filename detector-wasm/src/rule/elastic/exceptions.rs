//! In: exception items, as Elastic's rule repository writes them. Out: events that a rule lets pass.
//!
//! Items are alternatives; the entries of an item must all hold. Several items of several files may
//! speak about one rule.

use std::collections::BTreeMap;
use std::rc::Rc;

use toml::de::DeValue;

use super::table::Table;
use crate::budget;
use crate::event::capture::Duplicates;
use crate::event::mapping::FieldType;
use crate::event::view::Shape;
use crate::event::vocabulary::Vocabulary;
use crate::event::{Event, Fields, time};
use crate::pattern::Case;
use crate::query::Operand;
use crate::query::expression::Expressions;
use crate::query::kql::clauses::{self, Clauses, wildcards};
use crate::query::notice::Notice;
use crate::query::predicate::{Builder, ClauseId, Predicate};
use crate::query::test::Test;
use crate::rule::Document;
use crate::rule::diagnostic::{Diagnostic, locate};
use crate::rule::keys::Keys;

/// When a rule raises no alert although its query selects the event.
#[derive(Debug, Clone)]
pub(crate) struct Exceptions {
    predicate: Predicate,
    /// Whether an item ends at some time.
    dated: bool,
}

/// Exceptions of a document of their own, and the rules they are for.
#[derive(Debug, Clone)]
pub(crate) struct ExceptionList {
    pub(crate) rule_ids: Vec<String>,
    pub(crate) rule_names: Vec<String>,
    pub(crate) exceptions: Rc<Exceptions>,
}

/// What exceptions decided about one record, in each of its readings.
#[derive(Debug, Default)]
pub(crate) struct JudgedExceptions(BTreeMap<(*const Exceptions, Shape, Duplicates), bool>);

impl JudgedExceptions {
    /// Whether the record, of so many bytes, is in this reading one of the exceptions.
    pub(crate) fn except(
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
    fn except(&self, event: &Event<'_>) -> bool {
        self.predicate.holds(event, &Expressions::default())
    }

    fn decide(&self, event: &Event<'_>, record: usize) -> Option<bool> {
        self.predicate.decide(event, &Expressions::default(), &|_| None, record)
    }

    /// Whether it matters what time it is.
    pub(crate) fn is_dated(&self) -> bool {
        self.dated
    }

    /// Reads a document's `[[exceptions]]`; nothing if it has none.
    ///
    /// Items that have ended `now` are left out. Without it they hold, for want of a clock, and a warning says so.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn read(
        root: &Table<'_, '_>,
        vocabulary: Vocabulary,
        now: Option<i64>,
        fields: &mut Fields,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Exceptions> {
        root.get("exceptions")?;
        let mut builder = Builder::default();
        let mut items = Vec::new();
        let (mut dated, mut ends_some_time) = (Vec::new(), false);
        for list in root.tables("exceptions", out) {
            for item in list.tables("items", out) {
                let tables = item.tables("entries", out);
                let mut entries = Vec::new();
                for table in &tables {
                    let mut clauses = Entries { vocabulary, fields, builder: &mut builder };
                    entries.extend(clauses.read(table, out));
                }
                let end = ends(&item, out);
                ends_some_time |= end.is_some();
                match (end, now) {
                    (Some(end), Some(now)) if end <= now => continue,
                    (Some(_), None) => dated.push(item.span.clone()),
                    _ => {}
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
        if let Some(first) = dated.first() {
            let lines = dated.iter().map(|span| root.line(span.start).to_string());
            let lines: Vec<String> = lines.take(10).collect();
            let count = dated.len();
            let message = format!("{count} exceptions end at a time, and hold for good here");
            let hint = format!(
                "there is no clock; give the option `now` to let them end (lines {})",
                lines.join(", ")
            );
            let notice = Notice::warning("exception-time", 0..0, message).hint(hint);
            root.say(first.clone(), notice, out);
        }
        let any = builder.any(items);
        Some(Exceptions { predicate: builder.finish(any), dated: ends_some_time })
    }
}

impl ExceptionList {
    /// Reads a document that holds exceptions and no rule.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn read(
        root: &Table<'_, '_>,
        now: Option<i64>,
        fields: &mut Fields,
        out: &mut Vec<Diagnostic>,
    ) -> Option<ExceptionList> {
        let exceptions = Exceptions::read(root, Vocabulary::Ecs, now, fields, out)?;
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
    pub(crate) fn unused(document: Document<'_>) -> Diagnostic {
        let message = "the exceptions are for rules that aren't loaded";
        locate(document, 0..0, Notice::warning("exception-no-rule", 0..0, message))
    }
}

/// Makes clauses of entries, as the vocabulary of the rule has their fields.
struct Entries<'r, 'f> {
    vocabulary: Vocabulary,
    fields: &'f mut Fields,
    builder: &'r mut Builder,
}

impl Entries<'_, '_> {
    /// One test of one field.
    fn read(&mut self, table: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Option<ClauseId> {
        let field = table.required("field", "the field to compare", out)?;
        let kind = table.required("type", KINDS, out)?;
        let clause = match kind {
            "exists" => self.exists(field),
            "match" | "wildcard" => {
                let value = table.scalar("value", out)?;
                match kind {
                    "match" => self.one_of(table, field, &[value], out),
                    _ => self.wildcard(field, value),
                }
            }
            "match_any" => {
                let values = table.scalars("value", out);
                self.one_of(table, field, &values, out)
            }
            "nested" => self.nested(table, field, out)?,
            other => {
                let message = format!("exception entries of the type `{other}` can't be run");
                let notice = Notice::error("exception-type", 0..0, message);
                let range = table.place_in("type", 0..other.len());
                table.say(range, notice.hint(KINDS), out);
                return None;
            }
        };
        self.included(table, clause, out)
    }

    /// The clause, or its opposite if the entry says `excluded`.
    fn included(
        &mut self,
        table: &Table<'_, '_>,
        clause: ClauseId,
        out: &mut Vec<Diagnostic>,
    ) -> Option<ClauseId> {
        match table.text("operator", out).unwrap_or("included") {
            "included" => Some(clause),
            "excluded" => Some(self.builder.not(clause)),
            other => {
                let message = format!("there is no operator `{other}`");
                let notice = Notice::error("exception-operator", 0..0, message);
                let range = table.place_in("operator", 0..other.len());
                table.say(range, notice.hint("`included` or `excluded`"), out);
                None
            }
        }
    }

    fn exists(&mut self, field: &str) -> ClauseId {
        if self.vocabulary == Vocabulary::Ecs {
            return Clauses::new(self.fields, self.builder).exists(field, 0..0);
        }
        self.clause(field, Test::Exists)
    }

    fn wildcard(&mut self, field: &str, value: &str) -> ClauseId {
        if self.vocabulary == Vocabulary::Ecs {
            let mut clauses = Clauses::new(self.fields, self.builder);
            return clauses.wildcard(field, value, Case::Sensitive, 0..0);
        }
        self.clause(field, Test::Text(wildcards(value, Case::Sensitive)))
    }

    /// The field has one of the values, compared as its type has it.
    fn one_of(
        &mut self,
        table: &Table<'_, '_>,
        field: &str,
        values: &[&str],
        out: &mut Vec<Diagnostic>,
    ) -> ClauseId {
        if self.vocabulary != Vocabulary::Ecs {
            let tests = clauses::tests(
                values,
                self.fields.mappings().compared_type(self.vocabulary, field),
            );
            let nodes = tests.into_iter().map(|test| self.clause(field, test)).collect();
            return self.builder.any(nodes);
        }
        let mut clauses = Clauses::new(self.fields, self.builder);
        let node = clauses.one_of(field, values, 0..0);
        let span = table.get("value").map_or(table.span.clone(), |value| value.span());
        for mut notice in clauses.finish() {
            // Elasticsearch refuses the query, and a negated entry that can't fit would fit always.
            if notice.code == "kql-value-of-wrong-type" {
                notice = Notice::error("exception-value", 0..0, notice.message);
            }
            table.say(span.clone(), notice, out);
        }
        node
    }

    /// One object of the field satisfies all inner entries.
    fn nested(
        &mut self,
        table: &Table<'_, '_>,
        field: &str,
        out: &mut Vec<Diagnostic>,
    ) -> Option<ClauseId> {
        let mut inside = Builder::default();
        let mut nodes = Vec::new();
        for entry in table.tables("entries", out) {
            let name = entry.required("field", "the member to compare", out)?;
            let test = match entry.required("type", KINDS, out)? {
                "exists" => vec![Test::Exists],
                "match" => clauses::tests(&[entry.scalar("value", out)?], self.kind(field, name)),
                "match_any" => clauses::tests(&entry.scalars("value", out), self.kind(field, name)),
                other => {
                    let message = format!("nested entries of the type `{other}` can't be run");
                    let notice = Notice::error("exception-type", 0..0, message);
                    let range = entry.place_in("type", 0..other.len());
                    entry.say(range, notice.hint("one of match, match_any, exists"), out);
                    return None;
                }
            };
            let path: Vec<String> = name.split('.').map(str::to_owned).collect();
            let operand = Operand::Member(path);
            let clauses =
                test.into_iter().map(|test| inside.clause(operand.clone(), test, 0..0)).collect();
            let clause = inside.any(clauses);
            let mut entries =
                Entries { vocabulary: self.vocabulary, fields: self.fields, builder: &mut inside };
            nodes.push(entries.included(&entry, clause, out)?);
            let id = self.fields.want(self.vocabulary, field);
            self.fields.watch_member(id, &name.split('.').collect::<Vec<_>>());
        }
        let all = inside.all(nodes);
        let predicate = Box::new(inside.finish(all));
        Some(self.clause(field, Test::Nested(predicate)))
    }

    fn kind(&self, field: &str, name: &str) -> Option<FieldType> {
        self.fields.mappings().compared_type(self.vocabulary, &format!("{field}.{name}"))
    }

    fn clause(&mut self, field: &str, test: Test) -> ClauseId {
        let operand = Operand::Field(self.fields.want(self.vocabulary, field));
        self.builder.clause(operand, test, 0..0)
    }
}

/// When an item ends, in milliseconds since 1970; nothing if it doesn't.
fn ends(item: &Table<'_, '_>, out: &mut Vec<Diagnostic>) -> Option<i64> {
    let (key, text) = ["expire_time", "expireTime"].into_iter().find_map(|key| {
        let value = item.get(key)?.get_ref();
        let text = match value {
            DeValue::Datetime(moment) => moment.to_string(),
            _ => value.as_str().unwrap_or_default().to_owned(),
        };
        Some((key, text))
    })?;
    let end = time::milliseconds(&text);
    if end.is_none() {
        let notice =
            Notice::error("exception-time", 0..0, format!("`{key}` is no moment that can be read"));
        let span = item.get(key).map_or(item.span.clone(), |value| value.span());
        item.say(span, notice.hint("write 2026-03-04T05:06:07Z"), out);
    }
    end
}

const KINDS: &str = "one of match, match_any, wildcard, exists, nested";
