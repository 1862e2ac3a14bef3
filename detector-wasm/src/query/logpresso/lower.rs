//! In: trees. Out: clauses for what a search asks, steps for what the query computes.
//!
//! A comparison of a field with a literal becomes a clause on the field, wherever the two mean the same;
//! that is what lets records be passed over unread. Everything else becomes a computed value.

mod calls;

use std::collections::{HashMap, HashSet};

use super::codes;
use super::functions::operators;
use super::lexer::shorten;
use super::parser::Parser;
use super::patterns::pattern;
use super::scope::Scope;
use super::source_paths::SourcePath;
use super::syntax::{Binary, Joint, SyntaxId, SyntaxKind, Tree};
use crate::event::vocabulary::Vocabulary;
use crate::event::{FieldId, Fields};
use crate::pattern::Pattern;
use crate::query::Operand;
use crate::query::expression::function::{Function, Prepared};
use crate::query::expression::{Call, Datum, ExpressionId, Expressions, Step};
use crate::query::predicate::{self, Builder};
use crate::query::regex::{Flavour, Regex};
use crate::query::test::Test;
use calls::{members_of, membership, warn_equality};

/// How many fields a query may name that the vocabulary doesn't have.
pub(super) const MOST_FIELDS: usize = 1_000;

/// How many values a query may compute.
const MOST_STEPS: usize = 20_000;

/// How many steps all searches together may take for an event.
const MOST_WORK: usize = 200_000;

/// How many regular expressions a query may have; each takes memory.
pub(super) const MOST_REGEXES: usize = 200;

/// What has been compiled so far.
pub(crate) struct Lowering<'f> {
    pub(super) fields: &'f mut Fields,
    pub(crate) scope: Scope,
    pub(crate) expressions: Expressions,
    pub(crate) builder: Builder,
    /// The step that reads a field.
    pub(super) readers: HashMap<FieldId, ExpressionId>,
    /// Where a step's value may come from in the record.
    pub(super) source_paths: HashMap<ExpressionId, Vec<SourcePath>>,
    /// The names that aren't the vocabulary's.
    pub(super) own_keys: HashSet<Box<str>>,
    pub(super) watched: usize,
    work: usize,
    pub(super) regexes: usize,
    /// What `set` and `evalc` have given names so far.
    pub(crate) parameters: HashMap<Box<str>, ExpressionId>,
    /// The names that `evalc` gives a value somewhere.
    pub(crate) later_parameters: HashSet<Box<str>>,
    /// The step that is null.
    null: Option<ExpressionId>,
    /// Steps that a clause has been made of.
    clauses: HashSet<ExpressionId>,
    pub(crate) is_full: bool,
}

