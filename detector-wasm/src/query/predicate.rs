//! The one form under all languages: a tree of clauses, and a program that evaluates it.
//!
//! The tree is for explaining and planning; the program is the tree flattened into tests and jumps,
//! so that judging an event takes no stack at all.

mod program;

use std::ops::Range;

use super::Operand;
use super::expression::{ExpressionId, Expressions};
use super::test::Test;
use crate::budget;
use crate::event::capture::Duplicates;
use crate::event::leaves::{self, Keys};
use crate::event::names::Names;
use crate::event::{Event, FieldId, Value};
use program::{Instruction, program};

/// A node of a predicate's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClauseId(u32);

impl ClauseId {
    /// The node's place among all nodes.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names of several fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameId(u32);

/// A place where the tree branches, or a leaf.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// All of these; true if there are none.
    All(Vec<ClauseId>),
    /// At least one of these; false if there are none.
    Any(Vec<ClauseId>),
    Not(ClauseId),
    Constant(bool),
    Clause(Clause),
}

/// A test of an operand.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(crate) operand: Operand,
    pub(crate) test: Test,
    /// Where the clause stands in the query's text, in bytes.
    pub(crate) span: Range<usize>,
}

/// A predicate under construction.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    nodes: Vec<Node>,
    names: Vec<Names>,
}

impl Builder {
    pub(crate) fn clause(&mut self, operand: Operand, test: Test, span: Range<usize>) -> ClauseId {
        self.push(Node::Clause(Clause { operand, test, span }))
    }

    /// All of the nodes; a single one stands for itself.
    pub(crate) fn all(&mut self, nodes: Vec<ClauseId>) -> ClauseId {
        match nodes.as_slice() {
            [only] => *only,
            _ => self.push(Node::All(nodes)),
        }
    }

    /// At least one of the nodes; a single one stands for itself.
    pub(crate) fn any(&mut self, nodes: Vec<ClauseId>) -> ClauseId {
        match nodes.as_slice() {
            [only] => *only,
            _ => self.push(Node::Any(nodes)),
        }
    }

    pub(crate) fn not(&mut self, node: ClauseId) -> ClauseId {
        self.push(Node::Not(node))
    }

    pub(crate) fn constant(&mut self, truth: bool) -> ClauseId {
        self.push(Node::Constant(truth))
    }

    /// The operand of all fields that are so named.
    pub(crate) fn named(&mut self, names: Names) -> Operand {
        self.names.push(names);
        Operand::Named(NameId(self.names.len() as u32 - 1))
    }

    /// The predicate whose tree hangs from `root`.
    pub(crate) fn finish(self, root: ClauseId) -> Predicate {
        let program = program(&self.nodes, root);
        let nested =
            |node: &Node| matches!(node, Node::Clause(Clause { test: Test::Nested(_), .. }));
        // What a nested query looks at is its own.
        let looks_anywhere = !self.names.is_empty() || self.nodes.iter().any(nested);
        Predicate { nodes: self.nodes, names: self.names, root, program, looks_anywhere }
    }

    fn push(&mut self, node: Node) -> ClauseId {
        self.nodes.push(node);
        ClauseId(self.nodes.len() as u32 - 1)
    }
}

/// A condition on events.
#[derive(Debug, Clone)]
pub(crate) struct Predicate {
    nodes: Vec<Node>,
    names: Vec<Names>,
    root: ClauseId,
    program: Vec<Instruction>,
    looks_anywhere: bool,
}

impl Predicate {
    /// The predicate and whatever else `more` builds, all of which must hold.
    pub(crate) fn and(self, more: impl FnOnce(&mut Builder) -> Vec<ClauseId>) -> Predicate {
        let mut builder = Builder { nodes: self.nodes, names: self.names };
        let mut all = more(&mut builder);
        // What always holds needs no place beside others.
        let says_nothing =
            matches!(builder.nodes.get(self.root.index()), Some(Node::Constant(true)));
        if !says_nothing || all.is_empty() {
            all.insert(0, self.root);
        }
        let root = builder.all(all);
        builder.finish(root)
    }

    /// The tree's root.
    pub(crate) fn root(&self) -> ClauseId {
        self.root
    }

