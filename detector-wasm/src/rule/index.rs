//! In: a rule set. Out: which of its rules a record's values are worth.
//!
//! Most rules ask for one event name out of a few. The values of the fields that tell rules apart best
//! lead to the rules that ask for them; a rule that asks for nothing so plain is worth every record.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use crate::event::Fields;
use crate::event::capture::Captures;
use crate::event::layout::Slot;
use crate::query::required_values::{asks_at, folded, required_values};

/// How many fields rules are found by.
const KEYS: usize = 3;

/// How many fields are looked at to choose those.
const CHOICE: usize = 8;

/// The rules by what they ask for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    keys: Vec<Key>,
    /// The rules that are worth every record.
    always: Worth,
}

/// A field whose values tell which rules are worth a record.
#[derive(Debug, Clone)]
struct Key {
    /// Wherever a record of any shape holds the field, in whichever vocabulary rules ask for it.
    slots: Vec<Slot>,
    /// The texts, folded, each with the rules that ask for it.
    rules: BTreeMap<Box<str>, Vec<u32>>,
    /// The length of the longest text, in bytes.
    longest: usize,
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

/// What rules ask of one field: by rule, texts of which a record that the rule selects has one.
struct Asked {
    path: Slot,
    rules: Vec<Option<Vec<Box<str>>>>,
}

impl Index {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn new(rules: &[Rule], fields: &Fields) -> Index {
        let paths = paths(rules, fields);
        let mut asked: Vec<Asked> = paths
            .keys()
            .map(|path| {
                let of = |rule: &Rule| required_values(&rule.query.predicate, fields, *path);
                Asked { path: *path, rules: rules.iter().map(of).collect() }
            })
            .collect();
        let mut open: BTreeSet<u32> = (0..rules.len() as u32).collect();
        let mut keys = Vec::new();
        while keys.len() < KEYS
            && let Some((best, _)) = asked
                .iter()
                .enumerate()
                .map(|(place, asked)| (place, asked.tells_apart(&open)))
                .filter(|(_, score)| *score > 0)
                .max_by_key(|(place, score)| (*score, std::cmp::Reverse(*place)))
        {
            let asked = asked.remove(best);
            let slots = paths.get(&asked.path).into_iter().flatten().copied().collect();
            keys.push(asked.key(slots, &mut open));
        }
        let mut always = Worth::none_of(rules.len());
        open.into_iter().for_each(|rule| always.add(rule));
        Index { keys, always }
    }

    /// The rules that may select the record, in one of its readings. The others don't.
    pub(crate) fn worth(&self, captures: &Captures, text: &[u8]) -> Worth {
        let mut worth = self.always.clone();
        for key in &self.keys {
            for slot in &key.slots {
                for (value, _) in captures.all_values(text, *slot) {
                    value.any_element(&mut |element| {
                        if let Some(text) = element.text_within(key.longest)
                            && let Some(rules) = key.rules.get(folded(&text).as_str())
                        {
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

impl Asked {
    /// How well the field tells the open rules apart: a rule that shares its texts with nobody counts most.
    fn tells_apart(&self, open: &BTreeSet<u32>) -> usize {
        let mut sharing: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, texts) in self.of(open) {
            texts.iter().for_each(|text| *sharing.entry(text).or_default() += 1);
        }
        let most = |texts: &[Box<str>]| texts.iter().filter_map(|text| sharing.get(&**text)).max();
        self.of(open).map(|(_, texts)| most(texts).map_or(1, |most| 1_000 / most.max(&1))).sum()
    }

    /// The key by which those of the open rules are found that ask for something; they are open no more.
    fn key(&self, slots: Vec<Slot>, open: &mut BTreeSet<u32>) -> Key {
        let mut rules: BTreeMap<Box<str>, Vec<u32>> = BTreeMap::new();
        let found: Vec<u32> = self.of(open).map(|(rule, _)| rule).collect();
        for (rule, texts) in self.of(open) {
            texts.iter().for_each(|text| rules.entry(text.clone()).or_default().push(rule));
        }
        found.iter().for_each(|rule| {
            open.remove(rule);
        });
        let longest = rules.keys().map(|text| text.len()).max().unwrap_or(0);
        Key { slots, rules, longest }
    }

    fn of(&self, open: &BTreeSet<u32>) -> impl Iterator<Item = (u32, &[Box<str>])> {
        open.iter().filter_map(|rule| {
            let texts = self.rules.get(*rule as usize)?.as_deref()?;
            Some((*rule, texts))
        })
    }
}

/// The paths of the raw record that most rules look at, each with all places where records hold what
/// rules then find.
fn paths(rules: &[Rule], fields: &Fields) -> BTreeMap<Slot, BTreeSet<Slot>> {
    let mut asking: BTreeMap<Slot, usize> = BTreeMap::new();
    let mut places: BTreeMap<Slot, BTreeSet<Slot>> = BTreeMap::new();
    for rule in rules {
        let mut own = BTreeSet::new();
        for (path, field) in rule.query.predicate.clauses().filter_map(|one| asks_at(one, fields)) {
            own.insert(path);
            let places = places.entry(path).or_default();
            places.insert(path);
            places.extend(&field.direct);
        }
        own.into_iter().for_each(|path| *asking.entry(path).or_default() += 1);
    }
    let mut most: Vec<(Slot, usize)> = asking.into_iter().collect();
    most.sort_by_key(|(path, count)| (std::cmp::Reverse(*count), *path));
    most.truncate(CHOICE);
    places.retain(|path, _| most.iter().any(|(one, _)| one == path));
    places
}

#[cfg(test)]
mod tests;
