//! In: a query's text. Out: the compiled query, command by command.

mod known;

use std::ops::Range;

use super::codes;
use super::lexer::{Operator, Token, TokenKind, shorten};
use super::lower::Lowering;
use super::parser::{Parser, Unreadable};
use super::scope::{Binding, Bound, Output, Presence};
use super::syntax::SyntaxKind;
use crate::event::Fields;
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::{Operand, Query};
use known::OTHER_COMMANDS;

pub(super) use known::COMMANDS;

/// Compiles a query, and adds what there is to say to the notices.
///
/// `shown` are names that the rule's message and output use, as they are at the end of the pipe.
pub(crate) fn compile(
    text: &str,
    shown: &[String],
    fields: &mut Fields,
    notices: &mut Vec<Notice>,
) -> Option<Query> {
    let mut compiler = Compiler::new(text, fields);
    compiler.run();
    compiler.finish(shown, notices)
}

/// A query halfway through its commands.
pub(super) struct Compiler<'t, 'f> {
    pub(super) parser: Parser<'t>,
    pub(super) lowering: Lowering<'f>,
    pub(super) searches: Vec<crate::query::predicate::ClauseId>,
    /// How many brackets of `serial` and `parallel` are open.
    brackets: usize,
    /// The names that `fields` puts out, and what was assigned since.
    pub(super) output: Option<Output>,
}

