//! In: a rule and an event. Out: the rule's query as a tree, each clause with its verdict, the values
//! that it looked at, and where in the record they stand.

use std::ops::Range;

use crate::budget;
use crate::event::capture::Duplicates;
use crate::event::view::Shape;
use crate::event::{Event, FieldId};
use crate::place::{self, number};
use crate::query::expression::Datum;
use crate::query::predicate::{Clause, ClauseId, Node};
use crate::query::{Operand, Query};
use crate::record::write;
use crate::rule::{JudgedExceptions, Rule};

/// A record that is looked at closely, and the text that it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'e, 'a> {
    pub(crate) event: &'e Event<'a>,
    /// Where the record stands in its text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where in the batch the string begins that holds the text, if it isn't the batch.
    pub(crate) origin: Option<usize>,
}

impl Subject<'_, '_> {
    /// Appends which reading of which record it is, behind other members.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"shape\":");
        let shape = match self.event.shape {
            Shape::Raw => "raw",
            Shape::Normalised => "normalised",
        };
        write::text(shape, out);
        out.extend_from_slice(b",\"duplicates\":");
        let duplicates = match self.event.duplicates {
            Duplicates::Last => "last",
            Duplicates::First => "first",
        };
        write::text(duplicates, out);
        number("start", self.start, out);
        number("end", self.end, out);
        match self.origin {
            Some(origin) => number("origin", origin, out),
            None => out.extend_from_slice(b",\"origin\":null"),
        }
    }
}

/// What keeps a rule from raising an alert about a record that its query selects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Barred {
    /// The rule's log source isn't the record's.
    pub(crate) elsewhere: bool,
    /// The rule is for a log source, and who sent the record isn't known to be it.
    pub(crate) untrusted: bool,
}

/// Appends an explanation as one JSON object; `docs/abi.md` has its form.
pub(crate) fn explain(rule: &Rule, subject: Subject<'_, '_>, barred: Barred, out: &mut Vec<u8>) {
    let (query, event) = (&rule.query, subject.event);
    let record = subject.end.saturating_sub(subject.start);
    let truths = truths(query, event, record);
    out.extend_from_slice(b"{\"rule\":");
    write::text(&rule.id, out);
    verdict("selects", truth(&truths, query.predicate.root()), out);
    let excepted = rule.holds_back(event, record, &mut JudgedExceptions::default());
    key("excepted", excepted, out);
    for (name, is_so) in [("elsewhere", barred.elsewhere), ("untrusted", barred.untrusted)] {
        if is_so {
            key(name, true, out);
        }
    }
    subject.write(out);
    out.extend_from_slice(b",\"query\":");
    write::text(&rule.text, out);
    nodes(rule, out, &mut |id, node, out| {
        verdict("truth", truth(&truths, id), out);
        if let Node::Clause(clause) = node {
            operand(rule, clause, event, out);
        }
    });
    out.push(b'}');
}

/// How many bytes what is said of a rule's nodes may take, beside the values of a record.
pub(crate) fn frame_bytes(rule: &Rule) -> usize {
    const NODE: usize = 2 << 10;
    let nodes = rule.query.predicate.nodes().iter();
    let nodes = nodes.map(|node| match node {
        Node::Clause(clause) => clause.span.len().saturating_mul(6).saturating_add(NODE),
        _ => NODE / 8,
    });
    nodes.fold(rule.text.len().saturating_mul(6), usize::saturating_add)
}

/// The verdict of each node about a record of so many bytes; none where tests take more steps than they may.
pub(crate) fn truths(query: &Query, event: &Event<'_>, record: usize) -> Vec<Option<bool>> {
    let truths = query.predicate.truths(event, &query.expressions, &|_| None, record);
    budget::end();
    truths
}

/// The verdict of a node, if it is decided.
pub(crate) fn truth(truths: &[Option<bool>], id: ClauseId) -> Option<bool> {
    truths.get(id.index()).copied().flatten()
}

/// Appends a verdict as a member. What is undecided raises no alert, so it is false, and says why.
fn verdict(name: &str, truth: Option<bool>, out: &mut Vec<u8>) {
    key(name, truth.unwrap_or_default(), out);
    if truth.is_none() {
        key("undecided", true, out);
    }
}

