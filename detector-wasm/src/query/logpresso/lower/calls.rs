//! In: a call or an `in`, its arguments lowered. Out: its step, with what its constants let be worked out once.

use super::{Lowering, MOST_REGEXES, Todo};
use crate::query::expression::function::{Function, Prepared, Refusal};
use crate::query::expression::{Datum, ExpressionId};
use crate::query::logpresso::codes;
use crate::query::logpresso::parser::Parser;
use crate::query::logpresso::patterns::pattern;
use crate::query::logpresso::syntax::{SyntaxId, SyntaxKind, Tree};
use crate::query::notice::Notice;
use crate::query::text_set::TextSet;

impl Lowering<'_> {
    /// Applies a function; what it refuses is reported where the argument stands.
    pub(super) fn call(
        &mut self,
        parser: &mut Parser<'_>,
        function: &'static Function,
        arguments: &[ExpressionId],
        node: SyntaxId,
    ) -> ExpressionId {
        if matches!(function.name, "match" | "groups")
            || function.name == "replace" && arguments.len() > 3
        {
            self.regexes += 1;
            if self.regexes > MOST_REGEXES {
                self.too_many_regexes(parser);
                return self.null();
            }
        }
        let step = match self.expressions.call(function, arguments) {
            Ok(step) => step,
            Err(refusal) => {
                refuse(parser, node, refusal);
                return self.null();
            }
        };
        let ways = match (function.name, arguments) {
            ("nvl", both) => self.source_paths_of(both),
            ("if" | "case", several) => self.source_paths_of(several),
            ("valueof", [container, key]) => self.member_source_paths(*container, *key),
            _ => Vec::new(),
        };
        if !ways.is_empty() {
            self.source_paths.insert(step, ways);
        }
        step
    }
}

/// `in(value, ...)`: the text literals become one set.
pub(super) fn membership(
    tree: &Tree,
    function: &'static Function,
    arguments: &[SyntaxId],
    todo: &mut Vec<Todo>,
) {
    let Some((value, members)) = arguments.split_first() else { return };
    let (texts, others) = members_of(tree, members);
    todo.push(Todo::Prepared(function, 1 + others.len(), Prepared::Texts(texts)));
    todo.extend(others.iter().rev().map(|other| Todo::Visit(*other)));
    todo.push(Todo::Visit(*value));
}

/// The text literals among some nodes, and the other nodes.
pub(super) fn members_of(tree: &Tree, members: &[SyntaxId]) -> (TextSet, Vec<SyntaxId>) {
    let (mut exact, mut patterns, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for member in members {
        match tree.text(*member) {
            Some(text) if text.contains('*') => patterns.push(pattern(text)),
            Some(text) => exact.push(text.to_owned()),
            None => others.push(*member),
        }
    }
    (TextSet::new(exact, patterns), others)
}

pub(super) fn refuse(parser: &mut Parser<'_>, node: SyntaxId, refusal: Refusal) {
    let argument = match parser.tree.node(node).map(|node| &node.kind) {
        Some(SyntaxKind::Call(_, arguments)) => arguments.get(refusal.argument).copied(),
        _ => None,
    };
    let span = parser.tree.span(argument.unwrap_or(node));
    let notice = Notice::error(refusal.code, span, refusal.message);
    parser.notices.add(Notice { hint: refusal.hint, ..notice });
}

/// Warns of comparisons that don't mean what they seem to.
pub(super) fn warn_equality(parser: &mut Parser<'_>, left: SyntaxId, right: SyntaxId) {
    let tree = &parser.tree;
    let is_null = |node| tree.literal(node).is_some_and(Datum::is_null);
    if is_null(left) || is_null(right) {
        let span = tree.span(left).start..tree.span(right).end;
        let message = "a comparison with null is never true";
        parser.notices.warn(codes::NEVER, span, message, "write isnull(...) or isnotnull(...)");
    } else if tree.text(left).is_some() && tree.text(right).is_none() {
        let span = tree.span(left);
        let message = "a text at the left is compared in any case, and its stars mean nothing";
        parser.notices.warn(
            codes::LITERAL_LEFT,
            span,
            message,
            "put the text at the right of the operator",
        );
    }
}
