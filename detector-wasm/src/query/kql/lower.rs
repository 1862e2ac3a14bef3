//! In: a query in postfix order. Out: the predicate.
//!
//! Values of one field that are joined by `or` wait until the list is complete, so that a list of any
//! length becomes one clause.

use std::collections::BTreeMap;
use std::ops::Range;

use super::compare::{self, Naming};
use super::field::{Resolver, Targets, Type, member};
use super::lints;
use super::postfix::{FieldIndex, Op, Postfix};
use super::word::Word;
use crate::event::Fields;
use crate::query::Operand;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;
use crate::query::predicate::{Builder, ClauseId, Predicate};
use crate::query::test::Test;

/// How deep objects may be nested in objects. Each level judges its objects inside the judgement of the
/// one around it.
const MOST_OBJECTS: usize = 4;

/// From so many clauses of one field on, an `or` of them becomes one clause.
const MANY: usize = 8;

/// An operand that is complete.
enum Item {
    Node(ClauseId),
    /// A field is one of these values: the beginning of a list, perhaps.
    Values {
        field: Option<FieldIndex>,
        values: Vec<Word>,
        span: Range<usize>,
    },
}

/// The query itself, or a part of it about one object.
struct Level {
    builder: Builder,
    items: Vec<Item>,
    /// The path of the field whose value the object is, from the record's top; empty for the query.
    path: String,
    /// The operand that has the object.
    operand: Option<Operand>,
}

impl Level {
    fn new(path: String, operand: Option<Operand>) -> Level {
        Level { builder: Builder::default(), items: Vec::new(), path, operand }
    }

    fn pop(&mut self) -> Item {
        match self.items.pop() {
            Some(item) => item,
            // The parser puts operands before their operators.
            None => Item::Node(self.builder.constant(false)),
        }
    }

    fn pop_many(&mut self, count: usize) -> Vec<Item> {
        self.items.split_off(self.items.len().saturating_sub(count))
    }
}

struct Lowerer<'f, 'n> {
    resolver: Resolver<'f>,
    sink: &'n mut DiagnosticSink,
    fields: Vec<Word>,
    /// The first field of each name.
    same: Vec<usize>,
    level: Level,
    outer: Vec<Level>,
}

/// The predicate of a parsed query.
pub(super) fn lower(
    postfix: Postfix,
    fields: &mut Fields,
    sink: &mut DiagnosticSink,
) -> Option<Predicate> {
    let same = same_names(&postfix.fields);
    let mut lowerer = Lowerer {
        resolver: Resolver::new(fields),
        sink,
        fields: postfix.fields,
        same,
        level: Level::new(String::new(), None),
        outer: Vec::new(),
    };
    for op in postfix.ops {
        lowerer.take(op);
        if lowerer.sink.has_errors() {
            return None;
        }
    }
    let root = lowerer.level.pop();
    let root = lowerer.node(root);
    Some(lowerer.level.builder.finish(root))
}

/// For each field the first one of the same name.
fn same_names(fields: &[Word]) -> Vec<usize> {
    let mut first = BTreeMap::new();
    let name = |word: &Word| (word.shown(), word.plain().is_some());
    fields
        .iter()
        .enumerate()
        .map(|(index, word)| *first.entry(name(word)).or_insert(index))
        .collect()
}

impl Lowerer<'_, '_> {
    #[inline(never)] // a frame of its own, live only while it runs
    fn take(&mut self, op: Op) {
        let item = match op {
            Op::Is { field, value, span } if value.is_star() => {
                Item::Node(self.existence(field, span))
            }
            Op::Is { field, value, span } => {
                if value.is_null() {
                    self.sink.add(lints::null_value(&value));
                }
                Item::Values { field: self.first_of_name(field), values: vec![value], span }
            }
            Op::Range { field, order, value, span } => {
                if value.is_null() {
                    self.sink.add(lints::null_value(&value));
                    Item::Node(self.level.builder.constant(false))
                } else {
                    if value.plain().is_none() {
                        self.sink.add(lints::wildcard_in_range(&value));
                    }
                    let (targets, naming) = self.targets(Some(field), false, &span);
                    let test = |kind, sink: &mut DiagnosticSink| {
                        compare::range(order, &value, kind, naming, sink).into_iter().collect()
                    };
                    Item::Node(self.clauses(targets, &span, test))
                }
            }
            Op::Not => {
                let operand = self.level.pop();
                let node = self.node(operand);
                Item::Node(self.level.builder.not(node))
            }
            Op::And(count) => {
                let nodes = self.level.pop_many(count);
                let nodes = nodes.into_iter().map(|item| self.node(item)).collect();
                Item::Node(self.level.builder.all(nodes))
            }
            Op::Or(count, list) => self.any(count, list),
            Op::Enter(field) => return self.enter(field),
            Op::Leave(span) => Item::Node(self.leave(span)),
        };
        self.level.items.push(item);
    }