impl<'t, 'f> Compiler<'t, 'f> {
    #[inline(never)] // a frame of its own, live only while it runs
    fn new(text: &'t str, fields: &'f mut Fields) -> Compiler<'t, 'f> {
        let mut compiler = Compiler {
            parser: Parser::new(text),
            lowering: Lowering::new(fields),
            searches: Vec::new(),
            output: None,
            brackets: 0,
        };
        let later = compiler.parser.assigned_by("evalc");
        compiler.lowering.later_parameters.extend(later.into_iter().map(Box::from));
        compiler
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn finish(mut self, shown: &[String], notices: &mut Vec<Notice>) -> Option<Query> {
        if self.lowering.scope.is_changed() {
            for name in shown {
                self.lowering.show(&mut self.parser, name);
            }
        }
        let Compiler { parser, mut lowering, searches, output, .. } = self;
        let failed = parser.notices.has_errors();
        notices.extend(parser.notices.finish());
        if failed {
            return None;
        }
        let root = lowering.builder.all(searches);
        let names = lowering.scope.names().map(|(name, binding)| {
            let operand = match binding.bound {
                Bound::Field(field) => Operand::Field(field),
                Bound::Step(step) => Operand::Expression(step),
            };
            (name.to_owned(), operand)
        });
        Some(Query {
            names: names.collect(),
            predicate: lowering.builder.finish(root),
            expressions: lowering.expressions,
            output: output.map(Output::finish),
        })
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn run(&mut self) {
        if !self.has_commands() {
            return;
        }
        loop {
            if self.command().is_err() {
                self.parser.skip_command();
            }
            while self.brackets > 0 && self.parser.eat(TokenKind::CloseBracket) {
                self.brackets -= 1;
            }
            if self.parser.eat(TokenKind::OpenBracket) {
                self.brackets += 1;
                continue;
            }
            if self.lowering.is_full || !self.parser.eat(TokenKind::Pipe) {
                break;
            }
        }
        self.check_whole();
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn has_commands(&mut self) -> bool {
        if self.parser.notices.gave_up() {
            return false;
        }
        self.parser.eat(TokenKind::Pipe);
        if self.parser.token().kind == TokenKind::End {
            let (whole, message) = (0..self.parser.text.len(), "the query has no commands");
            self.parser.notices.error_with_hint(
                codes::NO_COMMANDS,
                whole,
                message,
                "begin with `search`",
            );
            return false;
        }
        true
    }

    /// Says what is missing once all commands are read.
    #[inline(never)] // a frame of its own, live only while it runs
    fn check_whole(&mut self) {
        if self.brackets > 0 && !self.parser.notices.has_errors() {
            let end = self.parser.token().span();
            self.parser.notices.error(
                codes::SYNTAX,
                end,
                "expected `]`, found the end of the query",
            );
        }
        if self.searches.is_empty() && !self.parser.notices.has_errors() {
            let whole = 0..self.parser.text.len();
            let message = "without `search` the query selects every event";
            self.parser.notices.warn(
                codes::NO_SEARCH,
                whole,
                message,
                "add a condition: | search ...",
            );
        }
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn command(&mut self) -> Result<(), Unreadable> {
        let Some((name, token)) = self.command_name()? else { return Ok(()) };
        match name {
            "search" => self.search()?,
            "eval" => self.eval()?,
            "rename" => self.rename()?,
            "fields" => self.fields()?,
            "evalc" | "set" => self.parameter(name)?,
            "order" => self.order()?,
            "limit" => self.limit(token)?,
            "bypass" => {}
            "serial" | "parallel" => return self.group(),
            _ => self.fields_of_a_value(name, token)?,
        }
        self.command_end(name)
    }

    /// The name of the command that comes next; none if it is a remark.
    #[inline(never)] // a frame of its own, live only while it runs
    fn command_name(&mut self) -> Result<Option<(&'t str, Token)>, Unreadable> {
        let token = self.parser.token();
        if token.kind == TokenKind::Pipe {
            let message = "expected a command, found `|`";
            let hint = "commands are joined by one `|`, conditions by `or`";
            self.parser.notices.error_with_hint(codes::SYNTAX, token.span(), message, hint);
            return Err(Unreadable);
        }
        if self.parser.eat(TokenKind::Remark) {
            return Ok(None);
        }
        if token.kind != TokenKind::Word {
            return Err(self.parser.expected("a command"));
        }
        let name = self.parser.text_of(token);
        if !COMMANDS.contains(&name) {
            self.unknown_command(token, name);
            return Err(Unreadable);
        }
        self.parser.advance();
        Ok(Some((name, token)))
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn group(&mut self) -> Result<(), Unreadable> {
        while self.parser.option().is_some() {}
        match self.parser.token().kind {
            TokenKind::OpenBracket => Ok(()),
            _ => Err(self.parser.expected("`[`")),
        }
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn command_end(&mut self, name: &str) -> Result<(), Unreadable> {
        match self.parser.token().kind {
            TokenKind::Pipe | TokenKind::End => Ok(()),
            TokenKind::CloseBracket if self.brackets > 0 => Ok(()),
            _ if name == "search" => Err(self.parser.expected("an operator or `|`")),
            _ => Err(self.parser.expected("`,` or `|`")),
        }
    }

    #[inline(never)] // a frame of its own, live only while it runs
    fn unknown_command(&mut self, token: Token, name: &str) {
        let (span, shown) = (token.span(), shorten(name));
        let other = OTHER_COMMANDS.iter().find(|(names, _)| names.contains(&name));
        if let Some((_, why)) = other {
            let message = format!("a rule can't use the command `{shown}`");
            self.parser.notices.error_with_hint(codes::UNSUPPORTED, span, message, *why);
            return;
        }
        let message = format!("there is no command `{shown}`");
        let hint = match nearest(name, COMMANDS) {
            Some(known) => format!("did you mean `{known}`?"),
            None if self.parser.is_condition() => {
                format!("conditions stand behind `search`: search {shown} ...")
            }
            None => "such as search, eval, rename, fields and rex, joined by `|`".to_owned(),
        };
        self.parser.notices.error_with_hint(codes::UNKNOWN_COMMAND, span, message, hint);
    }

    /// `search [limit=N] [EXPRESSION]`
    #[inline(never)] // a frame of its own, live only while it runs
    fn search(&mut self) -> Result<(), Unreadable> {
        if self.parser.text_of(self.parser.token()) == "limit"
            && let Some(limit) = self.parser.option()
        {
            self.counts_for_nothing(limit.span);
            if self.parser.is_at_end() {
                return Ok(());
            }
        }
        let node = self.parser.expression()?;
        let truth = self.lowering.truth(&mut self.parser, node);
        self.searches.push(truth);
        Ok(())
    }

    /// `eval NAME = EXPRESSION, ...`
    #[inline(never)] // a frame of its own, live only while it runs
    fn eval(&mut self) -> Result<(), Unreadable> {
        loop {
            let (name, span) = self.name("a name to assign to")?;
            let token = self.parser.token();
            match token.kind {
                TokenKind::Assign => self.parser.advance(),
                TokenKind::Operator(Operator::Equal) => {
                    let message = "`==` compares and can't assign";
                    self.parser.notices.error_with_hint(
                        codes::SYNTAX,
                        token.span(),
                        message,
                        "assign with =",
                    );
                    return Err(Unreadable);
                }
                _ => return Err(self.parser.expected("`=`")),
            };
            let node = self.parser.expression()?;
            // A name for a field is the field itself, so that clauses on it stay clauses on the field.
            let bound = match self.parser.tree.node(node).map(|node| &node.kind) {
                Some(SyntaxKind::Name(_)) => self.lowering.resolve(&mut self.parser, node),
                _ => Bound::Step(self.lowering.value(&mut self.parser, node)),
            };
            self.bind(&name, Binding { bound, presence: Presence::Always, unread: Some(span) });
            if let Some(output) = &mut self.output {
                output.add(&name);
            }
            if !self.parser.eat(TokenKind::Comma) {
                return Ok(());
            }
        }
    }

    /// `rename NAME as NAME, ...`
    #[inline(never)] // a frame of its own, live only while it runs
    fn rename(&mut self) -> Result<(), Unreadable> {
        loop {
            let (from, span) = self.name("a field to rename")?;
            let token = self.parser.token();
            if token.kind != TokenKind::Word
                || !self.parser.text_of(token).eq_ignore_ascii_case("as")
            {
                return Err(self.parser.expected("`as`"));
            }
            self.parser.advance();
            let (to, _) = self.name("the new name")?;
            if from != to {
                self.move_name(&from, span, &to);
            }
            if !self.parser.eat(TokenKind::Comma) {
                return Ok(());
            }
        }
    }

    /// Moves a value from one name to another. A field without a value has no key, and without a key
    /// `rename` does nothing.
    fn move_name(&mut self, from: &str, span: Range<usize>, to: &str) {
        let source = self.lowering.lookup(&mut self.parser, from, Some(span));
        let presence = match source.presence {
            Presence::Never => return,
            Presence::Always => Presence::Always,
            Presence::WithValue => {
                match self.lowering.lookup(&mut self.parser, to, None).presence {
                    Presence::Always => Presence::Always,
                    _ => Presence::WithValue,
                }
            }
        };
        let bound = match source.presence {
            Presence::WithValue => {
                let target = self.lowering.lookup(&mut self.parser, to, None);
                match target.presence {
                    Presence::Never => source.bound,
                    _ => Bound::Step(self.lowering.first_of(source.bound, target.bound)),
                }
            }
            _ => source.bound,
        };
        self.bind(to, Binding { bound, presence, unread: None });
        let gone = self.lowering.nothing();
        self.bind(from, gone);
        if let Some(output) = &mut self.output {
            output.rename(from, to);
        }
    }

    /// `fields NAME, ...` or `fields - NAME, ...`
    #[inline(never)] // a frame of its own, live only while it runs
    fn fields(&mut self) -> Result<(), Unreadable> {
        let drops = self.parser.eat(TokenKind::Operator(Operator::Minus));
        let mut names: Vec<(String, Range<usize>)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            let (name, span) = self.name("a field's name")?;
            if seen.insert(name.clone()) {
                names.push((name, span));
            }
            if !self.parser.eat(TokenKind::Comma) {
                break;
            }
        }
        if drops {
            for (name, _) in names {
                let gone = self.lowering.nothing();
                self.bind(&name, gone);
                if let Some(output) = &mut self.output {
                    output.remove(&name);
                }
            }
            return Ok(());
        }
        let mut kept = Output::default();
        for (name, span) in names {
            if self.lowering.is_full {
                return Err(Unreadable);
            }
            let binding = self.lowering.lookup(&mut self.parser, &name, Some(span));
            self.bind(&name, Binding { presence: Presence::Always, unread: None, ..binding });
            kept.add(&name);
        }
        let dropped: Vec<String> = self
            .lowering
            .scope
            .names()
            .filter(|(name, _)| !seen.contains(*name))
            .map(|(name, _)| name.to_owned())
            .collect();
        for name in dropped {
            let gone = self.lowering.nothing();
            self.bind(&name, gone);
        }
        self.lowering.scope.close();
        self.output = Some(kept);
        Ok(())
    }

    pub(super) fn bind(&mut self, name: &str, binding: Binding) {
        if let Some(span) = self.lowering.scope.bind(name, binding) {
            let message = format!("the value of `{}` is never used", shorten(name));
            let hint = "it is assigned again or dropped before anybody reads it";
            self.parser.notices.warn(codes::UNUSED, span, message, hint);
        }
    }

    /// A name, and where it stands.
    pub(super) fn name(&mut self, what: &str) -> Result<(String, Range<usize>), Unreadable> {
        let token = self.parser.token();
        let word = self.parser.text_of(token);
        if token.kind != TokenKind::Word || matches!(word, "and" | "or" | "null" | "true" | "false")
        {
            return Err(self.parser.expected(what));
        }
        self.parser.advance();
        Ok((word.to_owned(), token.span()))
    }
}
