//! In: a rule set. Out: a test that shows that a text holds nothing that any of its rules could select.

use std::sync::OnceLock;

use super::required_literals::required;
use crate::event::Fields;
use crate::prefilter::search::{Literal, Sampler};
use crate::rule::Rule;
use crate::sort;

/// The most literals that are looked for in bytes that nobody has read. All spellings of each take up to 48 kB of
/// tables; with more of them every record is read, and rules are found by what its fields hold.
const MOST: usize = 1_024;

/// What is known of each rule and of all together.
#[derive(Debug, Default)]
pub(crate) struct Prefilter {
    /// By rule: a record that it selects holds one of these; nothing if no such literals are known.
    literals: Vec<Option<Vec<Literal>>>,
    /// Made when it is first used: a module that is only described or compiled needs none.
    sampler: OnceLock<Option<Sampler>>,
}

impl Prefilter {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(crate) fn new(rules: &[Rule], fields: &Fields) -> Prefilter {
        let literals = rules.iter().map(|rule| {
            let mut literals = required(&rule.query.predicate, fields)?;
            sort::sort_and_dedup(&mut literals);
            (literals.len() <= MOST).then_some(literals)
        });
        Prefilter { literals: literals.collect(), sampler: OnceLock::new() }
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
