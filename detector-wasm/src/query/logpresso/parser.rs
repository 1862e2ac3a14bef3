//! In: tokens. Out: expressions, by operator precedence and with stacks of our own, so that any depth of
//! parentheses takes no call stack.

mod joining;

use std::ops::Range;

use super::codes;
use super::lexer::{self, Operator, Token, TokenKind};
use super::syntax::{Binary, Joint, SyntaxId, SyntaxKind, Tree};
use crate::query::diagnostic_sink::DiagnosticSink;
use crate::query::expression::Datum;
use crate::query::expression::function::Function;
use crate::query::expression::number::Number;
use joining::is_joint;

/// Reads a query's tokens.
pub(crate) struct Parser<'t> {
    pub(crate) text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    pub(crate) tree: Tree,
    pub(crate) notices: DiagnosticSink,
}

/// An expression that can't be read; a notice has been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// An option of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) span: Range<usize>,
}

/// An operator that waits for its right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pending {
    Negate,
    Binary(Binary),
    Joint(Joint),
}

impl Pending {
    /// Higher binds tighter.
    fn precedence(self) -> u8 {
        match self {
            Pending::Negate => 6,
            Pending::Binary(Binary::Multiply | Binary::Divide) => 5,
            Pending::Binary(Binary::Add | Binary::Subtract) => 4,
            Pending::Binary(Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast) => 3,
            Pending::Binary(Binary::Equal | Binary::Unequal) => 2,
            Pending::Joint(Joint::And) => 1,
            Pending::Joint(Joint::Or) => 0,
        }
    }
}

/// What is open around the position.
#[derive(Debug)]
enum Open {
    Operator(Pending, usize),
    Paren(Range<usize>),
    Call { name: Range<usize>, function: Option<&'static Function>, arguments: Vec<SyntaxId> },
}

/// The stacks of one expression.
#[derive(Debug, Default)]
struct Stacks {
    frames: Vec<Open>,
    operands: Vec<SyntaxId>,
}

impl<'t> Parser<'t> {
    /// Begins to read a text.
    pub(crate) fn new(text: &'t str) -> Parser<'t> {
        let mut notices = DiagnosticSink::new(super::NOTICES);
        let tokens = lexer::tokens(text, &mut notices);
        Parser { text, tokens, at: 0, tree: Tree::default(), notices }
    }

    /// The token at the position; behind the last one, the last one.
    pub(crate) fn token(&self) -> Token {
        self.peek(0)
    }

    fn peek(&self, ahead: usize) -> Token {
        let token = self.tokens.get(self.at.saturating_add(ahead)).or(self.tokens.last()).copied();
        token.unwrap_or_else(Token::nothing)
    }

    /// Passes over the token at the position.
    pub(crate) fn advance(&mut self) -> Token {
        let token = self.token();
        self.at = self.at.saturating_add(1).min(self.tokens.len());
        token
    }

    /// Passes over a token of this kind, if it stands at the position.
    pub(crate) fn eat(&mut self, kind: TokenKind) -> bool {
        let fits = self.token().kind == kind;
        if fits {
            self.advance();
        }
        fits
    }

    /// A token's text.
    pub(crate) fn text_of(&self, token: Token) -> &'t str {
        self.text.get(token.span()).unwrap_or_default()
    }

    /// Whether the word at the position seems to begin a condition.
    pub(crate) fn is_condition(&self) -> bool {
        matches!(
            self.peek(1).kind,
            TokenKind::Operator(_) | TokenKind::Assign | TokenKind::OpenParen
        )
    }

    /// Goes to the next `|` or the end.
    pub(crate) fn skip_command(&mut self) {
        while !self.is_at_end() {
            self.advance();
        }
    }

    /// Whether a command ends at the position.
    pub(crate) fn is_at_end(&self) -> bool {
        matches!(self.token().kind, TokenKind::Pipe | TokenKind::End | TokenKind::CloseBracket)
    }

    /// An option that stands at the position, `name=value` without a blank beside the sign.
    pub(crate) fn option(&mut self) -> Option<Setting> {
        let (name, sign) = (self.token(), self.peek(1));
        let joined = name.kind == TokenKind::Word
            && sign.kind == TokenKind::Assign
            && name.span().end == sign.span().start;
        if !joined {
            return None;
        }
        self.advance();
        self.advance();
        let value = self.token();
        let adjacent = value.span().start == sign.span().end;
        let text = match value.kind {
            TokenKind::Text if adjacent => lexer::unquote(self.text_of(value)),
            TokenKind::Word if adjacent => self.text_of(value).to_owned(),
            _ => String::new(),
        };
        if adjacent && matches!(value.kind, TokenKind::Text | TokenKind::Word) {
            self.advance();
        }
        let span = name.span().start..self.previous_end();
        Some(Setting { name: self.text_of(name).to_owned(), value: text, span })
    }

