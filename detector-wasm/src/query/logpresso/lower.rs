//! In: trees. Out: clauses for what a search asks, steps for what the query computes.
//!
//! A comparison of a field with a literal becomes a clause on the field, wherever the two mean the same;
//! that is what lets records be passed over unread. Everything else becomes a computed value.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::codes;
use super::lexer::shorten;
use super::parser::Parser;
use super::patterns::pattern;
use super::scope::{Binding, Bound, Presence, Scope};
use super::syntax::{Binary, Joint, Kind, NodeId, Tree};
use crate::event::vocabulary::{Source, Vocabulary};
use crate::event::{FieldId, Fields};
use crate::pattern::Pattern;
use crate::query::Operand;
use crate::query::expression::functions::{Function, Prepared, Refusal, operators};
use crate::query::expression::{Call, Datum, ExpressionId, Expressions, Step};
use crate::query::nearest::nearest;
use crate::query::notice::Notice;
use crate::query::predicate::{self, Builder};
use crate::query::regex::Regex;
use crate::query::test::Test;
use crate::query::text_set::TextSet;

/// How many fields a query may name that the vocabulary doesn't have.
const MOST_FIELDS: usize = 1_000;

/// How many values a query may compute.
const MOST_STEPS: usize = 20_000;

/// How many steps all searches together may take for an event.
const MOST_WORK: usize = 200_000;

/// How many regular expressions a query may have; each takes memory.
const MOST_REGEXES: usize = 200;

/// How deep into a record's maps keys are watched for a second value, and along how many ways.
const WATCHED_DEPTH: usize = 32;
const WATCHED_WAYS: usize = 8;
const MOST_WATCHED: usize = 2_000;

/// The vocabulary's fields that hold maps.
const MAPS: [&str; 4] = ["user_identity", "req_params", "resp_params", "tls_details"];

/// A place in a record that a value may come from.
type Way = (FieldId, Vec<String>);

/// What has been compiled so far.
pub(crate) struct Lowering<'f> {
    fields: &'f mut Fields,
    pub(crate) scope: Scope,
    pub(crate) expressions: Expressions,
    pub(crate) builder: Builder,
    /// The step that reads a field.
    readers: HashMap<FieldId, ExpressionId>,
    /// Where a step's value may come from in the record.
    ways: HashMap<ExpressionId, Vec<Way>>,
    /// The names that aren't the vocabulary's.
    own_keys: HashSet<Box<str>>,
    watched: usize,
    work: usize,
    regexes: usize,
    /// The step that is null.
    null: Option<ExpressionId>,
    /// Steps that a clause has been made of.
    clauses: HashSet<ExpressionId>,
    pub(crate) is_full: bool,
}

