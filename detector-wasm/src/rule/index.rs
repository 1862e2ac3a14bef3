//! In: a rule set. Out: which of its rules a record's values are worth.
//!
//! Most rules ask for one event name out of a few. The values of the fields that tell rules apart best
//! lead to the rules that ask for them; a rule that asks for nothing so plain is worth every record.

use std::cmp::Ordering;

use super::Rule;
use crate::event::Fields;
use crate::event::capture::Captures;
use crate::event::layout::Slot;
use crate::query::required_values::{asks_at, folded, required_values};
use crate::sort;

/// How many fields rules are found by.
const KEYS: usize = 3;

/// How many fields are looked at to choose those.
const CHOICE: usize = 8;

/// The rules by what they ask for.
#[derive(Debug, Default)]
pub(crate) struct Index {
    keys: Vec<Key>,
    /// The rules that are worth every record.
    always: Worth,
}

/// A field whose values tell which rules are worth a record.
#[derive(Debug)]
struct Key {
    /// Wherever a record of any shape holds the field, in whichever vocabulary rules ask for it.
    slots: Vec<Slot>,
    table: Table,
    /// The length of the longest text, in bytes.
    longest: usize,
}

/// Texts, folded and ascending [`by_length`], each with the rules that ask for it.
#[derive(Debug)]
struct Table {
    texts: Vec<Box<str>>,
    rules: Vec<Vec<u32>>,
}

/// Rules of a set, one bit each by their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Worth(Vec<u64>);

impl Worth {
    fn none_of(rules: usize) -> Worth {
        Worth(vec![0; rules.div_ceil(64)])
    }

    fn add(&mut self, rule: u32) {
        if let Some(word) = self.0.get_mut(rule as usize / 64) {
            *word |= 1 << (rule % 64);
        }
    }

    /// The rules that are meant, in the set's order.
    pub(crate) fn of<'r>(&self, rules: &'r [Rule]) -> impl Iterator<Item = &'r Rule> {
        rules.chunks(64).zip(&self.0).flat_map(|(rules, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let next = rules.get(left.trailing_zeros() as usize)?;
                left &= left.wrapping_sub(1);
                Some(next)
            })
        })
    }
}

impl Index {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(rules: &[Rule], fields: &Fields) -> Index {
        let mut asked: Vec<Asked> =
            paths(rules, fields).into_iter().map(|path| Asked::new(path, rules, fields)).collect();
        let mut open: Vec<u32> = (0..rules.len() as u32).collect();
        let mut keys = Vec::new();
        while keys.len() < KEYS {
            let mut best = (0, 0);
            for (place, asked) in asked.iter().enumerate() {
                let score = asked.table(&open).tells_apart(asked, &open);
                if score > best.0 {
                    best = (score, place);
                }
            }
            if best.0 == 0 {
                break;
            }
            let asked = asked.remove(best.1);
            let table = asked.table(&open);
            let longest = table.texts.iter().map(|text| text.len()).max().unwrap_or(0);
            open.retain(|rule| asked.texts(*rule).is_none());
            keys.push(Key { slots: slots(asked.path, rules, fields), table, longest });
        }
        let mut always = Worth::none_of(rules.len());
        open.into_iter().for_each(|rule| always.add(rule));
        Index { keys, always }
    }

    /// The rules that may select the record, in one of its readings. The others don't.
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn worth(&self, captures: &Captures, text: &[u8]) -> Worth {
        let mut worth = self.always.clone();
        for key in &self.keys {
            for slot in &key.slots {
                for (value, _) in captures.all_values(text, *slot) {
                    value.any_element(&mut |element| {
                        if let Some(text) = element.text_within(key.longest) {
                            let rules = key.table.rules_of_any_case(&text);
                            rules.iter().for_each(|rule| worth.add(*rule));
                        }
                        false
                    });
                }
            }
        }
        worth
    }
}

/// What rules ask of one field of the raw record.
struct Asked {
    path: Slot,
    /// By rule: texts of which a record that it selects has one, if that can be told.
    texts: Vec<Option<Vec<Box<str>>>>,
}

impl Asked {
    fn new(path: Slot, rules: &[Rule], fields: &Fields) -> Asked {
        let of = |rule: &Rule| required_values(&rule.query.predicate, fields, path);
        Asked { path, texts: rules.iter().map(of).collect() }
    }

