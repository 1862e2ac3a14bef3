//! The paths that lead to values inside a record's maps. Where a query looks a member up by a literal key, the
//! key is watched, so that one that stands twice doesn't hide a value.

use super::lower::Lowering;
use crate::event::FieldId;
use crate::query::expression::{Datum, ExpressionId};

/// How deep into a record's maps keys are watched, along how many paths for one value, and how many in all.
const DEEPEST: usize = 32;
const MOST_PATHS: usize = 8;
const MOST_WATCHED: usize = 2_000;

/// A place in a record that a value may come from: a field, and the keys below it.
pub(crate) type SourcePath = (FieldId, Vec<String>);

impl Lowering<'_> {
    /// The paths to a member, which are watched for a key that stands twice.
    pub(super) fn member_source_paths(
        &mut self,
        container: ExpressionId,
        key: ExpressionId,
    ) -> Vec<SourcePath> {
        let mut source_paths = self.source_paths.get(&container).cloned().unwrap_or_default();
        match self.expressions.constant(key) {
            Some(Datum::Text(key)) => {
                for (_, path) in &mut source_paths {
                    path.push(key.to_string());
                }
            }
            // A place in a list; the path leads through it.
            Some(Datum::Int(_) | Datum::Long(_)) => return source_paths,
            _ => return Vec::new(),
        }
        source_paths.retain(|(_, path)| path.len() <= DEEPEST);
        for (field, path) in &source_paths {
            if self.watched < MOST_WATCHED {
                self.watched += 1;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.fields.watch_member(*field, &path);
            }
        }
        source_paths
    }

    /// All paths to any of the steps.
    pub(super) fn source_paths_of(&self, steps: &[ExpressionId]) -> Vec<SourcePath> {
        let mut source_paths: Vec<SourcePath> = Vec::new();
        for path in steps.iter().filter_map(|step| self.source_paths.get(step)).flatten() {
            if source_paths.len() < MOST_PATHS && !source_paths.contains(path) {
                source_paths.push(path.clone());
            }
        }
        source_paths
    }
}
