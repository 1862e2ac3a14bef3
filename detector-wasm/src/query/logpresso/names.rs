//! In: a name and the place where it stands. Out: what it means there.

use std::ops::Range;

use super::codes;
use super::functions;
use super::lexer::shorten;
use super::lower::{Lowering, MOST_FIELDS};
use super::parser::Parser;
use super::scope::{Binding, Bound, Presence};
use super::syntax::{Kind, NodeId, Tree};
use crate::event::FieldId;
use crate::event::mapping::{FieldSource, Mapping};
use crate::event::vocabulary::Vocabulary;
use crate::query::expression::function::Prepared;
use crate::query::expression::{Call, ExpressionId, Step};
use crate::query::nearest::nearest;

impl Lowering<'_> {
    /// The meaning of a name that is no key of any event.
    pub(crate) fn nothing(&mut self) -> Binding {
        let bound = Bound::Step(self.null());
        Binding { bound, presence: Presence::Never, unread: None }
    }

    /// What a name means here. With a place, the name is being read there.
    pub(crate) fn lookup(
        &mut self,
        parser: &mut Parser<'_>,
        name: &str,
        read_at: Option<Range<usize>>,
    ) -> Binding {
        let known = match read_at {
            Some(_) => self.scope.read(name),
            None => self.scope.get(name),
        };
        if let Some(binding) = known {
            return Binding { unread: None, ..binding.clone() };
        }
        if self.scope.is_closed() {
            if let Some(span) = read_at {
                let message = format!("`{}` is always null here", shorten(name));
                let hint = "`fields` has dropped it; name it there";
                parser.notices.warn(codes::NEVER, span, message, hint);
            }
            return self.nothing();
        }
        if let Some(span) = read_at {
            warn_close(self.mapping(), parser, name, span);
        }
        let bound = Bound::Field(self.field(parser, name));
        Binding { bound, presence: Presence::WithValue, unread: None }
    }

    /// The fields of Logpresso's vocabulary.
    fn mapping(&self) -> &'static Mapping {
        self.fields.mappings().of(Vocabulary::Logpresso)
    }

    /// The field of a name.
    fn field(&mut self, parser: &mut Parser<'_>, name: &str) -> FieldId {
        if self.mapping().row(name).is_none() && !self.own_keys.contains(name) {
            self.own_keys.insert(name.into());
            if self.own_keys.len() > MOST_FIELDS {
                self.full(parser, format!("the query names more than {MOST_FIELDS} fields"));
                return self.fields.want(Vocabulary::Logpresso, "event_name");
            }
        }
        self.fields.want(Vocabulary::Logpresso, name)
    }

    /// What the name at a node means.
    pub(crate) fn resolve(&mut self, parser: &mut Parser<'_>, node: NodeId) -> Bound {
        let span = parser.tree.span(node);
        match name_at(&parser.tree, node) {
            Some(name) => self.lookup(parser, &name, Some(span)).bound,
            None => self.nothing().bound,
        }
    }

    /// The first of two values that isn't null.
    pub(crate) fn first_of(&mut self, first: Bound, second: Bound) -> ExpressionId {
        let arguments = [self.step_of(first), self.step_of(second)];
        let source_paths = self.source_paths_of(&arguments);
        let step = match functions::by_name("nvl") {
            Some(function) => self.push(Step::Call(Call {
                function,
                arguments: arguments.into(),
                prepared: Prepared::Nothing,
            })),
            None => self.null(),
        };
        self.source_paths.insert(step, source_paths);
        step
    }

    /// The field that a node names.
    pub(super) fn field_at(&mut self, parser: &mut Parser<'_>, node: NodeId) -> Option<FieldId> {
        name_at(&parser.tree, node)?;
        match self.resolve(parser, node) {
            Bound::Field(field) => Some(field),
            Bound::Step(_) => None,
        }
    }

    pub(super) fn step_of(&mut self, bound: Bound) -> ExpressionId {
        match bound {
            Bound::Field(field) => self.reader(field),
            Bound::Step(step) => step,
        }
    }

    pub(super) fn reader(&mut self, field: FieldId) -> ExpressionId {
        if let Some(step) = self.readers.get(&field) {
            return *step;
        }
        let step = self.push(Step::Field(field));
        self.readers.insert(field, step);
        self.source_paths.insert(step, vec![(field, Vec::new())]);
        step
    }
}

/// The name that stands at a node.
pub(super) fn name_at(tree: &Tree, node: NodeId) -> Option<Box<str>> {
    match tree.node(node).map(|node| &node.kind) {
        Some(Kind::Name(name)) => Some(name.clone()),
        _ => None,
    }
}

/// Warns of a name that is nearly one of the vocabulary's.
#[inline(never)] // a frame of its own, live only while it runs
fn warn_close(mapping: &Mapping, parser: &mut Parser<'_>, name: &str, span: Range<usize>) {
    let rows = mapping.rows;
    let own_key = |source| match source {
        FieldSource::Path(path) => path == name || path.split('.').next() == Some(name),
        _ => false,
    };
    if rows.iter().any(|row| row.name == name || own_key(row.source)) {
        return;
    }
    if let Some(known) = nearest(name, rows.iter().map(|row| row.name)) {
        parser.notices.warn(
            codes::CLOSE_NAME,
            span,
            format!(
                "`{}` isn't one of Logpresso's names, so it means the record's own key",
                shorten(name)
            ),
            format!("did you mean `{known}`?"),
        );
    }
}
