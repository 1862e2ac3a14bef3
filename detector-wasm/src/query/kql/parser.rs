//! In: a query's text. Out: its clauses and operators in postfix order, or what is wrong with it and where.
//!
//! Follows Kibana's grammar: `not` binds tightest and stands before one operand only, then `and`, then
//! `or`; a group in parentheses after `field:` holds values. Open groups are kept on a stack of the
//! parser's own, so that nesting costs memory and nothing else.

use std::ops::Range;

use super::lints;
use super::postfix::{FieldIndex, Op, Postfix};
use super::scan::{Conjunction, Scanner};
use super::syntax_errors::{self, Awaited};
use super::word::Word;
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::notice::Notice;

/// What an open group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// The whole query.
    Query,
    /// Clauses between parentheses.
    Clauses,
    /// Values of a field between parentheses.
    Values(FieldIndex),
    /// Clauses about one object, between braces.
    Object,
}

/// A group whose end hasn't been read yet.
#[derive(Debug)]
struct Open {
    group: Group,
    /// Where the clause begins that the group is or belongs to.
    start: usize,
    /// The sign that opened it.
    sign: Range<usize>,
    /// Complete operands of `or`.
    ors: usize,
    /// Complete operands of the `and` that is being read.
    ands: usize,
    /// Whether `not` stands before the next operand.
    not: bool,
    /// Whether `and` and `or` stand in the group side by side.
    and_seen: bool,
    or_seen: bool,
    /// The field of the clause before, if it was of one value.
    former: Option<FieldIndex>,
}

impl Open {
    fn new(group: Group, start: usize, sign: Range<usize>) -> Open {
        Open {
            group,
            start,
            sign,
            ors: 0,
            ands: 0,
            not: false,
            and_seen: false,
            or_seen: false,
            former: None,
        }
    }
}

/// What follows a complete operand.
enum After {
    /// A conjunction, and so another operand.
    Operand,
    /// The end of a group, which is an operand itself.
    Closed,
    /// The query's end.
    End,
}

struct Parser<'q, 'n> {
    scanner: Scanner<'q>,
    sink: &'n mut DiagnosticSink,
    postfix: Postfix,
    /// The innermost group.
    open: Open,
    /// The groups around it, innermost last.
    outer: Vec<Open>,
}

/// Parses a query; one of blanks gives no operations.
#[inline(never)] // a frame of its own, live only while it runs
pub(super) fn parse(text: &str, sink: &mut DiagnosticSink) -> Result<Postfix, Notice> {
    let mut scanner = Scanner::new(text);
    scanner.blanks();
    if scanner.rest().is_empty() {
        return Ok(Postfix::default());
    }
    let open = Open::new(Group::Query, scanner.at(), 0..0);
    let mut parser = Parser { scanner, sink, postfix: Postfix::default(), open, outer: Vec::new() };
    loop {
        if !parser.operand()? {
            continue;
        }
        loop {
            match parser.after_operand()? {
                After::Operand => break,
                After::Closed => {}
                After::End => return Ok(parser.postfix),
            }
        }
    }
}

impl Parser<'_, '_> {
    /// Reads an operand, or opens the group that it is; says whether it is complete.
    fn operand(&mut self) -> Result<bool, Notice> {
        if self.scanner.not() {
            self.open.not = true;
            let again = self.scanner.at();
            if self.scanner.not() {
                return Err(syntax_errors::double_not(again..again + "not".len()));
            }
        }
        let start = self.scanner.at();
        if self.scanner.eat('(') {
            let group = match self.open.group {
                Group::Values(field) => Group::Values(field),
                _ => Group::Clauses,
            };
            self.enter(group, start, start..start + 1);
            return Ok(false);
        }
        match self.open.group {
            Group::Values(field) => {
                let value = self.word(Awaited::ListedValue)?;
                lints::on_value(self.sink, &value);
                let span = value.span.clone();
                self.postfix.ops.push(Op::Is { field: Some(field), value, span });
                Ok(true)
            }
            _ => self.clause(),
        }
    }