/// Appends the tree's nodes as a member, each with its depth, a node before those that it joins, and with what
/// `more` has to say of it. A list rather than nested objects: rules may nest as deep as they like, and readers
/// of JSON may not.
pub(crate) fn nodes(
    rule: &Rule,
    out: &mut Vec<u8>,
    more: &mut dyn FnMut(ClauseId, &Node, &mut Vec<u8>),
) {
    let predicate = &rule.query.predicate;
    let places = places(rule);
    let mut todo = vec![(predicate.root(), 0u32)];
    out.extend_from_slice(b",\"nodes\":[");
    let mut first = true;
    while let Some((id, depth)) = todo.pop() {
        let Some(node) = predicate.node(id) else { continue };
        let (kind, members): (&str, &[ClauseId]) = match node {
            Node::All(members) => ("all", members),
            Node::Any(members) => ("any", members),
            Node::Not(member) => ("not", std::slice::from_ref(member)),
            Node::Constant(_) => ("constant", &[]),
            Node::Clause(_) => ("clause", &[]),
        };
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"depth\":");
        out.extend_from_slice(depth.to_string().as_bytes());
        out.extend_from_slice(b",\"kind\":");
        write::text(kind, out);
        if let Some(Some(place)) = places.get(id.index()) {
            out.extend_from_slice(b",\"place\":{\"start\":");
            out.extend_from_slice(place.start.to_string().as_bytes());
            number("end", place.end, out);
            out.push(b'}');
        }
        if let Node::Clause(clause) = node {
            out.extend_from_slice(b",\"text\":");
            write::text(rule.text.get(clause.span.clone()).unwrap_or_default().trim(), out);
            number("start", clause.span.start, out);
            number("end", clause.span.end, out);
        }
        more(id, node, out);
        out.push(b'}');
        todo.extend(members.iter().rev().map(|member| (*member, depth.saturating_add(1))));
    }
    out.push(b']');
}

/// Where each node stands in the rule's document: a clause where it is written, any other from the first to the
/// last of those that it joins.
fn places(rule: &Rule) -> Vec<Option<Range<usize>>> {
    let mut places: Vec<Option<Range<usize>>> = Vec::new();
    for node in rule.query.predicate.nodes() {
        let members = match node {
            Node::All(members) | Node::Any(members) => members.as_slice(),
            Node::Not(member) => std::slice::from_ref(member),
            Node::Constant(_) | Node::Clause(_) => &[],
        };
        let inside = members.iter().filter_map(|member| places.get(member.index())?.clone());
        let place = match node {
            Node::Clause(clause) => rule.source_map.range(&clause.span),
            _ => inside.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end)),
        };
        places.push(place);
    }
    places
}

/// Appends what a clause looks at.
fn operand(rule: &Rule, clause: &Clause, event: &Event<'_>, out: &mut Vec<u8>) {
    match &clause.operand {
        Operand::Field(id) => field(*id, event, out),
        Operand::Expression(_) => {
            let value = rule.query.value(&clause.operand, event);
            key("missing", value == Datum::Null, out);
            out.extend_from_slice(b",\"values\":[{\"value\":");
            value.write_json(out);
            out.extend_from_slice(b",\"path\":null,\"offset\":null}]");
        }
        Operand::Named(_) | Operand::Member(_) => {}
    }
}

/// Appends a field's name and values.
fn field(id: FieldId, event: &Event<'_>, out: &mut Vec<u8>) {
    let name = event.field(id).map(|field| field.name.as_str());
    out.extend_from_slice(b",\"field\":");
    write::text(name.unwrap_or_default(), out);
    let mut values = Vec::new();
    event.visit(id, &mut |value, origin| {
        if !values.is_empty() {
            values.push(b',');
        }
        values.push(b'{');
        place::value(id, value, origin, event, usize::MAX, &mut values);
        values.push(b'}');
        false
    });
    key("missing", values.is_empty(), out);
    out.extend_from_slice(b",\"values\":[");
    out.extend_from_slice(&values);
    out.push(b']');
}

fn key(name: &str, value: bool, out: &mut Vec<u8>) {
    out.push(b',');
    write::text(name, out);
    out.extend_from_slice(if value { b":true" } else { b":false" });
}