    /// Joins operands by `or`. Values of one field become one item if they stand in a list, or are many.
    fn any(&mut self, count: usize, list: Option<Range<usize>>) -> Item {
        let mut sizes: BTreeMap<Option<FieldIndex>, usize> = BTreeMap::new();
        let items = self.level.pop_many(count);
        for item in &items {
            if let Item::Values { field, .. } = item {
                *sizes.entry(*field).or_default() += 1;
            }
        }
        let mut joined: Vec<Item> = Vec::new();
        let mut places: BTreeMap<Option<FieldIndex>, usize> = BTreeMap::new();
        for item in items {
            let Item::Values { field, values, span } = item else {
                joined.push(item);
                continue;
            };
            let size = sizes.get(&field).copied().unwrap_or_default();
            let joins = size > 1 && (list.is_some() || size >= MANY);
            match places.get(&field).and_then(|place| joined.get_mut(*place)) {
                Some(Item::Values { values: former, span: all, .. }) if joins => {
                    append(former, values);
                    *all = all.start.min(span.start)..all.end.max(span.end);
                }
                _ => {
                    places.insert(field, joined.len());
                    let span = list.clone().filter(|_| joins).unwrap_or(span);
                    joined.push(Item::Values { field, values, span });
                }
            }
        }
        if joined.len() == 1
            && let Some(only) = joined.pop()
        {
            return only;
        }
        let nodes = joined.into_iter().map(|item| self.node(item)).collect();
        Item::Node(self.level.builder.any(nodes))
    }

    fn node(&mut self, item: Item) -> ClauseId {
        match item {
            Item::Node(node) => node,
            Item::Values { field, values, span } => {
                let (targets, naming) = self.targets(field, false, &span);
                self.clauses(targets, &span, |kind, sink| {
                    compare::equality(&values, kind, naming, sink)
                })
            }
        }
    }

    fn existence(&mut self, field: Option<FieldIndex>, span: Range<usize>) -> ClauseId {
        let all = self.name(field).map_or(self.outer.is_empty(), Word::is_star);
        if all {
            return self.level.builder.constant(true);
        }
        let (targets, _) = self.targets(field, true, &span);
        self.clauses(targets, &span, |_, _| vec![Test::Exists])
    }

    /// The clauses of all targets, one of which must hold.
    fn clauses(
        &mut self,
        targets: Targets,
        span: &Range<usize>,
        test: impl Fn(Type, &mut DiagnosticSink) -> Vec<Test>,
    ) -> ClauseId {
        let mut nodes = Vec::new();
        for (operand, kind) in targets {
            for test in test(kind, self.sink) {
                nodes.push(self.level.builder.clause(operand.clone(), test, span.clone()));
            }
        }
        self.level.builder.any(nodes)
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn targets(
        &mut self,
        field: Option<FieldIndex>,
        exists: bool,
        span: &Range<usize>,
    ) -> (Targets, Naming) {
        let word = field.and_then(|field| self.fields.get(field.0)).filter(|word| !word.is_null());
        let naming = match word {
            None => Naming::None,
            Some(word) if word.plain().is_none() => Naming::Wildcard,
            Some(_) => Naming::Exact,
        };
        let builder = &mut self.level.builder;
        let targets = match word {
            _ if self.outer.is_empty() => {
                self.resolver.in_record(word, exists, span, builder, self.sink)
            }
            Some(word) => {
                let path = &self.level.path;
                let outermost = self.outer.get(1).map_or(path, |level| &level.path);
                self.resolver.in_object(outermost, path, word, span, builder, self.sink)
            }
            None => {
                self.sink.add(lints::bare_in_object(span));
                Vec::new()
            }
        };
        (targets, naming)
    }

    fn name(&self, field: Option<FieldIndex>) -> Option<&Word> {
        field.and_then(|field| self.fields.get(field.0)).filter(|word| !word.is_null())
    }

    fn first_of_name(&self, field: Option<FieldIndex>) -> Option<FieldIndex> {
        field.map(|field| FieldIndex(self.same.get(field.0).copied().unwrap_or(field.0)))
    }

    fn enter(&mut self, field: FieldIndex) {
        let Some(word) = self.fields.get(field.0) else { return };
        let name = word.shown();
        if word.plain().is_none() {
            self.sink.add(
                Notice::error(
                    "kql-nested-wildcard",
                    word.span.clone(),
                    format!(
                        "expected one field before `{{`, found the wildcard `{}`",
                        lints::shorten(&name)
                    ),
                )
                .hint("name the field whose objects are meant"),
            );
        }
        if self.outer.len() == MOST_OBJECTS {
            self.sink.add(
                Notice::error(
                    "kql-nested-too-deep",
                    word.span.clone(),
                    format!(
                        "expected at most {MOST_OBJECTS} objects inside each other, found more"
                    ),
                )
                .hint("name inner fields by their path: `a:{ b.c: value }`"),
            );
        }
        let (path, operand) = match self.outer.is_empty() {
            true => (name.clone(), self.resolver.object(&name, word, self.sink)),
            false => (format!("{}.{name}", self.level.path), member(&name)),
        };
        let outer = std::mem::replace(&mut self.level, Level::new(path, Some(operand)));
        self.outer.push(outer);
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn leave(&mut self, span: Range<usize>) -> ClauseId {
        let root = self.level.pop();
        let root = self.node(root);
        let Some(outer) = self.outer.pop() else { return root };
        let object = std::mem::replace(&mut self.level, outer);
        let predicate = Box::new(object.builder.finish(root));
        match object.operand {
            Some(operand) => self.level.builder.clause(operand, Test::Nested(predicate), span),
            None => self.level.builder.constant(false),
        }
    }
}

/// Puts two lists together, moving the shorter one.
fn append(list: &mut Vec<Word>, mut more: Vec<Word>) {
    if more.len() > list.len() {
        std::mem::swap(list, &mut more);
    }
    list.append(&mut more);
}
