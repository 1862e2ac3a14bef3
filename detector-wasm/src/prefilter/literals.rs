//! In: a rule set. Out: a test that shows that a text holds nothing that any of its rules could select.

use std::sync::OnceLock;

use super::required_literals::required;
use crate::event::Fields;
use crate::prefilter::search::{Literal, Sampler};
use crate::rule::Rule;
use crate::sort;

/// The most literals that are looked for in bytes that nobody has read. All spellings of each take up to 48 kB of
/// tables; with more of them every record is read, and rules are found by what its fields hold.
pub(crate) const MOST: usize = 1_024;

/// What is known of each rule and of all together.
#[derive(Debug, Default)]
pub(crate) struct Prefilter {
    /// By rule: a record that it selects holds one of these; nothing if no such literals are known.
    literals: Vec<Option<Vec<Literal>>>,
    /// The number of literals of all rules together, and the rule with most of them, if they are too many.
    too_many: Option<(usize, usize)>,
    /// Made when it is first used: a module that is only described or compiled needs none.
    sampler: OnceLock<Option<Sampler>>,
}

impl Prefilter {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(rules: &[Rule], fields: &Fields) -> Prefilter {
        let literals = rules.iter().map(|rule| {
            let mut literals = required(&rule.query.predicate, fields)?;
            sort::sort_and_dedup(&mut literals);
            Some(literals)
        });
        let mut literals: Vec<Option<Vec<Literal>>> = literals.collect();
        let too_many = too_many(&literals);
        for of_rule in &mut literals {
            of_rule.take_if(|literals| literals.len() > MOST);
        }
        Prefilter { literals, too_many, sampler: OnceLock::new() }
    }

    /// How many literals the rules have together, and the place of the rule with most of them, if they are more than
    /// can be looked for.
    pub(crate) fn too_many(&self) -> Option<(usize, usize)> {
        self.too_many
    }

    /// Finds the places that records worth judging have; nothing if every record is.
    pub(crate) fn sampler(&self) -> Option<&Sampler> {
        let made = self.sampler.get_or_init(|| {
            let mut all = Vec::new();
            for literals in &self.literals {
                all.extend_from_slice(literals.as_deref()?);
            }
            sort::sort_and_dedup(&mut all);
            (all.len() <= MOST).then(|| Sampler::new(all))
        });
        made.as_ref()
    }

    /// The literals of a rule, by its place in the set.
    pub(crate) fn literals(&self, rule: usize) -> Option<&[Literal]> {
        self.literals.get(rule)?.as_deref()
    }
}

fn too_many(literals: &[Option<Vec<Literal>>]) -> Option<(usize, usize)> {
    let count = |of_rule: &Option<Vec<Literal>>| of_rule.as_ref().map_or(0, Vec::len);
    // Because of a rule without literals every record is read, however many others have. Most rule sets have few: then
    // nothing is copied.
    if literals.iter().any(Option::is_none) || literals.iter().map(count).sum::<usize>() <= MOST {
        return None;
    }
    let mut all: Vec<Literal> = literals.iter().flatten().flatten().cloned().collect();
    sort::sort_and_dedup(&mut all);
    let (most, _) = literals.iter().enumerate().max_by_key(|(_, of_rule)| count(of_rule))?;
    (all.len() > MOST).then_some((all.len(), most))
}