    /// Where the token before the position ends.
    fn previous_end(&self) -> usize {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(0, |token| token.span().end)
    }

    /// The names that a command of this name assigns to, anywhere in the query.
    pub(crate) fn assigned_by(&self, command: &str) -> Vec<&'t str> {
        let mut names = Vec::new();
        let mut begins = true;
        for (place, token) in self.tokens.iter().enumerate() {
            if begins && token.kind == TokenKind::Word && self.text_of(*token) == command {
                names.extend(self.tokens.get(place + 1).map(|name| self.text_of(*name)));
            }
            begins = matches!(token.kind, TokenKind::Pipe | TokenKind::OpenBracket);
        }
        names
    }

    /// Says that something else was expected at the position.
    pub(crate) fn expected(&mut self, what: &str) -> Unreadable {
        let token = self.token();
        // A broken token has had its notice.
        if token.kind != TokenKind::Broken {
            let message = format!("expected {what}, found {}", token.describe(self.text));
            self.notices.error(codes::SYNTAX, token.span(), message);
        }
        Unreadable
    }

    /// An expression, up to a token that can't belong to it: a `,` outside of calls, a `|` or the end.
    pub(crate) fn expression(&mut self) -> Result<SyntaxId, Unreadable> {
        let mut stacks = Stacks::default();
        loop {
            self.operand(&mut stacks)?;
            if let Some(root) = self.after_operand(&mut stacks)? {
                return Ok(root);
            }
        }
    }

