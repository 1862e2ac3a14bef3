//! In: a rule set. Out: the few of its rules that may select a record, by one look at the record's values.
//!
//! What each clause asks for is made of atoms ([`super::atoms`]), equal ones of all rules being one. A rule needs one
//! atom of each of some groups ([`super::necessary`]). One group of each rule, that whose atoms the fewest records
//! have, leads from atoms to the rule; the others are then looked at. What is known of a candidate's clauses by the
//! record's atoms needs no second look when it is judged.

use std::cell::RefCell;

use super::atoms::{AtomKind, Atoms};
use super::build::Builder;
use super::edges::Edges;
use super::keywords::Keywords;
use super::lists::Lists;
use super::literal_set::LiteralSet;
use super::near::Near;
use crate::event::capture::Captures;
use crate::event::{Fields, Value};
use crate::query::expression::number::Number;
use crate::query::expression::shown;
use crate::query::predicate::ClauseId;
use crate::rule::Rule;

/// The rules by what they ask for.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(super) atoms: Atoms,
    /// By slot: the places that values found there belong to.
    pub(super) places_of: Lists,
    pub(super) places: Vec<Asked>,
    pub(super) keywords: Option<Keywords>,
    /// By atom: the rules that it leads to.
    pub(super) rules_of: Lists,
    /// By rule: the other groups that it needs one atom of each of.
    pub(super) groups_of: Lists,
    pub(super) groups: Lists,
    /// By group: whether there are keywords in it.
    pub(super) has_keywords: Vec<bool>,
    /// The rules that nothing leads to: they are candidates for every record.
    pub(super) always: Vec<u32>,
    /// By rule: whether it looks at values by any name.
    pub(super) looks_anywhere: Vec<bool>,
    /// By rule: for each of its predicate's nodes one more than the place of what is known of it, or 0.
    pub(super) known_of: Lists,
    pub(super) known: Vec<Known>,
    pub(super) known_atoms: Vec<u32>,
    /// Kept from record to record for its memory.
    pub(super) scratch: RefCell<Scratch>,
}

/// What is asked of the values at a place.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) present: Option<u32>,
    /// Which lengths the texts have that are asked for as a whole: a bit for each, the highest for all longer ones.
    pub(super) lengths: u64,
    pub(super) numbers: bool,
    pub(super) starts: Option<Edges>,
    pub(super) ends: Option<Edges>,
    pub(super) literals: Option<LiteralSet>,
}

impl Asked {
    /// Whether values matter, not only that there are any.
    fn looks_at_values(&self) -> bool {
        let parts = self.starts.is_some() || self.ends.is_some() || self.literals.is_some();
        self.lengths != 0 || self.numbers || parts
    }

    /// The bit of a length.
    pub(super) fn length(bytes: usize) -> u64 {
        1 << bytes.min(63)
    }
}

/// The atoms of a clause: from `from` on those by which it holds, from `maybe` to `to` those by which it may.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) from: u32,
    pub(super) maybe: u32,
    pub(super) to: u32,
}

/// What a record has.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By atom: the number of the last record that had it.
    stamps: Vec<u32>,
    /// The number of this record.
    now: u32,
    /// The atoms that this record has.
    hits: Vec<u32>,
    /// The keywords that lead to rules of which it has a piece.
    keywords: Vec<u32>,
    /// The candidates.
    rules: Vec<u32>,
    /// A value without its escapes.
    decoded: Vec<u8>,
}

/// A value may be as long as a record; what is longer than most isn't kept.
const MOST_KEPT: usize = 1 << 16;

impl Scratch {
    fn begin(&mut self, atoms: usize) {
        self.hits.clear();
        self.keywords.clear();
        if self.decoded.capacity() > MOST_KEPT {
            self.decoded = Vec::new();
        }
        self.now = self.now.wrapping_add(1);
        if self.now == 0 || self.stamps.len() != atoms {
            self.stamps.clear();
            self.now = 1;
        }
        self.stamps.resize(atoms, 0);
    }

    fn hit(&mut self, atom: u32) {
        if let Some(stamp) = self.stamps.get_mut(atom as usize)
            && *stamp != self.now
        {
            *stamp = self.now;
            self.hits.push(atom);
        }
    }

    /// Forgets the keywords again.
    fn take_back_keywords(&mut self) {
        for atom in &self.keywords {
            if let Some(stamp) = self.stamps.get_mut(*atom as usize) {
                *stamp = 0;
            }
        }
        self.hits.retain(|atom| self.stamps.get(*atom as usize) == Some(&self.now));
    }

    fn has_any(&self, atoms: &[u32]) -> bool {
        atoms.iter().any(|atom| self.stamps.get(*atom as usize) == Some(&self.now))
    }
}

/// The rules that may select a record, in one of its readings. The others don't.
pub(crate) struct Candidates<'i> {
    index: &'i Index,
    found: Scratch,
    /// Whether the record has several readings, of which each has some of the atoms.
    several_readings: bool,
}

impl Drop for Candidates<'_> {
    fn drop(&mut self) {
        self.index.scratch.replace(std::mem::take(&mut self.found));
    }
}

impl Candidates<'_> {
    /// The candidates with their places in the set, in the set's order.
    pub(crate) fn of<'r>(&self, rules: &'r [Rule]) -> impl Iterator<Item = (u32, &'r Rule)> {
        self.found.rules.iter().filter_map(|place| Some((*place, rules.get(*place as usize)?)))
    }

    /// Whether a clause of a rule holds, if that is known already.
    pub(crate) fn clause(&self, rule: u32, node: ClauseId) -> Option<bool> {
        let known = self.index.known_of.get(rule).get(node.index())?.checked_sub(1)?;
        let Known { from, maybe, to } = self.index.known.get(known as usize)?;
        let atoms = |from: u32, to: u32| {
            self.index.known_atoms.get(from as usize..to as usize).unwrap_or_default()
        };
        if self.found.has_any(atoms(*from, *maybe)) {
            return (!self.several_readings).then_some(true);
        }
        (!self.found.has_any(atoms(*maybe, *to))).then_some(false)
    }
}

