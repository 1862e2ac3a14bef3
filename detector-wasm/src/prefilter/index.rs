//! In: a rule set. Out: the few of its rules that may select a record, by one look at the record's values.
//!
//! What each clause asks for is made of atoms ([`super::atoms`]), equal ones of all rules being one. A rule needs one
//! atom of each of some groups ([`super::necessary`]). One group of each rule, that whose atoms the fewest records
//! have, leads from atoms to the rule; the others are then looked at. What is known of a candidate's clauses by the
//! record's atoms needs no second look when it is judged.

use std::borrow::Cow;
use std::cell::RefCell;

use super::atoms::{Atoms, Kind};
use super::build::Builder;
use super::keywords::as_written;
use super::lists::Lists;
use super::literal_set::LiteralSet;
use super::near::Near;
use crate::event::capture::Captures;
use crate::event::{Fields, Value, leaves};
use crate::query::expression::number::Number;
use crate::query::expression::shown;
use crate::query::predicate::NodeId;
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
    /// The rules that nothing leads to: they are candidates for every record.
    pub(super) always: Vec<u32>,
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
    /// Bytes of the longest text that is asked for as a whole, if one is.
    pub(super) longest: Option<usize>,
    pub(super) numbers: bool,
    pub(super) literals: Option<LiteralSet>,
}

/// Texts that any value may have in it.
#[derive(Debug)]
pub(super) struct Keywords {
    pub(super) texts: LiteralSet,
    /// Pieces of them, of which a record that has any of them has one in its bytes; nothing if some have none.
    pub(super) pieces: Option<LiteralSet>,
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
    /// The candidates.
    rules: Vec<u32>,
}

impl Scratch {
    fn begin(&mut self, atoms: usize) {
        self.hits.clear();
        self.rules.clear();
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
    pub(crate) fn clause(&self, rule: u32, node: NodeId) -> Option<bool> {
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
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(rules: &[Rule], fields: &Fields) -> Index {
        let mut builder = Builder::new(fields);
        rules.iter().for_each(|rule| builder.add(&rule.query.predicate));
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
        let several_readings = match &self.keywords {
            Some(keywords) if self.may_have(keywords, record) => {
                self.look_for_keywords(keywords, record, &mut found);
                captures.has_duplicates_anywhere(text)
            }
            _ => captures.has_duplicates(),
        };
        self.find_rules(&mut found);
        Candidates { index: self, found, several_readings }
    }

    /// Whether a piece of a keyword stands in the record's bytes.
    fn may_have(&self, keywords: &Keywords, record: &[u8]) -> bool {
        let Some(pieces) = &keywords.pieces else { return true };
        let mut any = false;
        pieces.find(&self.atoms, &as_written(record), &mut |_| any = true);
        any
    }

    /// The keywords that stand in the record's values.
    #[inline(never)]
    fn look_for_keywords(&self, keywords: &Keywords, record: &[u8], found: &mut Scratch) {
        leaves::holds(record, &mut |value| {
            if let Some(text) = value.text() {
                let lower = if text.is_ascii() { text } else { Cow::Owned(text.to_lowercase()) };
                keywords.texts.find(&self.atoms, lower.as_bytes(), &mut |atom| found.hit(atom));
            }
            false
        });
    }

    /// The atoms that stand in fields.
    fn look_at_values(&self, captures: &Captures, text: &[u8], found: &mut Scratch) {
        for slot in captures.filled() {
            for place in self.places_of.get(slot.index() as u32) {
                let Some(asked) = self.places.get(*place as usize) else { continue };
                if let Some(present) = asked.present {
                    found.hit(present);
                }
                if asked.longest.is_none() && !asked.numbers && asked.literals.is_none() {
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
            if let Some(atom) = self.atoms.find(place, Kind::Number, key.len(), key.iter().copied())
            {
                found.hit(atom);
            }
        }
        let Some(text) = shown::text(value) else { return };
        if text.is_ascii() {
            self.look_at_text(place, asked, &text, found);
        } else {
            self.look_at_text(place, asked, &text.to_lowercase(), found);
        }
    }

    /// A text in lower case as far as it isn't ASCII.
    fn look_at_text(&self, place: u32, asked: &Asked, text: &str, found: &mut Scratch) {
        if asked.longest.is_some_and(|longest| text.len() <= longest) {
            let lower = text.bytes().map(|byte| byte.to_ascii_lowercase());
            if let Some(atom) = self.atoms.find(place, Kind::Exact, text.len(), lower) {
                found.hit(atom);
            }
        }
        if let Some(literals) = &asked.literals {
            literals.find(&self.atoms, text.as_bytes(), &mut |atom| found.hit(atom));
        }
    }

    /// The rules that the atoms lead to, and of whose other groups there is an atom each.
    fn find_rules(&self, found: &mut Scratch) {
        let mut rules = std::mem::take(&mut found.rules);
        for atom in &found.hits {
            for rule in self.rules_of.get(*atom) {
                let groups = self.groups_of.get(*rule).iter();
                if groups.map(|group| self.groups.get(*group)).all(|atoms| found.has_any(atoms)) {
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
