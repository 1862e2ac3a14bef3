//! In: a predicate, and what each of its clauses needs. Out: what any event needs that satisfies the predicate: groups
//! of things, of each of which there must be one.
//!
//! It follows from the tree: all of several clauses need what each of them needs, one of several needs what any needs,
//! and so on, the other way round under a negation.

use std::rc::Rc;

use crate::query::predicate::{Clause, ClauseId, Node, Predicate};
use crate::sort;

/// The most entries that lists of one predicate may have, all taken together; longer ones are dropped, so that
/// deep trees of long lists take no more time than the text that they were read from.
const MOST: usize = 1 << 22;

/// Things of which one is needed, and what looking for them costs.
pub(super) type Group<T, C> = (C, Rc<[T]>);

/// Groups of each of which one is needed; none if nothing is known. An empty group is never satisfied.
type Groups<T, C> = Vec<Group<T, C>>;

/// Works groups out.
struct Work<F> {
    cost: F,
    /// How many groups are kept: those of the least cost.
    most: usize,
    /// How many things more may be listed.
    left: usize,
}

/// What the predicate needs, at most so many groups. What a clause needs one of comes with its place among
/// the predicate's nodes.
pub(super) fn groups<T: Clone + Ord, C: Ord + Clone>(
    predicate: &Predicate,
    mut of_clause: impl FnMut(usize, &Clause) -> Option<Vec<T>>,
    cost: impl Fn(&[T]) -> C,
    most: usize,
) -> Groups<T, C> {
    let mut work = Work { cost, most, left: MOST };
    let mut known: Vec<(Groups<T, C>, Groups<T, C>)> = Vec::new();
    // Nodes stand behind those that they join. What is needed if the node is true, and if it is false:
    for (place, node) in predicate.nodes().iter().enumerate() {
        let holds = |id: &ClauseId| known.get(id.index()).map(|(holds, _)| holds.as_slice());
        let fails = |id: &ClauseId| known.get(id.index()).map(|(_, fails)| fails.as_slice());
        let needed = match node {
            Node::Constant(true) => (Vec::new(), vec![work.group(Vec::new())]),
            Node::Constant(false) => (vec![work.group(Vec::new())], Vec::new()),
            Node::Clause(clause) => {
                let needed = of_clause(place, clause).map(|list| work.group(list));
                (needed.into_iter().collect(), Vec::new())
            }
            Node::Not(inner) => {
                let copy = |groups: Option<&[Group<T, C>]>| groups.unwrap_or_default().to_vec();
                (copy(fails(inner)), copy(holds(inner)))
            }
            Node::All(members) => (
                work.all(&mut members.iter().map(|id| holds(id).unwrap_or_default())),
                work.any(&mut members.iter().map(|id| fails(id).unwrap_or_default())),
            ),
            Node::Any(members) => (
                work.any(&mut members.iter().map(|id| holds(id).unwrap_or_default())),
                work.all(&mut members.iter().map(|id| fails(id).unwrap_or_default())),
            ),
        };
        known.push(needed);
    }
    known.into_iter().nth(predicate.root().index()).map(|(holds, _)| holds).unwrap_or_default()
}

impl<F> Work<F> {
    fn group<T: Clone + Ord, C: Ord + Clone>(&self, mut list: Vec<T>) -> Group<T, C>
    where
        F: Fn(&[T]) -> C,
    {
        sort::sort_and_dedup(&mut list);
        ((self.cost)(&list), list.into())
    }

    /// The groups of all, as far as they are kept.
    fn all<'g, T: Clone + Ord + 'g, C: Ord + Clone + 'g>(
        &self,
        all: &mut dyn Iterator<Item = &'g [Group<T, C>]>,
    ) -> Groups<T, C> {
        let mut joined: Groups<T, C> = Vec::new();
        for groups in all {
            for group in groups {
                let place = joined.partition_point(|(cost, _)| *cost <= group.0);
                if place < self.most {
                    joined.insert(place, group.clone());
                    joined.truncate(self.most);
                }
            }
        }
        joined
    }

    /// One group of what any of them needs.
    fn any<'g, T: Clone + Ord + 'g, C: Ord + Clone + 'g>(
        &mut self,
        all: &mut dyn Iterator<Item = &'g [Group<T, C>]>,
    ) -> Groups<T, C>
    where
        F: Fn(&[T]) -> C,
    {
        let mut joined: Vec<T> = Vec::new();
        for groups in all {
            // The first costs the least.
            let Some((_, best)) = groups.first() else { return Vec::new() };
            let Some(left) = self.left.checked_sub(best.len()) else { return Vec::new() };
            self.left = left;
            joined.extend_from_slice(best);
        }
        // None of nothing is true.
        vec![self.group(joined)]
    }
}