impl Index {
    /// The index of those rules that are to be in it.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(rules: &[Rule], fields: &Fields, is_in: &dyn Fn(&Rule) -> bool) -> Index {
        let mut builder = Builder::new(fields);
        for rule in rules {
            if is_in(rule) { builder.add(&rule.query.predicate) } else { builder.leave_out() }
        }
        builder.finish()
    }

    /// The rules that may select what was read of a text, from `start` to `end`.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn candidates(
        &self,
        captures: &Captures,
        text: &[u8],
        (start, end): (usize, usize),
    ) -> Candidates<'_> {
        let mut found = self.scratch.take();
        found.begin(self.atoms.len());
        self.look_at_values(captures, text, &mut found);
        let record = text.get(start..end).unwrap_or_default();
        let mut several_readings = captures.has_duplicates();
        if let Some(keywords) = &self.keywords {
            // A piece may stand for its keyword until some rule comes of it.
            let pieces = &mut found.keywords;
            keywords.find_pieces(&self.atoms, record, &mut |atom| pieces.push(atom));
            let keywords = std::mem::take(&mut found.keywords);
            keywords.iter().for_each(|atom| found.hit(*atom));
            found.keywords = keywords;
        }
        self.find_rules(&mut found, self.keywords.is_none());
        if let Some(keywords) = &self.keywords
            && found.rules.iter().any(|rule| self.looks_anywhere(*rule))
        {
            found.take_back_keywords();
            keywords.find(&self.atoms, record, &mut |atom| found.hit(atom));
            self.find_rules(&mut found, true);
            several_readings = captures.has_duplicates_anywhere(text);
        }
        Candidates { index: self, found, several_readings }
    }

    fn looks_anywhere(&self, rule: u32) -> bool {
        self.looks_anywhere.get(rule as usize).copied().unwrap_or(false)
    }

    /// The atoms that stand in fields.
    fn look_at_values(&self, captures: &Captures, text: &[u8], found: &mut Scratch) {
        for slot in captures.filled() {
            for place in self.places_of.get(slot.index() as u32) {
                let Some(asked) = self.places.get(*place as usize) else { continue };
                if let Some(present) = asked.present {
                    found.hit(present);
                }
                if !asked.looks_at_values() {
                    continue;
                }
                for (value, _) in captures.all_values(text, *slot) {
                    value.any_element(&mut |element| {
                        self.look_at(*place, asked, element, found);
                        false
                    });
                }
            }
        }
    }

    fn look_at(&self, place: u32, asked: &Asked, value: &Value<'_>, found: &mut Scratch) {
        if asked.numbers
            && let Value::Number(number) = value
            && let Some(number) = Number::parse(number)
        {
            let key = Near::of(number).bytes();
            if let Some(atom) = self.atoms.find(place, AtomKind::Number, &key) {
                found.hit(atom);
            }
        }
        match value {
            Value::Text(text) => match text.unescaped() {
                Some(text) if text.is_ascii() => self.look_at_text(place, asked, text, found),
                _ => {
                    let mut decoded = std::mem::take(&mut found.decoded);
                    decoded.clear();
                    text.append_to(&mut decoded);
                    self.look_at_decoded(place, asked, &decoded, found);
                    found.decoded = decoded;
                }
            },
            _ => {
                if let Some(text) = shown::text(value) {
                    self.look_at_decoded(place, asked, text.as_bytes(), found);
                }
            }
        }
    }

    fn look_at_decoded(&self, place: u32, asked: &Asked, text: &[u8], found: &mut Scratch) {
        if text.is_ascii() {
            self.look_at_text(place, asked, text, found);
        } else {
            let lower = String::from_utf8_lossy(text).to_lowercase();
            self.look_at_text(place, asked, lower.as_bytes(), found);
        }
    }

    /// A text in lower case as far as it isn't ASCII.
    fn look_at_text(&self, place: u32, asked: &Asked, text: &[u8], found: &mut Scratch) {
        if asked.lengths & Asked::length(text.len()) != 0
            && let Some(atom) = self.atoms.find(place, AtomKind::Exact, text)
        {
            found.hit(atom);
        }
        for edges in asked.starts.iter().chain(&asked.ends) {
            edges.find(&self.atoms, text, &mut |atom| found.hit(atom));
        }
        if let Some(literals) = &asked.literals {
            literals.find(&self.atoms, text, &mut |atom| found.hit(atom));
        }
    }

    /// The rules that the atoms lead to, and of whose other groups there is an atom each, or may be one as long as it
    /// isn't known which keywords there are.
    fn find_rules(&self, found: &mut Scratch, knows_keywords: bool) {
        let mut rules = std::mem::take(&mut found.rules);
        rules.clear();
        for atom in &found.hits {
            for rule in self.rules_of.get(*atom) {
                let is_open = |group: u32| {
                    !knows_keywords && self.has_keywords.get(group as usize) == Some(&true)
                };
                let mut groups = self.groups_of.get(*rule).iter();
                if groups.all(|group| found.has_any(self.groups.get(*group)) || is_open(*group)) {
                    rules.push(*rule);
                }
            }
        }
        rules.extend_from_slice(&self.always);
        // For each record that is read: the module's own sort takes memory.
        #[allow(clippy::disallowed_methods)]
        rules.sort_unstable();
        rules.dedup();
        found.rules = rules;
    }
}

#[cfg(test)]
mod tests;