    /// What a rule asks for.
    fn texts(&self, rule: u32) -> Option<&[Box<str>]> {
        self.texts.get(rule as usize)?.as_deref()
    }

    /// The table by which those of the open rules are found that ask for something.
    fn table(&self, open: &[u32]) -> Table {
        let mut texts = Vec::new();
        open.iter()
            .filter_map(|rule| self.texts(*rule))
            .for_each(|own| texts.extend_from_slice(own));
        sort::sort_by(&mut texts, |one, other| by_length(one, other.len(), other.bytes()));
        texts.dedup();
        let mut table = Table { rules: vec![Vec::new(); texts.len()], texts };
        for rule in open {
            for text in self.texts(*rule).unwrap_or_default() {
                let place = table.place(text);
                if let Some(rules) = place.and_then(|place| table.rules.get_mut(place)) {
                    rules.push(*rule);
                }
            }
        }
        table
    }
}

impl Table {
    fn place(&self, text: &str) -> Option<usize> {
        self.texts.binary_search_by(|known| by_length(known, text.len(), text.bytes())).ok()
    }

    /// The rules that ask for a text.
    fn rules_of(&self, text: &str) -> &[u32] {
        self.rules_at(self.place(text))
    }

    fn rules_at(&self, place: Option<usize>) -> &[u32] {
        place.and_then(|place| self.rules.get(place)).map_or(&[], Vec::as_slice)
    }

    /// The rules that ask for a text whatever its case.
    fn rules_of_any_case(&self, text: &str) -> &[u32] {
        if !text.is_ascii() {
            return self.rules_of(&folded(text));
        }
        // What folding makes of ASCII, compared as it is made.
        let bytes = text.bytes().map(|byte| byte.to_ascii_lowercase());
        let place =
            self.texts.binary_search_by(|known| by_length(known, text.len(), bytes.clone()));
        self.rules_at(place.ok())
    }

    /// How well the field tells the open rules apart: a rule that shares its texts with nobody counts most.
    fn tells_apart(&self, asked: &Asked, open: &[u32]) -> usize {
        let score = |texts: &[Box<str>]| {
            let sharing = texts.iter().map(|text| self.rules_of(text).len());
            1_000 / sharing.max().unwrap_or(1).max(1)
        };
        open.iter().filter_map(|rule| asked.texts(*rule)).map(score).sum()
    }
}

/// The order of a text and of another one, given its length and bytes. Shorter ones come first: most that
/// are looked up differ in length from what they are compared with.
fn by_length(one: &str, length: usize, bytes: impl Iterator<Item = u8>) -> Ordering {
    one.len().cmp(&length).then_with(|| one.bytes().cmp(bytes))
}

/// The paths of the raw record that most rules look at, those of the most rules first.
fn paths(rules: &[Rule], fields: &Fields) -> Vec<Slot> {
    // By slot: how many rules look there, and one more than the last of them.
    let mut asking = vec![(0_usize, 0_usize); fields.layout.slots()];
    for (place, rule) in rules.iter().enumerate() {
        for (path, _) in rule.query.predicate.clauses().filter_map(|one| asks_at(one, fields)) {
            if let Some((count, last)) = asking.get_mut(path.index())
                && *last != place + 1
            {
                (*count, *last) = (*count + 1, place + 1);
            }
        }
    }
    let mut most = Vec::new();
    while most.len() < CHOICE {
        let counts = asking.iter().map(|(count, _)| *count).enumerate();
        let best = counts.max_by_key(|(slot, count)| (*count, std::cmp::Reverse(*slot)));
        let Some((slot, 1..)) = best else { break };
        most.push(Slot(slot as u32));
        if let Some((count, _)) = asking.get_mut(slot) {
            *count = 0;
        }
    }
    most
}

/// All places where records hold what rules find at a path of the raw record.
fn slots(path: Slot, rules: &[Rule], fields: &Fields) -> Vec<Slot> {
    let mut slots = vec![path];
    let clauses = rules.iter().flat_map(|rule| rule.query.predicate.clauses());
    for (at, field) in clauses.filter_map(|clause| asks_at(clause, fields)) {
        let new = |slot: &&Slot| at == path && !slots.contains(*slot);
        let new: Vec<Slot> = field.direct.iter().filter(new).copied().collect();
        slots.extend(new);
    }
    slots
}

#[cfg(test)]
mod tests;
