//! In: a name and the place where it stands. Out: what it means there.

use std::ops::Range;

use super::codes;
use super::functions::{self, records};
use super::lexer::shorten;
use super::lower::{Lowering, MOST_FIELDS};
use super::parser::Parser;
use super::scope::{Binding, Bound, Presence};
use super::syntax::{SyntaxId, SyntaxKind, Tree};
use crate::event::FieldId;
use crate::event::mapping::{FieldSource, FieldType, Mapping};
use crate::event::vocabulary::Vocabulary;
use crate::query::expression::function::Prepared;
use crate::query::expression::{Call, Datum, ExpressionId, Step};
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
        if let Some((binding, layers)) = known {
            let (binding, layers) = (Binding { unread: None, ..binding.clone() }, *layers);
            return self.covered(name, binding, layers);
        }
        if let Some(layers) = self.scope.closed() {
            let layered = !self.scope.layers_above(layers).is_empty();
            if let Some(span) = read_at.filter(|_| !layered) {
                let message = format!("`{}` is always null here", shorten(name));
                let hint = "`fields` has dropped it; name it there";
                parser.notices.warn(codes::NEVER, span, message, hint);
            }
            let nothing = self.nothing();
            return self.covered(name, nothing, layers);
        }
        if let Some(span) = read_at {
            warn_close(self.mapping(), parser, name, span);
        }
        let bound = Bound::Field(self.field(parser, name));
        self.covered(name, Binding { bound, presence: Presence::WithValue, unread: None }, 0)
    }

    /// What a name means that had this meaning below some of the layers.
    fn covered(&mut self, name: &str, below: Binding, layers: usize) -> Binding {
        let above = self.scope.layers_above(layers);
        if above.is_empty() {
            return below;
        }
        let mut binding = below;
        for layer in above {
            let names = layer.names.as_ref();
            if layer.overlay && names.is_some_and(|names| !names.contains(name)) {
                continue;
            }
            let function = match (layer.list.as_deref() == Some(name), layer.overlay) {
                (true, true) => &records::LAID_OVER_OR_LIST,
                (true, false) => &records::REPLACED_OR_LIST,
                (false, true) => &records::LAID_OVER,
                (false, false) => &records::REPLACED,
            };
            let base = self.step_of(binding.bound);
            let key = self.push(Step::Constant(Datum::text(name)));
            let ways = self.source_paths_of(&[base]);
            let step = self.push(Step::Call(Call {
                function,
                arguments: [layer.map, base, key].into(),
                prepared: Prepared::Nothing,
            }));
            self.source_paths.insert(step, ways);
            let presence = match binding.presence {
                Presence::Always if layer.overlay => Presence::Always,
                _ => Presence::WithValue,
            };
            binding = Binding { bound: Bound::Step(step), presence, unread: None };
        }
        self.scope.bind(name, binding.clone());
        binding
    }

    /// Keeps what a name means here, for alerts that show it.
    pub(crate) fn show(&mut self, parser: &mut Parser<'_>, name: &str) {
        let binding = self.lookup(parser, name, None);
        self.scope.bind(name, binding);
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
    pub(crate) fn resolve(&mut self, parser: &mut Parser<'_>, node: SyntaxId) -> Bound {
        let span = parser.tree.span(node);
        match name_at(&parser.tree, node) {
            Some(name) => self.lookup(parser, &name, Some(span)).bound,
            None => self.nothing().bound,
        }
    }

    /// The first of two values that isn't null.
    pub(crate) fn first_of(&mut self, first: Bound, second: Bound) -> ExpressionId {
        let arguments = [self.step_of(first), self.step_of(second)];
        let ways = self.source_paths_of(&arguments);
        let step = match functions::by_name("nvl") {
            Some(function) => self.push(Step::Call(Call {
                function,
                arguments: arguments.into(),
                prepared: Prepared::Nothing,
            })),
            None => self.null(),
        };
        self.source_paths.insert(step, ways);
        step
    }

    /// The field that a node names.
    pub(super) fn field_at(&mut self, parser: &mut Parser<'_>, node: SyntaxId) -> Option<FieldId> {
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
        let mut step = self.push(Step::Field(field));
        // Logpresso holds such a field as a date, a record as its text.
        if self.fields.get(field).is_some_and(|field| field.field_type == FieldType::Date) {
            let (function, arguments) = (&records::MOMENT, [step].into());
            step = self.push(Step::Call(Call { function, arguments, prepared: Prepared::Nothing }));
        }
        self.readers.insert(field, step);
        self.source_paths.insert(step, vec![(field, Vec::new())]);
        step
    }
}

/// The name that stands at a node.
pub(super) fn name_at(tree: &Tree, node: SyntaxId) -> Option<Box<str>> {
    match tree.node(node).map(|node| &node.kind) {
        Some(SyntaxKind::Name(name)) => Some(name.clone()),
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