/// What is still to be done for a value. Later ones first.
enum Todo {
    Visit(NodeId),
    /// Applies a function to so many of the values made last.
    Call(&'static Function, usize, NodeId),
    /// The same, with what is already prepared.
    Prepared(&'static Function, usize, Prepared),
}

/// What is still to be done for a truth.
enum TodoTruth {
    Visit(NodeId),
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
            ways: HashMap::new(),
            own_keys: HashSet::new(),
            watched: 0,
            work: 0,
            regexes: 0,
            null: None,
            clauses: HashSet::new(),
            is_full: false,
        }
    }

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
            warn_close(parser, name, span);
        }
        let bound = Bound::Field(self.field(parser, name));
        Binding { bound, presence: Presence::WithValue, unread: None }
    }

    /// The field of a name.
    fn field(&mut self, parser: &mut Parser<'_>, name: &str) -> FieldId {
        if Vocabulary::Logpresso.row(name).is_none() && !self.own_keys.contains(name) {
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
        let ways = self.ways_of(&arguments);
        let step = match crate::query::expression::functions::by_name("nvl") {
            Some(function) => self.push(Step::Call(Call {
                function,
                arguments: arguments.into(),
                prepared: Prepared::Nothing,
            })),
            None => self.null(),
        };
        self.ways.insert(step, ways);
        step
    }

    /// The truth of a node, as a search asks it.
    pub(crate) fn truth(&mut self, parser: &mut Parser<'_>, root: NodeId) -> predicate::NodeId {
        let mut todo = vec![TodoTruth::Visit(root)];
        let mut done: Vec<predicate::NodeId> = Vec::new();
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
                    Some(Kind::Joined(joint, members)) => {
                        todo.push(TodoTruth::Join(*joint, members.len()));
                        todo.extend(members.iter().rev().map(|member| TodoTruth::Visit(*member)));
                    }
                    Some(Kind::Call(function, arguments))
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
    fn leaf(&mut self, parser: &mut Parser<'_>, node: NodeId) -> predicate::NodeId {
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
    pub(crate) fn value(&mut self, parser: &mut Parser<'_>, root: NodeId) -> ExpressionId {
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
        node: NodeId,
        todo: &mut Vec<Todo>,
    ) -> Option<ExpressionId> {
        if let Some((field, test)) = self.field_test(parser, node) {
            return Some(self.push(Step::FieldTest(field, test)));
        }
        let Some(found) = parser.tree.node(node) else {
            return Some(self.null());
        };
        match &found.kind {
            Kind::Literal(datum) => {
                let datum = datum.clone();
                Some(self.push(Step::Constant(datum)))
            }
            Kind::Name(_) => {
                let bound = self.resolve(parser, node);
                Some(self.step_of(bound))
            }
            Kind::Broken => Some(self.null()),
            Kind::Negate(inner) => {
                todo.push(Todo::Call(&operators::NEGATE, 1, node));
                todo.push(Todo::Visit(*inner));
                None
            }
            Kind::Joined(joint, members) => {
                let function = match joint {
                    Joint::And => &operators::AND,
                    Joint::Or => &operators::OR,
                };
                todo.push(Todo::Call(function, members.len(), node));
                todo.extend(members.iter().rev().map(|member| Todo::Visit(*member)));
                None
            }
            Kind::Binary(operator, left, right) => {
                let (operator, left, right) = (*operator, *left, *right);
                self.binary(parser, operator, left, right, todo)
            }
            Kind::Call(function, arguments) => {
                let (function, arguments) = (*function, arguments.clone());
                match function.name {
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

    fn binary(
        &mut self,
        parser: &mut Parser<'_>,
        operator: Binary,
        left: NodeId,
        right: NodeId,
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
    fn field_test(&mut self, parser: &mut Parser<'_>, node: NodeId) -> Option<(FieldId, Test)> {
        let tree = &parser.tree;
        let (value, asked) = match &tree.node(node)?.kind {
            Kind::Binary(Binary::Equal, value, literal) => {
                (*value, Asked::Pattern(pattern(tree.text(*literal)?)))
            }
            Kind::Call(function, arguments) => match (function.name, arguments.as_slice()) {
                ("in", [value, members @ ..]) => {
                    let (texts, others) = members_of(tree, members);
                    (*value, if others.is_empty() { Asked::Texts(texts) } else { return None })
                }
                ("match", [value, expression]) => {
                    let text = tree.text(*expression)?;
                    if name_at(tree, *value).is_none() || self.regexes >= MOST_REGEXES {
                        return None;
                    }
                    self.regexes += 1;
                    (*value, Asked::Regex(Regex::new(text).ok()?))
                }
                _ => return None,
            },
            _ => return None,
        };
        let field = self.field_at(parser, value)?;
        Some((
            field,
            match asked {
                Asked::Pattern(pattern) => self.pattern_test(field, pattern),
                Asked::Texts(texts) => Test::In(texts),
                Asked::Regex(regex) => Test::Regex(regex),
            },
        ))
    }

    /// Applies a function; what it refuses is said where the argument stands.
    fn call(
        &mut self,
        parser: &mut Parser<'_>,
        function: &'static Function,
        arguments: &[ExpressionId],
        node: NodeId,
    ) -> ExpressionId {
        if function.name == "match" || function.name == "replace" && arguments.len() > 3 {
            self.regexes += 1;
            if self.regexes > MOST_REGEXES {
                let message = format!("the query has more than {MOST_REGEXES} regular expressions");
                self.full(parser, message);
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
            ("nvl", both) => self.ways_of(both),
            ("if" | "case", several) => self.ways_of(several),
            ("valueof", [container, key]) => self.member_ways(*container, *key),
            _ => Vec::new(),
        };
        if !ways.is_empty() {
            self.ways.insert(step, ways);
        }
        step
    }

    /// The ways to a member, which are watched for a key that stands twice.
    fn member_ways(&mut self, container: ExpressionId, key: ExpressionId) -> Vec<Way> {
        let mut ways = self.ways.get(&container).cloned().unwrap_or_default();
        match self.expressions.constant(key) {
            Some(Datum::Text(key)) => {
                for (_, path) in &mut ways {
                    path.push(key.to_string());
                }
            }
            // A place in a list; the way leads through it.
            Some(Datum::Long(_)) => return ways,
            _ => return Vec::new(),
        }
        ways.retain(|(_, path)| path.len() <= WATCHED_DEPTH);
        for (field, path) in &ways {
            if self.watched < MOST_WATCHED {
                self.watched += 1;
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                self.fields.watch_member(*field, &path);
            }
        }
        ways
    }

    /// All ways to any of the steps.
    fn ways_of(&self, steps: &[ExpressionId]) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for way in steps.iter().filter_map(|step| self.ways.get(step)).flatten() {
            if ways.len() < WATCHED_WAYS && !ways.contains(way) {
                ways.push(way.clone());
            }
        }
        ways
    }

    /// The field that a node names.
    fn field_at(&mut self, parser: &mut Parser<'_>, node: NodeId) -> Option<FieldId> {
        name_at(&parser.tree, node)?;
        match self.resolve(parser, node) {
            Bound::Field(field) => Some(field),
            Bound::Step(_) => None,
        }
    }

    /// The test that asks whether a field fits. What holds a map may be looked into.
    fn pattern_test(&self, field: FieldId, pattern: Pattern) -> Test {
        let plain = self.fields.get(field).is_some_and(|field| {
            Vocabulary::Logpresso.row(&field.name).is_some() && !MAPS.contains(&field.name.as_str())
        });
        if plain || pattern.literal().is_some() {
            Test::Text(pattern)
        } else {
            Test::Shown(pattern)
        }
    }

    fn step_of(&mut self, bound: Bound) -> ExpressionId {
        match bound {
            Bound::Field(field) => self.reader(field),
            Bound::Step(step) => step,
        }
    }

    fn reader(&mut self, field: FieldId) -> ExpressionId {
        if let Some(step) = self.readers.get(&field) {
            return *step;
        }
        let step = self.push(Step::Field(field));
        self.readers.insert(field, step);
        self.ways.insert(step, vec![(field, Vec::new())]);
        step
    }

    fn null(&mut self) -> ExpressionId {
        *self.null.get_or_insert_with(|| self.expressions.push(Step::Constant(Datum::Null)))
    }

    fn push(&mut self, step: Step) -> ExpressionId {
        self.expressions.push(step)
    }

    /// Says once that the query is too large.
    fn full(&mut self, parser: &mut Parser<'_>, message: String) {
        if !std::mem::replace(&mut self.is_full, true) {
            let span = 0..parser.text.len();
            parser.notices.error_with_hint(codes::TOO_LARGE, span, message, "split the rule");
        }
    }
}

/// What a clause asks of a field.
enum Asked {
    Pattern(Pattern),
    Texts(TextSet),
    Regex(Regex),
}

/// `in(value, ...)`: the text literals become one set.
fn membership(
    tree: &Tree,
    function: &'static Function,
    arguments: &[NodeId],
    todo: &mut Vec<Todo>,
) {
    let Some((value, members)) = arguments.split_first() else { return };
    let (texts, others) = members_of(tree, members);
    todo.push(Todo::Prepared(function, 1 + others.len(), Prepared::Texts(texts)));
    todo.extend(others.iter().rev().map(|other| Todo::Visit(*other)));
    todo.push(Todo::Visit(*value));
}

/// The text literals among some nodes, and the other nodes.
fn members_of(tree: &Tree, members: &[NodeId]) -> (TextSet, Vec<NodeId>) {
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

/// The name that stands at a node.
fn name_at(tree: &Tree, node: NodeId) -> Option<Box<str>> {
    match tree.node(node).map(|node| &node.kind) {
        Some(Kind::Name(name)) => Some(name.clone()),
        _ => None,
    }
}

fn refuse(parser: &mut Parser<'_>, node: NodeId, refusal: Refusal) {
    let argument = match parser.tree.node(node).map(|node| &node.kind) {
        Some(Kind::Call(_, arguments)) => arguments.get(refusal.argument).copied(),
        _ => None,
    };
    let span = parser.tree.span(argument.unwrap_or(node));
    let notice = Notice::error(refusal.code, span, refusal.message);
    parser.notices.push(Notice { hint: refusal.hint, ..notice });
}

/// Warns of comparisons that don't mean what they seem to.
fn warn_equality(parser: &mut Parser<'_>, left: NodeId, right: NodeId) {
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

/// Warns of a name that is nearly one of the vocabulary's.
fn warn_close(parser: &mut Parser<'_>, name: &str, span: Range<usize>) {
    let rows = Vocabulary::Logpresso.rows();
    let own_key = |source| match source {
        Source::Path(path) => path == name || path.split('.').next() == Some(name),
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