    /// A node of the tree.
    pub(crate) fn node(&self, id: ClauseId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// All nodes, each after those that it joins; a [`ClauseId`]'s index is its place here.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All clauses, in the order in which they were built.
    pub(crate) fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Clause(clause) => Some(clause),
            _ => None,
        })
    }

    /// Whether it looks at keys whose names aren't known.
    pub(crate) fn looks_anywhere(&self) -> bool {
        self.looks_anywhere
    }

    /// The names of a [`Operand::Named`].
    pub(crate) fn names(&self, id: NameId) -> Option<&Names> {
        self.names.get(id.0 as usize)
    }

    /// Whether the event satisfies the predicate.
    #[inline]
    pub(crate) fn holds(&self, event: &Event<'_>, expressions: &Expressions) -> bool {
        self.run(|_, clause| self.clause_holds(clause, event, expressions))
    }

    /// Whether the event satisfies the predicate, of some of whose clauses it is known already.
    pub(crate) fn holds_knowing(
        &self,
        event: &Event<'_>,
        expressions: &Expressions,
        known: &dyn Fn(ClauseId) -> Option<bool>,
    ) -> bool {
        self.run(|id, clause| {
            known(id).unwrap_or_else(|| self.clause_holds(clause, event, expressions))
        })
    }

    /// Whether a value is an object that satisfies the predicate, whose operands are its members.
    pub(crate) fn holds_for(&self, object: &Value<'_>, reading: Duplicates) -> bool {
        let Value::Object(bytes) = object else { return false };
        let keys = Keys::One(reading);
        self.run(|_, clause| {
            let passes = &mut |value: &Value<'_>| clause.test.passes_as_read(value, reading);
            match &clause.operand {
                Operand::Member(path) => object.any_at(path, reading, passes),
                Operand::Named(id) => self.names(*id).is_some_and(|names| {
                    leaves::any_named(bytes, 0, "", &names.pattern, keys, passes)
                }),
                _ => false,
            }
        })
    }

    /// Whether the event satisfies the predicate, if that can be decided although tests may take too many steps:
    /// each is given those for a record of so many bytes.
    pub(crate) fn decide(
        &self,
        event: &Event<'_>,
        expressions: &Expressions,
        known: &dyn Fn(ClauseId) -> Option<bool>,
        record: usize,
    ) -> Option<bool> {
        let truths = self.truths(event, expressions, known, record);
        truths.get(self.root.index()).copied().flatten()
    }

    /// The truth of each node, by number; none where it can't be decided.
    pub(crate) fn truths(
        &self,
        event: &Event<'_>,
        expressions: &Expressions,
        known: &dyn Fn(ClauseId) -> Option<bool>,
        record: usize,
    ) -> Vec<Option<bool>> {
        let mut truths: Vec<Option<bool>> = Vec::with_capacity(self.nodes.len());
        // Members are built before the nodes that join them.
        for (id, node) in (0..).map(ClauseId).zip(&self.nodes) {
            let of = |id: &ClauseId| truths.get(id.index()).copied().flatten();
            truths.push(match node {
                Node::All(members) => joined(members.iter().map(of), false),
                Node::Any(members) => joined(members.iter().map(of), true),
                Node::Not(member) => of(member).map(|truth| !truth),
                Node::Constant(constant) => Some(*constant),
                Node::Clause(clause) => known(id).or_else(|| {
                    budget::begin(record);
                    let holds = self.clause_holds(clause, event, expressions);
                    (!budget::is_spent()).then_some(holds)
                }),
            });
        }
        truths
    }

    /// Whether the predicate holds for an object that the event writes as names joined by dots: `a.b.c` and `a.b.d`
    /// are two members of `a.b`.
    pub(super) fn holds_for_names(&self, event: &Event<'_>, id: FieldId) -> bool {
        let record = event.record();
        event.paths(id).iter().any(|path| {
            let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
            record.holds_below(path)
                && self.run(|_, clause| {
                    let Operand::Member(member) = &clause.operand else { return false };
                    let all: Vec<String> = keys.iter().chain(member).cloned().collect();
                    record.any_behind(keys.len(), &all, event.duplicates, &mut |value| {
                        clause.test.passes_as_read(value, event.duplicates)
                    })
                })
        })
    }

    /// Whether one clause alone holds.
    pub(crate) fn clause_holds(
        &self,
        clause: &Clause,
        event: &Event<'_>,
        expressions: &Expressions,
    ) -> bool {
        match &clause.operand {
            Operand::Field(id) => clause.test.holds(event, *id),
            Operand::Expression(id) => expression_holds(clause, event, expressions, *id),
            Operand::Named(id) => {
                self.names(*id).is_some_and(|names| named_holds(clause, event, names))
            }
            Operand::Member(_) => false,
        }
    }
}

