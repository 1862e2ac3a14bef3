//! In: a predicate, and what each of its clauses needs. Out: what any event needs that satisfies the
//! predicate: one of a list of things, if that can be told.
//!
//! Told by the tree: all of several clauses need what the best of them needs, one of several needs what any
//! of them needs, and so on, the other way round under a negation.

use crate::sort;
use std::rc::Rc;

use super::predicate::{Clause, Node, NodeId, Predicate};

/// The most things that a predicate may need one of; a longer list tells nothing.
pub(super) const MOST: usize = 1024;

/// One of these is needed; nothing is known if there is no list, and an empty one is never satisfied.
type Needs<T> = Option<Rc<[T]>>;

/// What the predicate needs. Of several lists that are each needed the one of the least cost is taken.
pub(super) fn needs<T: Clone + Ord, C: Ord>(
    predicate: &Predicate,
    of_clause: impl Fn(&Clause) -> Option<Vec<T>>,
    cost: impl Fn(&[T]) -> C,
) -> Option<Vec<T>> {
    let best = |all: &mut dyn Iterator<Item = Needs<T>>| -> Needs<T> {
        all.flatten().min_by_key(|needs| cost(needs))
    };
    let mut needs: Vec<(Needs<T>, Needs<T>)> = Vec::new();
    // Nodes stand behind those that they join. What is needed if the node is true, and if it is false:
    for node in predicate.nodes() {
        let of = |id: &NodeId| needs.get(id.index()).cloned().unwrap_or_default();
        needs.push(match node {
            Node::Constant(truth) => {
                let never: Needs<T> = Some(Rc::new([]));
                if *truth { (None, never) } else { (never, None) }
            }
            Node::Clause(clause) => (of_clause(clause).map(Rc::from), None),
            Node::Not(inner) => {
                let (holds, fails) = of(inner);
                (fails, holds)
            }
            Node::All(members) => (
                best(&mut members.iter().map(|id| of(id).0)),
                any(&mut members.iter().map(|id| of(id).1)),
            ),
            Node::Any(members) => (
                any(&mut members.iter().map(|id| of(id).0)),
                best(&mut members.iter().map(|id| of(id).1)),
            ),
        });
    }
    let (holds, _) = needs.get(predicate.root().index())?;
    holds.as_deref().map(<[T]>::to_vec)
}

/// What any of them needs.
fn any<T: Clone + Ord>(all: &mut dyn Iterator<Item = Needs<T>>) -> Needs<T> {
    let mut joined: Vec<T> = Vec::new();
    for needs in all {
        joined.extend_from_slice(&needs?);
        sort::sort_and_dedup(&mut joined);
        if joined.len() > MOST {
            return None;
        }
    }
    // None of nothing is true.
    Some(joined.into())
}
