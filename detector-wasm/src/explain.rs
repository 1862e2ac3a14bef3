//! In: a rule and an event. Out: the rule's query as a tree, each clause with its verdict, the values
//! that it looked at, and where in the record they stand.

use crate::budget;
use crate::event::capture::Duplicates;
use crate::event::view::{Origin, Shape};
use crate::event::{Event, FieldId};
use crate::query::expression::Datum;
use crate::query::predicate::{Clause, Node, NodeId};
use crate::query::{Operand, Query};
use crate::record::write;
use crate::rule::Rule;

/// Appends an explanation as one JSON object; `docs/abi.md` has its form.
pub(crate) fn explain(rule: &Rule, event: &Event<'_>, elsewhere: bool, out: &mut Vec<u8>) {
    let query = &rule.query;
    let truths = truths(query, event);
    out.extend_from_slice(b"{\"rule\":");
    write::text(&rule.id, out);
    key("selects", truth(&truths, query.predicate.root()), out);
    let bytes = event.text.len();
    let excepted = rule.exceptions.iter().any(|list| list.except(event))
        || rule.filters.iter().any(|filter| filter.holds_back(event, bytes));
    key("excepted", excepted, out);
    if elsewhere {
        key("elsewhere", true, out);
    }
    out.extend_from_slice(b",\"shape\":");
    let shape = match event.shape {
        Shape::Raw => "raw",
        Shape::Normalised => "normalised",
    };
    write::text(shape, out);
    out.extend_from_slice(b",\"duplicates\":");
    let duplicates = match event.duplicates {
        Duplicates::Last => "last",
        Duplicates::First => "first",
    };
    write::text(duplicates, out);
    out.extend_from_slice(b",\"query\":");
    write::text(&rule.text, out);
    out.extend_from_slice(b",\"nodes\":");
    nodes(rule, event, &truths, out);
    out.push(b'}');
}

/// The verdict of each node. Members are built before the nodes that join them, so one pass does.
fn truths(query: &Query, event: &Event<'_>) -> Vec<bool> {
    let mut truths: Vec<bool> = Vec::new();
    for node in query.predicate.nodes() {
        let known = |id: &NodeId| truth(&truths, *id);
        let verdict = match node {
            Node::All(members) => members.iter().all(known),
            Node::Any(members) => members.iter().any(known),
            Node::Not(member) => !known(member),
            Node::Constant(constant) => *constant,
            Node::Clause(clause) => {
                // What takes too many steps shows as not true.
                budget::begin(event.text.len());
                let holds = query.predicate.clause_holds(clause, event, &query.expressions);
                holds && !budget::is_spent()
            }
        };
        truths.push(verdict);
    }
    budget::end();
    truths
}

fn truth(truths: &[bool], id: NodeId) -> bool {
    truths.get(id.index()).copied().unwrap_or(false)
}

/// Appends the tree's nodes, each with its depth, a node before those that it joins. A list rather
/// than nested objects: rules may nest as deep as they like, and readers of JSON may not.
fn nodes(rule: &Rule, event: &Event<'_>, truths: &[bool], out: &mut Vec<u8>) {
    let predicate = &rule.query.predicate;
    let mut todo = vec![(predicate.root(), 0u32)];
    out.push(b'[');
    let mut first = true;
    while let Some((id, depth)) = todo.pop() {
        let Some(node) = predicate.node(id) else { continue };
        let (kind, members): (&str, &[NodeId]) = match node {
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
        key("truth", truth(truths, id), out);
        if let Node::Clause(found) = node {
            clause(rule, found, event, out);
        }
        out.push(b'}');
        todo.extend(members.iter().rev().map(|member| (*member, depth.saturating_add(1))));
    }
    out.push(b']');
}

/// Appends a clause's members.
fn clause(rule: &Rule, clause: &Clause, event: &Event<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"text\":");
    write::text(rule.text.get(clause.span.clone()).unwrap_or_default().trim(), out);
    out.extend_from_slice(b",\"start\":");
    out.extend_from_slice(clause.span.start.to_string().as_bytes());
    out.extend_from_slice(b",\"end\":");
    out.extend_from_slice(clause.span.end.to_string().as_bytes());
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
        values.extend_from_slice(b"{\"value\":");
        Datum::of(value).write_json(&mut values);
        match origin {
            Origin::Path(slot, offset) => {
                values.extend_from_slice(b",\"path\":");
                write::text(event.fields.layout.path(slot), &mut values);
                values.extend_from_slice(b",\"offset\":");
                values.extend_from_slice(offset.to_string().as_bytes());
            }
            Origin::Derived => values.extend_from_slice(b",\"path\":null,\"offset\":null"),
        }
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
