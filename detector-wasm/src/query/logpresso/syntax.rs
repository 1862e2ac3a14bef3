//! The tree of expressions: nodes that refer to others by number, so that it takes no stack to build, to walk
//! or to drop.

use std::ops::Range;

use crate::query::expression::Datum;
use crate::query::expression::function::Function;

/// A node's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SyntaxId(u32);

/// What stands at a node.
#[derive(Debug)]
pub(crate) enum SyntaxKind {
    Literal(Datum<'static>),
    /// The name of a field or of a value that the query has computed.
    Name(Box<str>),
    Negate(SyntaxId),
    Binary(Binary, SyntaxId, SyntaxId),
    /// All operands of a row of `and`s or `or`s.
    Joined(Joint, Vec<SyntaxId>),
    Call(&'static Function, Vec<SyntaxId>),
    /// What can't be compiled; a notice has been given.
    Broken,
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

/// An operator between truths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    And,
    Or,
}

/// A node, where it stands, and what is known about it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: SyntaxKind,
    pub(crate) span: Range<usize>,
    /// Whether its value is always true or false.
    pub(crate) decides: bool,
    /// Whether it stands in parentheses of its own.
    pub(crate) grouped: bool,
}

/// All nodes of a query.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Adds a node; those that it refers to must be there already.
    pub(crate) fn push(&mut self, kind: SyntaxKind, span: Range<usize>) -> SyntaxId {
        let decides = match &kind {
            SyntaxKind::Literal(datum) => matches!(datum, Datum::Bool(_)),
            SyntaxKind::Binary(operator, ..) => matches!(operator, Binary::Equal | Binary::Unequal),
            SyntaxKind::Joined(..) => true,
            SyntaxKind::Call(function, arguments) => {
                function.decides
                    || function.name == "not"
                        && arguments.first().is_some_and(|argument| self.decides(*argument))
            }
            SyntaxKind::Name(_) | SyntaxKind::Negate(_) | SyntaxKind::Broken => false,
        };
        self.nodes.push(Node { kind, span, decides, grouped: false });
        SyntaxId(self.nodes.len() as u32 - 1)
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes that were added since there were so many.
    pub(crate) fn since(&self, count: usize) -> impl Iterator<Item = &Node> {
        self.nodes.iter().skip(count)
    }

    /// A node by its number.
    pub(crate) fn node(&self, id: SyntaxId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// A node to change.
    pub(crate) fn node_mut(&mut self, id: SyntaxId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }

    /// Where a node stands.
    pub(crate) fn span(&self, id: SyntaxId) -> Range<usize> {
        self.node(id).map_or(0..0, |node| node.span.clone())
    }

    /// Whether a node's value is always true or false.
    pub(crate) fn decides(&self, id: SyntaxId) -> bool {
        self.node(id).is_some_and(|node| node.decides)
    }

    /// The literal that a node is.
    pub(crate) fn literal(&self, id: SyntaxId) -> Option<&Datum<'static>> {
        match self.node(id).map(|node| &node.kind) {
            Some(SyntaxKind::Literal(datum)) => Some(datum),
            _ => None,
        }
    }

    /// The text literal that a node is.
    pub(crate) fn text(&self, id: SyntaxId) -> Option<&str> {
        match self.literal(id) {
            Some(Datum::Text(text)) => Some(text),
            _ => None,
        }
    }
}
