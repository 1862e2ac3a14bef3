//! In: operands and what stands between them, on stacks. Out: the expression that they join to.

use super::{Open, Parser, Pending, Stacks, Unreadable};
use crate::query::expression::Datum;
use crate::query::logpresso::codes;
use crate::query::logpresso::syntax::{Joint, SyntaxId, SyntaxKind};

impl Parser<'_> {
    /// The whole expression, with nothing open.
    pub(super) fn finish(&mut self, stacks: &mut Stacks) -> Result<SyntaxId, Unreadable> {
        self.reduce(stacks, 0);
        match stacks.frames.last() {
            Some(Open::Paren(open)) => {
                let message = "this parenthesis is never closed";
                self.notices.error_with_hint(codes::SYNTAX, open.clone(), message, "add a `)`");
                Err(Unreadable)
            }
            Some(Open::Call { name, .. }) => {
                let message = "the parenthesis of this call is never closed";
                self.notices.error_with_hint(codes::SYNTAX, name.clone(), message, "add a `)`");
                Err(Unreadable)
            }
            _ => stacks.operands.pop().ok_or(Unreadable),
        }
    }

    /// Applies the operators on top that bind at least so tightly.
    pub(super) fn reduce(&mut self, stacks: &mut Stacks, precedence: u8) {
        while let Some(Open::Operator(operator, start)) = stacks.frames.last() {
            let (operator, start) = (*operator, *start);
            if operator.precedence() < precedence {
                return;
            }
            stacks.frames.pop();
            let Some(right) = stacks.operands.pop() else { return };
            let node = match operator {
                Pending::Negate => self.negated(start, right),
                Pending::Binary(binary) => {
                    let Some(left) = stacks.operands.pop() else { return };
                    let span = self.tree.span(left).start..self.tree.span(right).end;
                    self.tree.push(SyntaxKind::Binary(binary, left, right), span)
                }
                Pending::Joint(joint) => {
                    let Some(left) = stacks.operands.pop() else { return };
                    self.joined(joint, start, left, right)
                }
            };
            stacks.operands.push(node);
        }
    }

    /// A negated number is a number of its own.
    fn negated(&mut self, start: usize, operand: SyntaxId) -> SyntaxId {
        let span = start..self.tree.span(operand).end;
        let kind = match self.tree.literal(operand) {
            Some(Datum::Int(number)) => SyntaxKind::Literal(Datum::Int(number.wrapping_neg())),
            Some(Datum::Long(number)) => SyntaxKind::Literal(Datum::Long(number.wrapping_neg())),
            Some(Datum::Double(number)) => SyntaxKind::Literal(Datum::double(-number)),
            _ => SyntaxKind::Negate(operand),
        };
        self.tree.push(kind, span)
    }

    /// Joins two truths; a row of the same operator becomes one node.
    fn joined(&mut self, joint: Joint, at: usize, left: SyntaxId, right: SyntaxId) -> SyntaxId {
        let span = self.tree.span(left).start..self.tree.span(right).end;
        self.warn_mixed(joint, at, [left, right]);
        if let Some(node) = self.tree.node_mut(left)
            && !node.grouped
            && let SyntaxKind::Joined(same, members) = &mut node.kind
            && *same == joint
        {
            members.push(right);
            node.span = span;
            return left;
        }
        self.tree.push(SyntaxKind::Joined(joint, vec![left, right]), span)
    }

    fn warn_mixed(&mut self, joint: Joint, at: usize, sides: [SyntaxId; 2]) {
        let mixed = sides.iter().any(|side| {
            self.tree.node(*side).is_some_and(|node| {
                !node.grouped
                    && matches!(&node.kind, SyntaxKind::Joined(other, _) if *other != joint)
            })
        });
        if mixed {
            self.notices.warn(
                codes::MIXED,
                at..at + 2,
                "`and` binds tighter than `or`, and there are no parentheses to say so",
                "put parentheses around what belongs together",
            );
        }
    }
}

pub(super) fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "or")
}