    /// Reads a clause, or its beginning if it goes on in a group; says whether it is complete.
    fn clause(&mut self) -> Result<bool, Notice> {
        let name = self.word(Awaited::Clause)?;
        let (start, end) = (name.span.start, name.span.end);
        let before = self.scanner.at();
        self.scanner.blanks();
        if self.scanner.eat(':') {
            self.scanner.blanks();
            let at = self.scanner.at();
            lints::on_name(self.sink, &name);
            if self.scanner.eat('{') {
                let field = self.postfix.field(name);
                self.postfix.ops.push(Op::Enter(field));
                self.enter(Group::Object, start, at..at + 1);
                return Ok(false);
            }
            if self.scanner.eat('(') {
                let field = self.postfix.field(name);
                self.enter(Group::Values(field), start, at..at + 1);
                return Ok(false);
            }
            let star = name.is_star();
            let value = self.word(Awaited::Value { star })?;
            lints::on_value(self.sink, &value);
            let field = self.postfix.field(name);
            let span = start..value.span.end;
            self.open.former = Some(field);
            self.postfix.ops.push(Op::Is { field: Some(field), value, span });
            return Ok(true);
        }
        if let Some(order) = self.scanner.order() {
            self.scanner.blanks();
            lints::on_name(self.sink, &name);
            let value = self.word(Awaited::Bound)?;
            lints::on_value(self.sink, &value);
            let field = self.postfix.field(name);
            let span = start..value.span.end;
            self.open.former = None;
            self.postfix.ops.push(Op::Range { field, order, value, span });
            return Ok(true);
        }
        self.scanner.return_to(before);
        if let Some(former) = self.open.former.and_then(|field| self.postfix.fields.get(field.0)) {
            lints::on_value_without_field(self.sink, &name, former);
        }
        lints::on_bare_value(self.sink, &name);
        self.postfix.ops.push(Op::Is { field: None, value: name, span: start..end });
        Ok(true)
    }

    fn word(&mut self, awaited: Awaited) -> Result<Word, Notice> {
        self.scanner.word()?.ok_or_else(|| syntax_errors::missing(&self.scanner, awaited))
    }

    fn enter(&mut self, group: Group, start: usize, sign: Range<usize>) {
        self.scanner.blanks();
        let outer = std::mem::replace(&mut self.open, Open::new(group, start, sign));
        self.outer.push(outer);
    }

    /// Counts the operand that was just completed, and reads what may follow one.
    fn after_operand(&mut self) -> Result<After, Notice> {
        if std::mem::take(&mut self.open.not) {
            self.postfix.ops.push(Op::Not);
        }
        self.open.ands += 1;
        if let Some((conjunction, span)) = self.scanner.conjunction() {
            self.join(conjunction, span);
            return Ok(After::Operand);
        }
        let at = self.scanner.at();
        self.scanner.blanks();
        let closes = match self.open.group {
            Group::Query => self.scanner.rest().is_empty(),
            Group::Clauses | Group::Values(_) => self.scanner.eat(')'),
            Group::Object => self.scanner.eat('}'),
        };
        if !closes {
            let end = self.scanner.rest().is_empty();
            let values = matches!(self.open.group, Group::Values(_));
            return Err(match self.open.group {
                Group::Query => syntax_errors::after_operand(&self.scanner, at, None),
                Group::Object if end => syntax_errors::unclosed(self.open.sign.clone(), '{', '}'),
                _ if end => syntax_errors::unclosed(self.open.sign.clone(), '(', ')'),
                Group::Object => {
                    syntax_errors::after_operand(&self.scanner, at, Some(('}', values)))
                }
                _ => syntax_errors::after_operand(&self.scanner, at, Some((')', values))),
            });
        }
        self.close_and();
        self.close_or();
        let Some(outer) = self.outer.pop() else { return Ok(After::End) };
        let closed = std::mem::replace(&mut self.open, outer);
        match closed.group {
            Group::Object => self.postfix.ops.push(Op::Leave(closed.start..self.scanner.at())),
            Group::Values(field) => self.open.former = Some(field),
            Group::Query | Group::Clauses => {}
        }
        Ok(After::Closed)
    }

    fn join(&mut self, conjunction: Conjunction, span: Range<usize>) {
        let (and, or) = (self.open.and_seen, self.open.or_seen);
        match conjunction {
            Conjunction::And => self.open.and_seen = true,
            Conjunction::Or => {
                self.open.or_seen = true;
                self.close_and();
            }
        }
        if (and, or) != (true, true) && self.open.and_seen && self.open.or_seen {
            lints::on_mixed_conjunctions(self.sink, span);
        }
    }

    fn close_and(&mut self) {
        if self.open.ands > 1 {
            self.postfix.ops.push(Op::And(self.open.ands));
        }
        self.open.ands = 0;
        self.open.ors += 1;
    }

    fn close_or(&mut self) {
        if self.open.ors > 1 {
            let values = matches!(self.open.group, Group::Values(_));
            let span = values.then(|| self.open.start..self.scanner.at());
            self.postfix.ops.push(Op::Or(self.open.ors, span));
        }
    }
}