/// What is still to be done for a value. Later ones first.
enum Todo {
    Visit(SyntaxId),
    /// Applies a function to so many of the values made last.
    Call(&'static Function, usize, SyntaxId),
    /// The same, with what is already prepared.
    Prepared(&'static Function, usize, Prepared),
}

/// What is still to be done for a truth.
enum TodoTruth {
    Visit(SyntaxId),
    Not,
    Join(Joint, usize),
}

impl<'f> Lowering<'f> {
    pub(crate) fn new(fields: &'f mut Fields) -> Lowering<'f> {
        Lowering {
            fields,
            scope: Scope::default(),
            expressions: Expressions::default(),
            builder: Builder::default(),
            readers: HashMap::new(),
            source_paths: HashMap::new(),
            own_keys: HashSet::new(),
            watched: 0,
            work: 0,
            regexes: 0,
            parameters: HashMap::new(),
            later_parameters: HashSet::new(),
            null: None,
            clauses: HashSet::new(),
            is_full: false,
        }
    }

    /// The truth of a node, as a search asks it.
    pub(crate) fn truth(&mut self, parser: &mut Parser<'_>, root: SyntaxId) -> predicate::ClauseId {
        let mut todo = vec![TodoTruth::Visit(root)];
        let mut done: Vec<predicate::ClauseId> = Vec::new();
        while let Some(next) = todo.pop() {
            match next {
                TodoTruth::Not => {
                    if let Some(inner) = done.pop() {
                        done.push(self.builder.not(inner));
                    }
                }
                TodoTruth::Join(joint, count) => {
                    let members = done.split_off(done.len().saturating_sub(count));
                    done.push(match joint {
                        Joint::And => self.builder.all(members),
                        Joint::Or => self.builder.any(members),
                    });
                }
                TodoTruth::Visit(node) => match parser.tree.node(node).map(|node| &node.kind) {
                    Some(SyntaxKind::Joined(joint, members)) => {
                        todo.push(TodoTruth::Join(*joint, members.len()));
                        todo.extend(members.iter().rev().map(|member| TodoTruth::Visit(*member)));
                    }
                    Some(SyntaxKind::Call(function, arguments))
                        if function.name == "not" && parser.tree.decides(node) =>
                    {
                        todo.push(TodoTruth::Not);
                        todo.extend(arguments.first().map(|inner| TodoTruth::Visit(*inner)));
                    }
                    _ => {
                        let leaf = self.leaf(parser, node);
                        done.push(leaf);
                    }
                },
            }
        }
        done.pop().unwrap_or_else(|| self.builder.constant(false))
    }

    /// A clause, or a constant.
    fn leaf(&mut self, parser: &mut Parser<'_>, node: SyntaxId) -> predicate::ClauseId {
        let span = parser.tree.span(node);
        if let Some((field, test)) = self.field_test(parser, node) {
            return self.builder.clause(Operand::Field(field), test, span);
        }
        let step = self.value(parser, node);
        match self.expressions.step(step) {
            // A named truth becomes a clause once; later ones share the step instead of copying it.
            Some(Step::FieldTest(field, test)) if self.clauses.insert(step) => {
                self.builder.clause(Operand::Field(*field), test.clone(), span)
            }
            Some(Step::Constant(datum)) => {
                let truth = datum.is_truthy();
                if parser.tree.literal(node).is_some() {
                    let (code, word) =
                        if truth { (codes::ALWAYS, "always") } else { (codes::NEVER, "never") };
                    let message = format!("this condition {word} holds");
                    parser.notices.warn(code, span, message, "compare it with a field");
                }
                self.builder.constant(truth)
            }
            _ => {
                // Planning is work as well, so none is done once there is too much of it.
                if !self.is_full {
                    self.work = self.work.saturating_add(self.expressions.plan(step));
                }
                if self.work > MOST_WORK {
                    self.full(
                        parser,
                        format!("the searches take more than {MOST_WORK} steps an event"),
                    );
                }
                self.builder.clause(Operand::Expression(step), Test::Truth, span)
            }
        }
    }

    /// The value of a node, as a step.
    pub(crate) fn value(&mut self, parser: &mut Parser<'_>, root: SyntaxId) -> ExpressionId {
        let mut todo = vec![Todo::Visit(root)];
        let mut done: Vec<ExpressionId> = Vec::new();
        while let Some(next) = todo.pop() {
            if self.expressions.len() > MOST_STEPS {
                self.full(parser, format!("the query computes more than {MOST_STEPS} values"));
                break;
            }
            match next {
                Todo::Visit(node) => {
                    if let Some(step) = self.visit(parser, node, &mut todo) {
                        done.push(step);
                    }
                }
                Todo::Call(function, count, node) => {
                    let arguments = done.split_off(done.len().saturating_sub(count));
                    done.push(self.call(parser, function, &arguments, node));
                }
                Todo::Prepared(function, count, prepared) => {
                    let arguments = done.split_off(done.len().saturating_sub(count)).into();
                    done.push(self.push(Step::Call(Call { function, arguments, prepared })));
                }
            }
        }
        done.pop().unwrap_or_else(|| self.null())
    }

    /// The step of a node, or what must be done to get it.
    fn visit(
        &mut self,
        parser: &mut Parser<'_>,
        node: SyntaxId,
        todo: &mut Vec<Todo>,
    ) -> Option<ExpressionId> {
        if let Some((field, test)) = self.field_test(parser, node) {
            return Some(self.push(Step::FieldTest(field, test)));
        }
        let Some(found) = parser.tree.node(node) else {
            return Some(self.null());
        };
        match &found.kind {
            SyntaxKind::Literal(datum) => {
                let datum = datum.clone();
                Some(self.push(Step::Constant(datum)))
            }
            SyntaxKind::Name(_) => {
                let bound = self.resolve(parser, node);
                Some(self.step_of(bound))
            }
            SyntaxKind::Broken => Some(self.null()),
            SyntaxKind::Negate(inner) => {
                todo.push(Todo::Call(&operators::NEGATE, 1, node));
                todo.push(Todo::Visit(*inner));
                None
            }
            SyntaxKind::Joined(joint, members) => {
                let function = match joint {
                    Joint::And => &operators::AND,
                    Joint::Or => &operators::OR,
                };
                todo.push(Todo::Call(function, members.len(), node));
                todo.extend(members.iter().rev().map(|member| Todo::Visit(*member)));
                None
            }
            SyntaxKind::Binary(operator, left, right) => {
                let (operator, left, right) = (*operator, *left, *right);
                self.binary(parser, operator, left, right, todo)
            }
            SyntaxKind::Call(function, arguments) => {
                let (function, arguments) = (*function, arguments.clone());
                match function.name {
                    "$" => return self.parameter(parser, node, &arguments, todo),
                    "in" => membership(&parser.tree, function, &arguments, todo),
                    _ => {
                        todo.push(Todo::Call(function, arguments.len(), node));
                        todo.extend(arguments.iter().rev().map(|argument| Todo::Visit(*argument)));
                    }
                }
                None
            }
        }
    }

    /// `$("name")`: what `set` or `evalc` has given the name, else the default.
    fn parameter(
        &mut self,
        parser: &mut Parser<'_>,
        node: SyntaxId,
        arguments: &[SyntaxId],
        todo: &mut Vec<Todo>,
    ) -> Option<ExpressionId> {
        let span = parser.tree.span(node);
        let Some(name) = arguments.first().and_then(|name| parser.tree.text(*name)) else {
            let message = "the name in `$()` must be a text in quotes, written in the query";
            parser.notices.error("logpresso-literal-needed", span, message);
            return Some(self.null());
        };
        if let Some(step) = self.parameters.get(name) {
            return Some(*step);
        }
        if self.later_parameters.contains(name) {
            let message =
                format!("`{}` has no value yet, only that of the record before", shorten(name));
            let hint = "a rule looks at one record at a time; set it first";
            parser.notices.error_with_hint(codes::UNSUPPORTED, span, message, hint);
            return Some(self.null());
        }
        match arguments.get(1) {
            Some(default) => {
                todo.push(Todo::Visit(*default));
                None
            }
            None => {
                let message = format!("`{}` is never set, so this is null", shorten(name));
                parser.notices.warn(codes::NEVER, span, message, "set it before: set NAME = ...");
                Some(self.null())
            }
        }
    }

    fn binary(
        &mut self,
        parser: &mut Parser<'_>,
        operator: Binary,
        left: SyntaxId,
        right: SyntaxId,
        todo: &mut Vec<Todo>,
    ) -> Option<ExpressionId> {
        let equality = matches!(operator, Binary::Equal | Binary::Unequal);
        if equality {
            warn_equality(parser, left, right);
        }
        let literal = if equality { parser.tree.text(right).map(pattern) } else { None };
        if let Some(pattern) = literal {
            let positive = operator == Binary::Equal;
            if !positive && let Some(field) = self.field_at(parser, left) {
                let test = self.pattern_test(field, pattern);
                let arguments =
                    [self.reader(field), self.push(Step::FieldTest(field, test))].into();
                let function = &operators::UNLESS;
                let prepared = Prepared::Nothing;
                return Some(self.push(Step::Call(Call { function, arguments, prepared })));
            }
            let function = if positive { &operators::FITS } else { &operators::DIFFERS };
            todo.push(Todo::Prepared(function, 1, Prepared::Pattern(pattern)));
            todo.push(Todo::Visit(left));
            return None;
        }
        let function = match operator {
            Binary::Add => &operators::ADD,
            Binary::Subtract => &operators::SUBTRACT,
            Binary::Multiply => &operators::MULTIPLY,
            Binary::Divide => &operators::DIVIDE,
            Binary::Less => &operators::LESS,
            Binary::AtMost => &operators::AT_MOST,
            Binary::More => &operators::MORE,
            Binary::AtLeast => &operators::AT_LEAST,
            Binary::Equal => &operators::EQUAL,
            Binary::Unequal => &operators::UNEQUAL,
        };
        todo.push(Todo::Call(function, 2, left));
        todo.push(Todo::Visit(right));
        todo.push(Todo::Visit(left));
        None
    }

    /// The clause that a node is, if it asks one field for something that is written in the query.
    fn field_test(&mut self, parser: &mut Parser<'_>, node: SyntaxId) -> Option<(FieldId, Test)> {
        let asked = asked(&parser.tree, node)?;
        let field = self.field_at(parser, asked)?;
        let tree = &parser.tree;
        let test = match &tree.node(node)?.kind {
            SyntaxKind::Binary(_, _, literal) => {
                self.pattern_test(field, pattern(tree.text(*literal)?))
            }
            SyntaxKind::Call(function, arguments) if function.name == "in" => {
                Test::In(members_of(tree, arguments.get(1..)?).0)
            }
            SyntaxKind::Call(_, arguments) => {
                // An engine in the third place is looked at where the call is compiled.
                if arguments.len() > 2 {
                    return None;
                }
                let text = tree.text(*arguments.get(1)?)?;
                let regex = Regex::new(text, Flavour::Java, "").ok()?;
                self.regexes += 1;
                Test::Regex(regex)
            }
            _ => return None,
        };
        if self.regexes > MOST_REGEXES {
            self.too_many_regexes(parser);
            return None;
        }
        Some((field, test))
    }

    pub(super) fn too_many_regexes(&mut self, parser: &mut Parser<'_>) {
        let message = format!("the query has more than {MOST_REGEXES} regular expressions");
        self.full(parser, message);
    }

    /// The test that asks whether a field fits. What holds a map may be looked into.
    fn pattern_test(&self, field: FieldId, pattern: Pattern) -> Test {
        let plain = self.fields.get(field).is_some_and(|field| {
            let mapping = self.fields.mappings().of(Vocabulary::Logpresso);
            mapping.row(&field.name).is_some() && !mapping.maps.contains(&field.name.as_str())
        });
        if plain || pattern.literal().is_some() {
            Test::Text(pattern)
        } else {
            Test::Shown(pattern)
        }
    }

    pub(super) fn null(&mut self) -> ExpressionId {
        *self.null.get_or_insert_with(|| self.expressions.push(Step::Constant(Datum::Null)))
    }

    pub(super) fn push(&mut self, step: Step) -> ExpressionId {
        self.expressions.push(step)
    }

    /// Says once that the query is too large.
    pub(super) fn full(&mut self, parser: &mut Parser<'_>, message: String) {
        if !std::mem::replace(&mut self.is_full, true) {
            let span = 0..parser.text.len();
            parser.notices.error_with_hint(codes::TOO_LARGE, span, message, "split the rule");
        }
    }
}

/// The value that a node asks for something that is written in the query: `==` with a text, `in` with
/// texts alone, `match`.
fn asked(tree: &Tree, node: SyntaxId) -> Option<SyntaxId> {
    let is_text = |node: &SyntaxId| tree.text(*node).is_some();
    match &tree.node(node)?.kind {
        SyntaxKind::Binary(Binary::Equal, value, literal) if is_text(literal) => Some(*value),
        SyntaxKind::Call(function, arguments) => {
            let (value, others) = arguments.split_first()?;
            let asks = matches!(function.name, "in" | "match") && others.iter().all(is_text);
            asks.then_some(*value)
        }
        _ => None,
    }
}
