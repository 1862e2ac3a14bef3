//! In: predicates, one after the other. Out: the index of them.

use std::rc::Rc;

use super::atoms::{AtomKind, Atoms};
use super::clause_atoms::{ClauseAtoms, Places, RECORD, Reader};
use super::edges::Edges;
use super::index::{Asked, Index, Known};
use super::keywords::Keywords;
use super::lists::Lists;
use super::literal_set::LiteralSet;
use super::necessary::groups;
use crate::event::Fields;
use crate::query::predicate::Predicate;
use crate::sort;

/// How many groups are kept of a rule.
const MOST_GROUPS: usize = 6;

/// Takes predicates in.
pub(super) struct Builder<'f> {
    fields: &'f Fields,
    atoms: Atoms,
    places: Places,
    /// By rule: groups of atoms of each of which it needs one.
    needed: Vec<Vec<Rc<[u32]>>>,
    /// By rule: whether it looks at values by any name.
    looks_anywhere: Vec<bool>,
    known_of: Lists,
    known: Vec<Known>,
    known_atoms: Vec<u32>,
}

impl<'f> Builder<'f> {
    pub(super) fn new(fields: &'f Fields) -> Builder<'f> {
        Builder {
            fields,
            atoms: Atoms::default(),
            places: Places::default(),
            needed: Vec::new(),
            looks_anywhere: Vec::new(),
            known_of: Lists::default(),
            known: Vec::new(),
            known_atoms: Vec::new(),
        }
    }

    /// The predicate of the next rule.
    pub(super) fn add(&mut self, predicate: &Predicate) {
        let mut of_nodes = vec![0; predicate.nodes().len()];
        let mut read: Vec<(usize, ClauseAtoms)> = Vec::new();
        let (fields, places) = (self.fields, &mut self.places);
        // Costs are asked for while atoms are added.
        let atoms = std::cell::RefCell::new(std::mem::take(&mut self.atoms));
        let of_clause = |node: usize, clause: &_| {
            let atoms = &mut *atoms.borrow_mut();
            let asked = Reader { fields, atoms, places }.read(predicate, clause)?;
            let all = [&asked.sure[..], &asked.maybe].concat();
            read.push((node, asked));
            Some(all)
        };
        let cost = |group: &[u32]| cost(&atoms.borrow(), group, &|_| 0);
        let needed = groups(predicate, of_clause, cost, MOST_GROUPS);
        self.needed.push(needed.into_iter().map(|(_, group)| group).collect());
        self.atoms = atoms.into_inner();
        for (node, asked) in read {
            let from = self.known_atoms.len() as u32;
            self.known_atoms.extend_from_slice(&asked.sure);
            let maybe = self.known_atoms.len() as u32;
            self.known_atoms.extend_from_slice(&asked.maybe);
            self.known.push(Known { from, maybe, to: self.known_atoms.len() as u32 });
            if let Some(place) = of_nodes.get_mut(node) {
                *place = self.known.len() as u32;
            }
        }
        self.known_of.push(&of_nodes);
        self.looks_anywhere.push(predicate.looks_anywhere());
    }

    /// The next rule isn't for this index: nothing leads to it.
    pub(super) fn leave_out(&mut self) {
        self.needed.push(vec![Rc::new([])]);
        self.looks_anywhere.push(false);
        self.known_of.push(&[]);
    }

    pub(super) fn finish(mut self) -> Index {
        let mut shared = vec![0_u32; self.atoms.len()];
        for atom in self.needed.iter().flatten().flat_map(|group| group.iter()) {
            if let Some(count) = shared.get_mut(*atom as usize) {
                *count = count.saturating_add(1);
            }
        }
        let sharing = |atom: u32| shared.get(atom as usize).copied().unwrap_or(0);
        let is_keyword = |atom: &u32| self.atoms.place(*atom) == RECORD;
        let (mut leads, mut always, mut has_keywords) = (Vec::new(), Vec::new(), Vec::new());
        let (mut groups_of, mut all_groups) = (Lists::default(), Lists::default());
        for (rule, groups) in (0_u32..).zip(&self.needed) {
            let costs = groups.iter().map(|group| cost(&self.atoms, group, &sharing)).enumerate();
            let Some((leading, _)) = costs.min_by_key(|(_, cost)| *cost) else {
                always.push(rule);
                groups_of.push(&[]);
                continue;
            };
            let mut others: Vec<&Rc<[u32]>> = Vec::new();
            for (place, group) in groups.iter().enumerate() {
                if place == leading {
                    leads.extend(group.iter().map(|atom| (*atom, rule)));
                } else {
                    others.push(group);
                }
            }
            sort::sort_by_key(&mut others, |group| group.len());
            let numbers: Vec<u32> = others.iter().map(|group| all_groups.push(group)).collect();
            groups_of.push(&numbers);
            has_keywords.extend(others.iter().map(|group| group.iter().any(is_keyword)));
        }
        let mut leading: Vec<u32> =
            leads.iter().map(|(atom, _)| *atom).filter(is_keyword).collect();
        sort::sort_and_dedup(&mut leading);
        let (places_of, places, keywords) = self.places(&leading);
        Index {
            rules_of: Lists::new(self.atoms.len(), &leads),
            groups_of,
            groups: all_groups,
            has_keywords,
            always,
            looks_anywhere: self.looks_anywhere,
            places_of,
            places,
            keywords,
            atoms: self.atoms,
            known_of: self.known_of,
            known: self.known,
            known_atoms: self.known_atoms,
            scratch: Default::default(),
        }
    }

    /// The places by slot, what is asked at each, and the keywords.
    fn places(&mut self, leading_keywords: &[u32]) -> (Lists, Vec<Asked>, Option<Keywords>) {
        let mut pairs = Vec::new();
        let mut count = 0;
        for (slots, place) in self.places.iter() {
            count = count.max(place as usize + 1);
            pairs.extend(slots.iter().map(|slot| (slot.index() as u32, place)));
        }
        let places_of = Lists::new(self.fields.layout.slots(), &pairs);
        let mut places: Vec<Asked> = (0..count).map(|_| Asked::default()).collect();
        let mut keywords = Vec::new();
        let [mut starts, mut ends, mut literals] = [Vec::new(), Vec::new(), Vec::new()];
        for atom in 0..self.atoms.len() as u32 {
            let (place, kind) = (self.atoms.place(atom), self.atoms.kind(atom));
            if place == RECORD {
                keywords.push(atom);
            }
            let Some(asked) = places.get_mut(place as usize) else { continue };
            match kind {
                AtomKind::Present => asked.present = Some(atom),
                AtomKind::Exact => asked.lengths |= Asked::length(self.atoms.text(atom).len()),
                AtomKind::Number => asked.numbers = true,
                AtomKind::Inside => literals.push((place, atom)),
                AtomKind::Start => starts.push((place, atom)),
                AtomKind::End => ends.push((place, atom)),
                AtomKind::Keyword | AtomKind::Piece => {}
            }
        }
        let lists = [starts, ends, literals].map(|pairs| Lists::new(count, &pairs));
        for (asked, place) in places.iter_mut().zip(0..) {
            let [starts, ends, literals] = lists.each_ref().map(|lists| lists.get(place));
            let edges = |kind, members: &[u32]| {
                (!members.is_empty()).then(|| Edges::new(&self.atoms, place, kind, members))
            };
            (asked.starts, asked.ends) =
                (edges(AtomKind::Start, starts), edges(AtomKind::End, ends));
            asked.literals = (!literals.is_empty()).then(|| LiteralSet::new(&self.atoms, literals));
        }
        let keywords = (!keywords.is_empty())
            .then(|| Keywords::new(&mut self.atoms, &keywords, leading_keywords));
        (places_of, places, keywords)
    }
}

/// What it costs to be led by a group: how many records in 1,000 have one of its atoms, by a guess, taking those for
/// more common that more rules ask for.
fn cost(atoms: &Atoms, group: &[u32], sharing: &dyn Fn(u32) -> u32) -> u32 {
    let mut present = 0;
    let mut sum = 0_u32;
    for atom in group {
        let length = atoms.text(*atom).len();
        let own = match (atoms.kind(*atom), length) {
            (AtomKind::Present, _) => {
                present = 1_000;
                continue;
            }
            (AtomKind::Number, _) => 100,
            (AtomKind::Exact, 0..4) => 60,
            (AtomKind::Exact, _) => 20,
            (_, 0 | 1) => 500,
            (_, 2) => 300,
            (_, 3) => 150,
            (_, 4) => 60,
            (_, 5..8) => 25,
            (_, 8..12) => 8,
            (AtomKind::Keyword, _) => 6,
            (_, _) => 3,
        };
        sum = sum.saturating_add(own * (1 + (sharing(*atom) + 1).ilog2()));
    }
    // However many they are, being there at all is more common.
    present + sum.min(900)
}
