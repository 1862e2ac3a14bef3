//! A map of a YAML document as rules are read from it.

use std::ops::Range;

use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;
use crate::query::sigma::yaml::{Tree, YamlId, YamlKind};
use crate::rule::keys::{Keys, WrongType};

/// A map of a tree.
#[derive(Clone, Copy)]
pub(super) struct Map<'t> {
    pub(super) tree: &'t Tree,
    pub(super) root: YamlId,
}

impl<'t> Keys<'t> for Map<'t> {
    type Value = YamlId;
    type Sink = DiagnosticSink;

    fn get(&self, key: &str) -> Option<YamlId> {
        self.tree.get(self.root, key).map(|entry| entry.value)
    }

    fn as_text(&self, value: YamlId) -> Result<Option<&'t str>, WrongType> {
        self.tree.scalar(value).map(|scalar| scalar.text()).ok_or(WrongType)
    }

    /// A single value is a list of one, as Sigma's authors write it.
    fn as_list(&self, value: YamlId) -> Result<Vec<YamlId>, WrongType> {
        match self.tree.kind(value) {
            YamlKind::List(elements) => Ok(elements.clone()),
            YamlKind::Scalar(_) => Ok(vec![value]),
            YamlKind::Map(_) => Err(WrongType),
        }
    }

    fn span_of(&self, value: YamlId) -> Range<usize> {
        self.tree.span(value)
    }

    fn span(&self) -> Range<usize> {
        let start = self.tree.span(self.root).start;
        start..start
    }

    fn say(&self, range: Range<usize>, notice: Notice, out: &mut DiagnosticSink) {
        out.add(Notice { span: range, ..notice });
    }
}
