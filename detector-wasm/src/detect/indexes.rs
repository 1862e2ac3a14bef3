//! In: a rule set. Out: an index of the rules for each kind of record, as far as log sources tell them apart.

use crate::event::Fields;
use crate::prefilter::index::Index;
use crate::rule::Rule;
use crate::rule::sources::{Marks, Sources};

/// Indexes of the rules that judge records with some marks.
#[derive(Debug)]
pub(crate) struct Indexes {
    indexes: Vec<Index>,
    /// Which of them is that of records with marks, by [`Marks::kind`].
    of_kind: [usize; Marks::KINDS.len()],
}

impl Indexes {
    #[inline(never)] // a frame of its own, live only while it runs
    pub(super) fn new(rules: &[Rule], fields: &Fields, sources: &Sources) -> Indexes {
        let admitted = |marks: Marks| rules.iter().map(move |rule| sources.admit(rule, marks));
        let mut indexes: Vec<Index> = Vec::new();
        let mut of_kind = [0; Marks::KINDS.len()];
        for (place, marks) in Marks::KINDS.into_iter().enumerate() {
            let same = Marks::KINDS
                .into_iter()
                .take(place)
                .position(|former| admitted(former).eq(admitted(marks)));
            let index = same.and_then(|kind| of_kind.get(kind).copied()).unwrap_or_else(|| {
                indexes.push(Index::new(rules, fields, &|rule| sources.admit(rule, marks)));
                indexes.len() - 1
            });
            if let Some(of) = of_kind.get_mut(place) {
                *of = index;
            }
        }
        Indexes { indexes, of_kind }
    }

    /// The index of the rules for a record with these marks.
    pub(crate) fn of(&self, marks: Marks) -> Option<&Index> {
        self.indexes.get(*self.of_kind.get(marks.kind())?)
    }
}