/// Whether what is worked out from the event passes the clause's test.
#[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
fn expression_holds(
    clause: &Clause,
    event: &Event<'_>,
    expressions: &Expressions,
    id: ExpressionId,
) -> bool {
    expressions.value(id, event).passes(&clause.test)
}

/// Whether a field of one of these names passes the clause's test.
#[inline(never)] // a function of its own: a larger one isn't compiled by every runtime
fn named_holds(clause: &Clause, event: &Event<'_>, names: &Names) -> bool {
    event.any_named(names, &mut |value| clause.test.passes_as_read(value, event.duplicates))
}

/// What several truths give of which one decides; undecided unless it, or all of the others, are there.
fn joined(truths: impl Iterator<Item = Option<bool>>, decides: bool) -> Option<bool> {
    let mut joined = Some(!decides);
    for truth in truths {
        match truth {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => {}
            None => joined = None,
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each digit is a clause that is true if it is odd; `&(..)`, `|(..)`, `!x`, `t`, `f`.
    fn build(text: &str) -> Predicate {
        let mut builder = Builder::default();
        let mut lists: Vec<(char, Vec<ClauseId>)> = vec![('&', Vec::new())];
        let mut nots = vec![0];
        for c in text.chars() {
            let node = match c {
                '&' | '|' => {
                    lists.push((c, Vec::new()));
                    nots.push(0);
                    continue;
                }
                '!' => {
                    *nots.last_mut().unwrap() += 1;
                    continue;
                }
                '(' => continue,
                ')' => {
                    let (kind, nodes) = lists.pop().unwrap();
                    nots.pop();
                    if kind == '&' { builder.all(nodes) } else { builder.any(nodes) }
                }
                't' | 'f' => builder.constant(c == 't'),
                digit => {
                    let value = digit.to_digit(10).unwrap() as usize;
                    builder.clause(Operand::Member(Vec::new()), Test::Exists, value..value)
                }
            };
            let mut node = node;
            for _ in 0..std::mem::take(nots.last_mut().unwrap()) {
                node = builder.not(node);
            }
            lists.last_mut().unwrap().1.push(node);
        }
        let (_, nodes) = lists.pop().unwrap();
        let root = builder.all(nodes);
        builder.finish(root)
    }

    fn truth(text: &str) -> (bool, Vec<usize>) {
        let predicate = build(text);
        let mut asked = Vec::new();
        let truth = predicate.run(|_, clause| {
            asked.push(clause.span.start);
            clause.span.start % 2 == 1
        });
        (truth, asked)
    }

    #[test]
    fn lists_stop_at_the_member_that_decides() {
        assert_eq!(truth("1234"), (false, vec![1, 2]));
        assert_eq!(truth("135"), (true, vec![1, 3, 5]));
        assert_eq!(truth("|(2413)"), (true, vec![2, 4, 1]));
        assert_eq!(truth("|(24)"), (false, vec![2, 4]));
        assert_eq!(truth("!2!|(2!1)3"), (true, vec![2, 2, 1, 3]));
        assert_eq!(truth("&(1|(24&(13))5)"), (true, vec![1, 2, 4, 1, 3, 5]));
        assert_eq!(truth("|(&(12)3)"), (true, vec![1, 2, 3]));
        assert_eq!(truth("&(|()1)"), (false, vec![]));
        assert_eq!(truth("|(&())"), (true, vec![]));
        assert_eq!(truth("t|(f!f)"), (true, vec![]));
    }

    #[test]
    fn a_million_nots_take_no_stack() {
        let mut builder = Builder::default();
        let mut node = builder.constant(false);
        for _ in 0..1_000_001 {
            node = builder.not(node);
        }
        assert!(builder.finish(node).run(|_, _| false));
    }
}
