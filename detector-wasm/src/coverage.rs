//! In: events and the rules that judge them. Out: for each rule, and for each node of its query, how often it was true.

use crate::event::{Event, Fields};
use crate::explain::{frame_bytes, nodes, truth, truths};
use crate::place::number;
use crate::query::Operand;
use crate::query::predicate::Node;
use crate::record::write;
use crate::rule::{JudgedExceptions, Rule};

/// What is counted about each rule.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    rules: Vec<RuleCounts>,
}

#[derive(Debug, Default, Clone)]
struct RuleCounts {
    records: u32,
    selected: u32,
    excepted: u32,
    elsewhere: u32,
    alerts: u32,
    /// By the nodes' numbers.
    nodes: Vec<NodeCounts>,
}

#[derive(Debug, Default, Clone, Copy)]
struct NodeCounts {
    is_true: u32,
    undecided: u32,
    /// How often the field had no value.
    missing: u32,
}

impl Coverage {
    /// Nothing counted yet.
    pub(crate) fn new(rules: &[Rule]) -> Coverage {
        let nodes = |rule: &Rule| vec![NodeCounts::default(); rule.query.predicate.nodes().len()];
        let counts = |rule| RuleCounts { nodes: nodes(rule), ..RuleCounts::default() };
        Coverage { rules: rules.iter().map(counts).collect() }
    }

    /// Counts a record of so many bytes in one of its readings by the place-th rule. `alert`, if that says that it isn't held back,
    /// is asked whether the rule is for the record and the alert a new one.
    pub(crate) fn count(
        &mut self,
        place: usize,
        rule: &Rule,
        event: &Event<'_>,
        record: usize,
        is_elsewhere: bool,
        alert: impl FnOnce() -> bool,
    ) {
        let Some(counts) = self.rules.get_mut(place) else { return };
        let truths = truths(&rule.query, event, record);
        add(&mut counts.records, true);
        for ((node, truth), counts) in
            rule.query.predicate.nodes().iter().zip(&truths).zip(&mut counts.nodes)
        {
            add(&mut counts.is_true, *truth == Some(true));
            add(&mut counts.undecided, truth.is_none());
            let missing = match node {
                Node::Clause(clause) => match &clause.operand {
                    Operand::Field(id) => event.first(*id).is_none(),
                    Operand::Expression(_) => rule.query.value(&clause.operand, event).is_null(),
                    Operand::Named(_) | Operand::Member(_) => false,
                },
                _ => false,
            };
            add(&mut counts.missing, missing);
        }
        if truth(&truths, rule.query.predicate.root()) != Some(true) {
            return;
        }
        add(&mut counts.selected, true);
        let is_excepted = rule.holds_back(event, record, &mut JudgedExceptions::default());
        add(&mut counts.excepted, is_excepted);
        add(&mut counts.elsewhere, is_elsewhere);
        add(&mut counts.alerts, !is_excepted && !is_elsewhere && alert());
    }

    /// Appends a frame for each rule; says false if there is no room for all of them.
    pub(crate) fn write(&self, rules: &[Rule], fields: &Fields, out: &mut Vec<u8>) -> bool {
        for (rule, counts) in rules.iter().zip(&self.rules) {
            if out.try_reserve(frame_bytes(rule)).is_err() {
                return false;
            }
            out.extend_from_slice(b"{\"coverage\":{\"rule\":");
            write::text(&rule.id, out);
            out.extend_from_slice(b",\"records\":");
            out.extend_from_slice(counts.records.to_string().as_bytes());
            number("selected", counts.selected as usize, out);
            number("excepted", counts.excepted as usize, out);
            number("elsewhere", counts.elsewhere as usize, out);
            number("alerts", counts.alerts as usize, out);
            out.extend_from_slice(b",\"query\":");
            write::text(&rule.text, out);
            nodes(rule, out, &mut |id, node, out| {
                let node_counts = counts.nodes.get(id.index()).copied().unwrap_or_default();
                number("true", node_counts.is_true as usize, out);
                number("false", counts.records.saturating_sub(node_counts.is_true) as usize, out);
                if node_counts.undecided > 0 {
                    number("undecided", node_counts.undecided as usize, out);
                }
                if let Node::Clause(clause) = node {
                    number("missing", node_counts.missing as usize, out);
                    if let Operand::Field(id) = &clause.operand {
                        let name = fields.get(*id).map_or("", |field| field.name.as_str());
                        out.extend_from_slice(b",\"field\":");
                        write::text(name, out);
                    }
                }
            });
            out.extend_from_slice(b"}}\n");
        }
        true
    }
}

fn add(count: &mut u32, one: bool) {
    *count = count.saturating_add(u32::from(one));
}
