//! The ways that lead to values inside a record's maps. Where a query looks a member up by a literal key, the
//! key is watched, so that one that stands twice doesn't hide a value.

use super::lower::Lowering;
use crate::event::FieldId;
use crate::query::expression::{Datum, ExpressionId};

/// How deep into a record's maps keys are watched, along how many ways for one value, and how many in all.
const DEEPEST: usize = 32;
const MOST_WAYS: usize = 8;
const MOST_WATCHED: usize = 2_000;

/// A place in a record that a value may come from: a field, and the keys below it.
pub(crate) type Way = (FieldId, Vec<String>);

impl Lowering<'_> {
    /// The ways to a member, which are watched for a key that stands twice.
    pub(super) fn member_ways(&mut self, container: ExpressionId, key: ExpressionId) -> Vec<Way> {
        let mut ways = self.ways.get(&container).cloned().unwrap_or_default();
        match self.expressions.constant(key) {
            Some(Datum::Text(key)) => {
                for (_, path) in &mut ways {
                    path.push(key.to_string());
                }
            }
            // A place in a list; the way leads through it.
            Some(Datum::Long(_)) => return ways,
            _ => return Vec::new(),
        }
        ways.retain(|(_, path)| path.len() <= DEEPEST);
        for (field, path) in &ways {
            if self.watched < MOST_WATCHED {
                self.watched += 1;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.fields.watch_member(*field, &path);
            }
        }
        ways
    }

    /// All ways to any of the steps.
    pub(super) fn ways_of(&self, steps: &[ExpressionId]) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for way in steps.iter().filter_map(|step| self.ways.get(step)).flatten() {
            if ways.len() < MOST_WAYS && !ways.contains(way) {
                ways.push(way.clone());
            }
        }
        ways
    }
}