    /// Reads up to and with one operand; opening parentheses and signs before it are remembered.
    fn operand(&mut self, stacks: &mut Stacks) -> Result<(), Unreadable> {
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::OpenParen => {
                    self.advance();
                    stacks.frames.push(Open::Paren(token.span()));
                }
                TokenKind::Operator(Operator::Minus) => {
                    self.advance();
                    stacks.frames.push(Open::Operator(Pending::Negate, token.span().start));
                }
                TokenKind::Text => {
                    self.advance();
                    let text = lexer::unquote(self.text_of(token));
                    let literal = SyntaxKind::Literal(Datum::Text(text.into()));
                    stacks.operands.push(self.tree.push(literal, token.span()));
                    return Ok(());
                }
                TokenKind::Word
                    if self.peek(1).kind == TokenKind::OpenParen
                        && !is_joint(self.text_of(token)) =>
                {
                    self.advance();
                    self.advance();
                    let function = self.function(token);
                    let arguments = Vec::new();
                    stacks.frames.push(Open::Call { name: token.span(), function, arguments });
                    if self.token().kind == TokenKind::CloseParen {
                        return Ok(());
                    }
                }
                // `datetrunc(d, span="1d", offset="8h")`: the names say what the places say.
                TokenKind::Word
                    if self.peek(1).kind == TokenKind::Assign
                        && matches!(self.text_of(token), "span" | "offset")
                        && matches!(
                            stacks.frames.last(),
                            Some(Open::Call { function: Some(function), .. })
                                if function.name == "datetrunc"
                        ) =>
                {
                    self.advance();
                    self.advance();
                }
                TokenKind::Word => return self.word(token, stacks),
                _ => return Err(self.expected("a value")),
            }
        }
    }

    fn word(&mut self, token: Token, stacks: &mut Stacks) -> Result<(), Unreadable> {
        let word = self.text_of(token);
        if is_joint(word) {
            return Err(self.expected("a value"));
        }
        if word == "not" {
            let message =
                format!("expected `(` after `not`, found {}", self.peek(1).describe(self.text));
            self.notices.error_with_hint(
                codes::SYNTAX,
                token.span(),
                message,
                "`not` is a function: not(...)",
            );
            return Err(Unreadable);
        }
        self.advance();
        let kind = match word {
            "null" => SyntaxKind::Literal(Datum::Null),
            "true" => SyntaxKind::Literal(Datum::Bool(true)),
            "false" => SyntaxKind::Literal(Datum::Bool(false)),
            word => match Number::parse(word) {
                Some(Number::Long(number)) => {
                    let short = i32::try_from(number).map(Datum::Int);
                    SyntaxKind::Literal(short.unwrap_or(Datum::Long(number)))
                }
                Some(number) => SyntaxKind::Literal(number.into()),
                None => {
                    self.check_name(word, token);
                    SyntaxKind::Name(word.into())
                }
            },
        };
        stacks.operands.push(self.tree.push(kind, token.span()));
        Ok(())
    }

    /// A word that begins like a number is a name as well, but hardly meant as one.
    fn check_name(&mut self, word: &str, token: Token) {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            self.notices.warn(
                codes::ODD_NAME,
                token.span(),
                format!("`{}` is read as the name of a field", lexer::shorten(word)),
                "put it in double quotes if a text is meant",
            );
        }
    }

    /// Reads what follows an operand, up to where another one must follow. Gives the whole expression
    /// where it ends.
    fn after_operand(&mut self, stacks: &mut Stacks) -> Result<Option<SyntaxId>, Unreadable> {
        loop {
            let token = self.token();
            if let Some(operator) = self.operator(token) {
                self.reduce(stacks, operator.precedence());
                self.advance();
                stacks.frames.push(Open::Operator(operator, token.span().start));
                return Ok(None);
            }
            match token.kind {
                TokenKind::CloseParen => {
                    self.close(stacks, token)?;
                }
                TokenKind::Comma if stacks.is_open() => {
                    self.reduce(stacks, 0);
                    match (stacks.frames.last_mut(), stacks.operands.pop()) {
                        (Some(Open::Call { arguments, .. }), Some(argument)) => {
                            arguments.push(argument);
                        }
                        _ => return Err(self.expected("`)`")),
                    }
                    self.advance();
                    return Ok(None);
                }
                TokenKind::Pipe | TokenKind::End | TokenKind::Comma | TokenKind::CloseBracket => {
                    return self.finish(stacks).map(Some);
                }
                TokenKind::Assign => {
                    self.notices.error_with_hint(
                        codes::ASSIGNMENT,
                        token.span(),
                        "`=` assigns and can't compare",
                        "compare with ==",
                    );
                    return Err(Unreadable);
                }
                _ => return Err(self.expected_operator(token, stacks)),
            }
        }
    }

    fn expected_operator(&mut self, token: Token, stacks: &Stacks) -> Unreadable {
        let hint = match self.text_of(token) {
            "AND" | "And" => "`and` is written in lower case",
            "OR" | "Or" => "`or` is written in lower case",
            "like" | "LIKE" => "compare with a pattern: == \"*part*\"",
            "in" | "IN" => "`in` is a function: in(field, \"a\", \"b\")",
            _ => {
                return self.expected(if stacks.is_open() {
                    "an operator, `,` or `)`"
                } else {
                    "an operator or `|`"
                });
            }
        };
        let message = format!("expected an operator, found {}", token.describe(self.text));
        self.notices.error_with_hint(codes::SYNTAX, token.span(), message, hint);
        Unreadable
    }

    /// The operator that a token is, after an operand.
    fn operator(&self, token: Token) -> Option<Pending> {
        Some(match token.kind {
            TokenKind::Operator(operator) => Pending::Binary(match operator {
                Operator::Plus => Binary::Add,
                Operator::Minus => Binary::Subtract,
                Operator::Times => Binary::Multiply,
                Operator::Divide => Binary::Divide,
                Operator::Less => Binary::Less,
                Operator::AtMost => Binary::AtMost,
                Operator::More => Binary::More,
                Operator::AtLeast => Binary::AtLeast,
                Operator::Equal => Binary::Equal,
                Operator::Unequal => Binary::Unequal,
            }),
            TokenKind::Word => match self.text_of(token) {
                "and" => Pending::Joint(Joint::And),
                "or" => Pending::Joint(Joint::Or),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Closes the innermost parenthesis or call.
    fn close(&mut self, stacks: &mut Stacks, token: Token) -> Result<(), Unreadable> {
        self.reduce(stacks, 0);
        match stacks.frames.pop() {
            Some(Open::Paren(open)) => {
                self.advance();
                if let Some(node) = stacks.operands.last().and_then(|id| self.tree.node_mut(*id)) {
                    node.grouped = true;
                    node.span = open.start..token.span().end;
                }
            }
            Some(Open::Call { name, function, mut arguments }) => {
                // The call's last argument, if it has any: then an operand stands behind the opening.
                if self.previous() != TokenKind::OpenParen {
                    arguments.extend(stacks.operands.pop());
                }
                self.advance();
                let node = self.call(name, function, arguments, token.span().end);
                stacks.operands.push(node);
            }
            _ => {
                let message = "`)` closes nothing";
                self.notices.error(codes::SYNTAX, token.span(), message);
                return Err(Unreadable);
            }
        }
        Ok(())
    }

    /// The kind of the token before the position.
    fn previous(&self) -> TokenKind {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or(TokenKind::End, |token| token.kind)
    }
}

impl Stacks {
    /// Whether a parenthesis or call is open.
    fn is_open(&self) -> bool {
        // Operators lie between; there are at most a few of rising precedence, and signs.
        self.frames.iter().rev().any(|frame| !matches!(frame, Open::Operator(..)))
    }
}
